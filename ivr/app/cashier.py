"""The cashier: charges cards exactly once, keeping the ledger before and after each word to the gateway.

The order's id is the gateway's key. A keyed card is nowhere but in memory, between the caller's yes and
the gateway's answer; so a payment that is taken up again, after a kill, is never sent again: the gateway
is asked what it holds under the key, captures what is reserved, and has a key that never arrived voided,
so that it cannot arrive any more. What needs no card (one on file, a refund) is sent again under its key.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime
from typing import Any, TypeVar

from ivr.app.desk import Desk, DeskInCall
from ivr.app.orderbook import OrderBook
from ivr.app.rounds import rounds
from ivr.model.errors import PortError, PortTimeout
from ivr.model.values import Money
from ivr.ports.cashier import CHARGE, DESK, KEEP, REFUND, VOID, WAIT_MS, Paid
from ivr.ports.ledger import Booked, OrderLedger, OrderRecord
from ivr.ports.orders import Authorised, Order, OrderState, ReadBack
from ivr.ports.payments import Card, MerchantOrder, Payment, Payments, PaymentState

PAYMENT = "payment"
"""The kind of order that a refund gives back from."""
ROUND_S = 2.0
"""How often the ledger is looked through for what is due."""
STOP_S = 10.0
"""How long a stop waits for the gateway's answers."""


class Cashier:
    """Implements the Cashier port over an order book and a gateway.

    The gateway must answer within a budget well below the lease of an order; `desk` is where orders are
    carried out (in the simulator: in the call's own time).
    """

    def __init__(self, book: OrderBook, gateway: Payments, desk: type[Desk] = Desk) -> None:
        self._book = book
        self._gateway = gateway
        self._desk = desk(DESK, book, self._carry)
        self._cards: dict[str, Card] = {}
        self._authorising: set[asyncio.Task[None]] = set()

    async def merchant_order(self, number: str) -> MerchantOrder | None:
        """Return what is to be paid under a merchant's order number."""
        return await self._gateway.merchant_order(number)

    async def pay(self, order: str, digest: str, at: datetime, card: Card) -> Order:
        """Authorise a read-back with a keyed card, which is copied at once."""
        return await self._started(order, digest, at, _copied(card))

    async def confirm(self, order: str, digest: str, at: datetime) -> Order:
        """Authorise a read-back that needs no card."""
        return await self._started(order, digest, at, None)

    async def settle(self, order: str, wait_ms: int) -> Order:
        """Return what has become of an order, as soon as anything has."""
        return (await self._desk.wait(order, wait_ms)).order

    async def find(self, customer: str, reference: str) -> Paid | None:
        """Return a customer's own payment, if there is something to give back."""
        record = await self._book.find(customer, reference, PAYMENT)
        if record is None or record.state is not OrderState.POSTED:
            return None
        held = await self._gateway.query(record.draft.id)
        if held is None or held.state is not PaymentState.CAPTURED:
            return None
        left = Money(held.amount.minor - held.refunded.minor, held.amount.currency)
        return Paid(held.key, held.amount, left, held.brand, held.tail) if left.minor else None

    async def catch_up(self) -> None:
        """Take up what is due. Raises PortError."""
        await self._desk.finish()
        await self._desk.catch_up()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Work in the background, and let what was sent come to its end."""
        async with rounds(ROUND_S, self._desk.catch_up):
            yield
        await self._desk.stop(STOP_S)
        for card in self._cards.values():
            _wipe(card)

    async def _started(self, order: str, digest: str, at: datetime, card: Card | None) -> Order:
        """Authorise, and begin. Whoever stops waiting does not stop it."""
        task = asyncio.create_task(self._authorise(order, digest, at, card))
        self._authorising.add(task)
        task.add_done_callback(self._authorising.discard)
        await asyncio.shield(task)
        return await self.settle(order, WAIT_MS)

    async def _authorise(self, order: str, digest: str, at: datetime, card: Card | None) -> None:
        agreed = False
        try:
            agreed = await self._agreed(order, digest, at)
        finally:
            if not agreed:
                _wipe(card)
        if agreed:
            if card is not None:
                self._cards[order] = card
            self._desk.begin(order)

    async def _agreed(self, order: str, digest: str, at: datetime) -> bool:
        try:
            return await self._book.authorise(order, digest, at, ()) is Authorised.YES
        except PortError as error:
            # It may be on the disk all the same. What can be taken back surely is not.
            try:
                await self._book.cancel(order, "the ledger did not answer in time")
                record = await self._desk.record(order)
            except PortError:
                raise PortTimeout("payments", WAIT_MS) from error
            if record.state is OrderState.CANCELLED:
                raise
            return True

    async def _carry(self, record: OrderRecord) -> None:
        """Carry an order out at the gateway, and write down what came of it."""
        order = record.draft.id
        card = self._cards.pop(order, None)
        try:
            payment = await self._outcome(record, card)
        except _Unclear as unclear:
            await self._book.lost(order, str(unclear))
            return
        finally:
            _wipe(card)
        if payment.state is PaymentState.DECLINED:
            await self._book.refused(order, payment.decline.value)
        elif payment.state is PaymentState.VOIDED:
            await self._book.refused(order, VOID)
        else:
            facts = {"brand": payment.brand, "tail": payment.tail, "token": payment.token}
            booked = Booked(payment.reference, payment.amount, facts=facts)
            await self._book.done(order, booked)

    async def _outcome(self, record: OrderRecord, card: Card | None) -> Payment:
        """Return what came of an order: sent now, or asked about if it may have been sent before."""
        order = record.draft.id
        payment = None
        if not record.attempts and (card is not None or _sent_again(record)):
            try:
                payment = await self._sent(record, card)
            except _Unclear:
                _wipe(card)  # whatever it was, the card is not sent a second time
        payment = payment or await self._looked_up(record)
        if payment.state is not PaymentState.AUTHORISED:
            return payment
        try:
            return await _clear(order, self._gateway.capture(order))
        except _Unclear:
            # It may have been done all the same; perhaps the gateway can tell already.
            held = await _clear(order, self._gateway.query(order))
            if held is None or held.state is PaymentState.AUTHORISED:
                raise
            return held

    async def _looked_up(self, record: OrderRecord) -> Payment:
        """Return what the gateway holds. What never arrived is sent again where no card is needed for
        it, and else kept from arriving."""
        order = record.draft.id
        held = await _clear(order, self._gateway.query(order))
        if held is not None:
            return held
        if _sent_again(record):
            return await self._sent(record, None)
        return await _clear(order, self._gateway.void(order))

    async def _sent(self, record: OrderRecord, card: Card | None) -> Payment:
        """Have the gateway do it; before, it is written down that it is sent."""
        order, said = record.draft.id, _said(record)
        task, amount = said.task, said.amount
        await self._book.sent(order)
        if task.operation == REFUND:
            reference = await self._own_payment(record, str(task.arguments["payment"]))
            return await _clear(order, self._gateway.refund(order, reference, amount))
        if card is not None and task.operation == KEEP:
            return await _clear(order, self._gateway.tokenise(order, card))
        number, token = str(task.arguments["order"]), str(task.arguments["token"])
        months = int(str(task.arguments["months"]))
        if card is not None:
            asked = self._gateway.authorise(order, number, amount, card, months)
        else:
            asked = self._gateway.authorise_token(order, number, amount, token, months)
        return await _clear(order, asked)

    async def _own_payment(self, record: OrderRecord, payment: str) -> str:
        """Return the gateway's reference of the same customer's payment; empty for any other."""
        paid = await self._book.record(payment)
        if paid is None or paid.booked is None or paid.draft.customer != record.draft.customer:
            return ""
        return paid.booked.reference


def cashiers(
    ledger: OrderLedger,
) -> Callable[[Mapping[str, Any]], AbstractAsyncContextManager[Cashier]]:
    """Return what makes the cashier of a simulated call: of its ports, in its time."""

    @asynccontextmanager
    async def make(ports: Mapping[str, Any]) -> AsyncIterator[Cashier]:
        cashier = Cashier(OrderBook(ledger, ports["clock"]), ports["gateway"], DeskInCall)
        yield cashier
        await cashier.catch_up()

    return make


class _Unclear(Exception):
    """The gateway has not said what came of an order: why not."""


P = TypeVar("P", bound=Payment | None)


async def _clear(order: str, asked: Awaitable[P]) -> P:
    """Return the gateway's answer about an order. Raises _Unclear when there is none."""
    try:
        answer = await asked
    except PortError as error:
        raise _Unclear(error.problem) from error
    if answer is not None and answer.key != order:
        raise _Unclear("the gateway answered about another payment")
    return answer


def _sent_again(record: OrderRecord) -> bool:
    """Whether an order can be sent without a keyed card, and so again."""
    task = _said(record).task
    return task.operation == REFUND or (task.operation == CHARGE and bool(task.arguments["token"]))


def _said(record: OrderRecord) -> ReadBack:
    if record.said is None:
        raise ValueError(f"order {record.draft.id} was never read back")
    return record.said


def _copied(card: Card) -> Card:
    return Card(card.pan.twin(), card.expiry.twin(), card.cvv.twin())


def _wipe(card: Card | None) -> None:
    if card is not None:
        for secret in (card.pan, card.expiry, card.cvv):
            secret.wipe()
