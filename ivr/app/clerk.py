"""The clerk: takes orders down for steps, posts them at the bank, and tells customers what came of them.

Posting is not the call's work: it begins when an order is authorised, goes on when the caller hangs
up, and is taken up again after a kill.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime, timedelta
from typing import Any, TypeVar

from ivr.app.desk import Desk, DeskInCall
from ivr.app.orderbook import OrderBook
from ivr.app.outbox import Outbox
from ivr.app.rounds import rounds
from ivr.centre.ledger.chain import LawBroken
from ivr.model.errors import PortError
from ivr.ports.ledger import Booked, OrderLedger, OrderRecord
from ivr.ports.notify import Notify
from ivr.ports.orders import Allowance, Authorised, Draft, Order, ReadBack
from ivr.ports.posting import Posted, Posting, Postings, Reason

DESK = "clerk"
ROUND_S = 2.0
"""How often the ledger is looked through for what is due."""
FORSAKEN = timedelta(hours=2)
"""Longer than any call: whoever has not authorised by then does not come back."""
STOP_S = 10.0
"""How long a stop waits for the bank's answers to what is being posted."""


class Clerk:
    """Implements the Orders port over an order book, the bank and Notify.

    The bank must answer within a budget that is well below the lease of an order; `desk` is where
    orders are carried out (in the simulator: in the call's own time).
    """

    def __init__(
        self, book: OrderBook, bank: Postings, notify: Notify, desk: type[Desk] = Desk
    ) -> None:
        self._book = book
        self._bank = bank
        self._desk = desk(DESK, book, self._carry)
        self._outbox = Outbox(book, notify)
        self._authorising: set[asyncio.Task[Authorised]] = set()

    async def draft(self, draft: Draft) -> Order:
        """Begin an order, or return the one of this id as it stands."""
        return (await self._book.begin(draft)).order

    async def read_back(self, said: ReadBack) -> None:
        """Freeze an order as it is read back. Raises PortError when it is authorised or over."""
        try:
            await self._book.freeze(said)
        except LawBroken as error:
            raise PortError("orders", str(error)) from error

    async def authorise(
        self, order: str, digest: str, at: datetime, limits: tuple[Allowance, ...]
    ) -> Authorised:
        """Authorise a read-back, and begin to post it.

        Whoever stops waiting does not stop it: what is written is posted.
        """
        task = asyncio.create_task(self._authorise(order, digest, at, limits))
        self._authorising.add(task)
        task.add_done_callback(self._authorising.discard)
        return await asyncio.shield(task)

    async def settle(self, order: str, wait_ms: int) -> Order:
        """Return what has become of an order, as soon as anything has."""
        return (await self._desk.wait(order, wait_ms)).order

    async def cancel(self, order: str) -> None:
        """Take back an order that is not authorised."""
        await self._book.cancel(order, "the caller left it")

    async def find(self, customer: str, reference: str, kind: str) -> Order | None:
        """Return a customer's binding order."""
        found = await self._book.find(customer, reference, kind)
        return found.order if found else None

    async def catch_up(self) -> None:
        """Take up what is due: postings, and what customers are to be told. Raises PortError."""
        await self._desk.finish()
        await self._desk.catch_up()
        await self._outbox.catch_up()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Work in the background, and let what is being posted come to its end."""
        try:
            async with rounds(ROUND_S, self._desk.catch_up, self._outbox.catch_up, self._tidy):
                yield
        finally:
            if self._authorising:
                await asyncio.wait(self._authorising)
            await self._desk.stop(STOP_S)

    async def _authorise(
        self, order: str, digest: str, at: datetime, limits: tuple[Allowance, ...]
    ) -> Authorised:
        answer = await self._book.authorise(order, digest, at, limits)
        if answer is Authorised.YES:
            self._desk.begin(order)
        return answer

    async def _tidy(self) -> None:
        await self._book.cancel_forsaken(FORSAKEN)

    async def _carry(self, record: OrderRecord) -> None:
        """Carry an order out at the bank, and write down what came of it."""
        order = record.draft.id
        try:
            posted = await self._outcome(record)
        except _Unclear as unclear:
            await self._book.lost(order, str(unclear))
            return
        if posted.reason is Reason.NONE:
            booked = Booked(posted.reference, posted.amount, posted.fee, posted.day)
            await self._book.done(order, booked)
        else:
            await self._book.refused(order, posted.reason.value)

    async def _outcome(self, record: OrderRecord) -> Posted:
        """Post an order, and return what came of it; one handed over before is asked about first.

        The bank may know nothing of a posting that is still on its way. It is posted again then,
        under the same key: whichever comes second is answered as the first was, and moves nothing.
        """
        order = record.draft.id
        known = await self._query(order) if record.attempts else None
        if known is not None:
            return known
        posting = _posting(await self._book.sent(order))
        try:
            return await _clear(order, self._bank.post(posting))
        except _Unclear:
            # It may have been done all the same; perhaps the bank knows already.
            known = await self._query(order)
            if known is None:
                raise
            return known

    async def _query(self, order: str) -> Posted | None:
        return await _clear(order, self._bank.query(order))


def clerks(
    ledger: OrderLedger,
) -> Callable[[Mapping[str, Any]], AbstractAsyncContextManager[Clerk]]:
    """Return what makes the clerk of a simulated call: of its ports, in its time."""

    @asynccontextmanager
    async def make(ports: Mapping[str, Any]) -> AsyncIterator[Clerk]:
        book = OrderBook(ledger, ports["clock"])
        clerk = Clerk(book, ports["bank"], ports["notify"], DeskInCall)
        yield clerk
        await clerk.catch_up()

    return make


class _Unclear(Exception):
    """The bank has not said what came of an order: why not."""


P = TypeVar("P", bound=Posted | None)


async def _clear(order: str, asked: Awaitable[P]) -> P:
    """Return the bank's answer about an order. Raises _Unclear when there is none."""
    try:
        answer = await asked
    except PortError as error:
        raise _Unclear(error.problem) from error
    if answer is not None and answer.key != order:
        raise _Unclear("the bank answered about another posting")
    return answer


def _posting(record: OrderRecord) -> Posting:
    said, draft = record.said, record.draft
    if said is None or record.authorised_at is None:
        raise ValueError(f"order {draft.id} is not authorised")
    return Posting(
        key=draft.id,
        operation=said.task.operation,
        customer=draft.customer,
        arguments=said.task.arguments,
        digest=said.digest,
        at=record.authorised_at,
    )
