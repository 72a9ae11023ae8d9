"""The book of orders: the law of `ivr.centre.ledger` over a ledger, with the numbers it hands out."""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from ivr.centre.ledger import decisions
from ivr.centre.ledger.decisions import Author, Receipt
from ivr.centre.ledger.receipts import receipt
from ivr.centre.ledger.references import COUNT, reference
from ivr.model.errors import PortError
from ivr.ports.clock import Clock
from ivr.ports.ledger import (
    Booked,
    Claimed,
    Decide,
    NumberTaken,
    OrderLedger,
    OrderRecord,
    Outgoing,
)
from ivr.ports.orders import Allowance, Authorised, Draft, ReadBack

T = TypeVar("T")

NUMBERS_TRIED = 50
"""With nine of ten numbers taken, one in 200 orders would find none and be refused."""


class OrderBook:
    """Writes orders down, for a desk. What returns is on the disk.

    Every method raises PortError, and what is written raises LawBroken where the law does not allow
    it. `owner` owns the cases of orders of which nobody knows what became.
    """

    def __init__(
        self,
        ledger: OrderLedger,
        clock: Clock,
        *,
        owner: str = "operations",
        receipt: Receipt = receipt,
        by: str = f"{socket.gethostname()}:{os.getpid()}",
    ) -> None:
        self._ledger = ledger
        self._clock = clock
        self._owner = owner
        self._receipt = receipt
        self._by = by

    async def begin(self, draft: Draft) -> OrderRecord:
        """Begin an order, or return the one of this id as it stands."""
        return await self._ledger.change(draft.id, decisions.begun(draft, self._author()))

    async def freeze(self, said: ReadBack) -> OrderRecord:
        """Freeze an order as it is read back."""
        return await self._ledger.change(said.id, decisions.frozen(said, self._author()))

    async def authorise(
        self, order: str, digest: str, at: datetime, limits: Sequence[Allowance]
    ) -> Authorised:
        """Authorise what was read back, under a reference of its own."""

        def decide(number: str) -> Decide[Authorised]:
            return decisions.authorised(digest, at, limits, number, number, self._author())

        return await self._numbered(order, decide, limits)

    async def cancel(self, order: str, why: str) -> None:
        """Take back an order that is not authorised; another one stays as it is."""
        await self._ledger.change(order, decisions.withdrawn(why, self._author()))

    async def sent(self, order: str) -> OrderRecord:
        """Note that the order is handed over now: before it is."""
        return await self._ledger.change(order, decisions.sent(self._author()))

    async def done(self, order: str, booked: Booked) -> OrderRecord:
        """Note that it was done."""
        return await self._ledger.change(order, decisions.done(booked, self._author()))

    async def refused(self, order: str, reason: str) -> OrderRecord:
        """Note that it was not done, and will not be."""
        return await self._ledger.change(order, decisions.refused(reason, self._author()))

    async def lost(self, order: str, problem: str) -> OrderRecord:
        """Note that nobody knows what came of it, and open a case."""

        def decide(number: str) -> Decide[OrderRecord]:
            return decisions.lost(problem, number, self._owner, self._author())

        return await self._numbered(order, decide)

    async def told(self, sent: Outgoing, *, delivered: bool) -> None:
        """Note that a notice was sent."""
        key = sent.notice.key
        author = self._author()
        await self._ledger.change(
            sent.order, decisions.told(key, sent.notice.template, delivered, author)
        )

    async def record(self, order: str) -> OrderRecord | None:
        """Return an order."""
        return await self._ledger.record(order)

    async def find(self, customer: str, reference: str, kind: str) -> OrderRecord | None:
        """Return a customer's binding order."""
        return await self._ledger.find(customer, reference, kind)

    async def claim(self, desk: str, most: int) -> tuple[Claimed, ...]:
        """Take orders that are due; they are this engine's for as long as a posting may take."""
        now = self._clock.now()
        return await self._ledger.claim(desk, now, now + decisions.LEASE, most)

    async def put_off(self, order: str, tries: int) -> None:
        """Ask about a claimed order again later, the later the oftener it was tried."""
        await self._ledger.put_off(order, self._clock.now() + decisions.patience(tries))

    async def outbox(self, most: int) -> tuple[Outgoing, ...]:
        """Take notices that are due."""
        now = self._clock.now()
        return await self._ledger.outbox(now, now + decisions.LEASE, most)

    async def put_off_notice(self, key: str, tries: int) -> None:
        """Send a notice again later."""
        await self._ledger.put_off_notice(key, self._clock.now() + decisions.patience(tries))

    async def cancel_forsaken(self, after: timedelta) -> int:
        """Take back orders that were begun so long ago and never authorised; return how many."""
        forsaken = await self._ledger.forsaken(self._clock.now() - after)
        for order in forsaken:
            await self.cancel(order, "the call is long over")
        return len(forsaken)

    def _author(self) -> Author:
        return Author(self._by, self._clock.now(), self._receipt)

    async def _numbered(
        self, order: str, decide: Callable[[str], Decide[T]], limits: Sequence[Allowance] = ()
    ) -> T:
        """Decide with a number that nobody has."""
        for _ in range(NUMBERS_TRIED):
            try:
                return await self._ledger.change(order, decide(_number()), limits)
            except NumberTaken:
                continue
        raise PortError("ledger", "no reference is free: archive orders of past years")


def _number() -> str:
    return reference(secrets.randbelow(COUNT))
