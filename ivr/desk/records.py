"""What is known beside a call or a case itself: calls before, open cases, what a caller holds."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Protocol, TypeVar

import msgspec

from ivr.model.errors import PortError
from ivr.model.events import CallEnded
from ivr.ports.bank import Bank, Matter
from ivr.ports.cases import CaseBook, CaseFilter, CaseRecord, Link, LinkKind
from ivr.ports.clock import Clock
from ivr.ports.floor import CallerView
from ivr.ports.ledger import OrderLedger, Wanted
from ivr.ports.orders import Order
from ivr.ports.store import CallFilter, CallRecord, Store

T = TypeVar("T")
LAST_CALLS = 5
KEPT = 500
"""Cards kept for calls that go on: each is asked for once."""


class Card(msgspec.Struct, frozen=True):
    """A caller's card: the name that goes with their number, if they are known by that, calls before,
    open cases, what they hold. None: it could not be asked."""

    name: str | None = ""
    calls: tuple[CallRecord, ...] | None = ()
    cases: tuple[CaseRecord, ...] | None = ()
    matters: tuple[Matter, ...] | None = ()
    products: tuple[str, ...] | None = ()


class Linked(msgspec.Struct, frozen=True):
    """What a case is linked to; of a call or an order that is known, when it began, and how it ended. An
    order has a `name` that customers know it by."""

    link: Link
    began: datetime | None = None
    reason: str = ""
    name: str = ""


class Records(Protocol):
    """Where cards are read, and what belongs to cases."""

    async def card(self, caller: CallerView) -> Card:
        """Return a caller's card."""

    def forget(self, caller: CallerView) -> None:
        """Read a caller's card again when it is wanted next."""

    async def linked(self, case: CaseRecord) -> tuple[Linked, ...]:
        """Return what a case is linked to."""


class KeptRecords:
    """Records from the store, the ledger of orders, the book of cases and the bank."""

    def __init__(
        self, store: Store, ledger: OrderLedger, cases: CaseBook, bank: Bank, clock: Clock
    ) -> None:
        self._store = store
        self._ledger = ledger
        self._cases = cases
        self._bank = bank
        self._clock = clock
        self._cards: dict[tuple[str, str], Card] = {}

    async def card(self, caller: CallerView) -> Card:
        """Return a caller's card. It is read once for a call and whoever is then identified, and again
        where something could not be asked."""
        key = (caller.call_id, caller.customer)
        card = self._cards.get(key) or await self._read(caller)
        if None not in msgspec.structs.astuple(card):
            self._cards[key] = card
            if len(self._cards) > KEPT:
                del self._cards[next(iter(self._cards))]
        return card

    def forget(self, caller: CallerView) -> None:
        """Read a caller's card again when it is wanted next."""
        self._cards.pop((caller.call_id, caller.customer), None)

    async def linked(self, case: CaseRecord) -> tuple[Linked, ...]:
        """Return what a case is linked to, in the order in which it was."""
        return tuple([await self._linked(one) for one in case.links])

    async def _linked(self, link: Link) -> Linked:
        if link.kind is LinkKind.ORDER:
            found = await _known(lambda: self._ledger.select(Wanted(name=link.id, most=1)))
            return _order(link, found[0].order) if found else Linked(link)
        if link.kind is not LinkKind.CALL:
            return Linked(link)
        events = await _known(lambda: self._store.read_events(link.id))
        if not events:
            return Linked(link)
        ended = next((one.event for one in events if isinstance(one.event, CallEnded)), None)
        return Linked(link, events[0].at, ended.reason if ended else "")

    async def _read(self, caller: CallerView) -> Card:
        customer = caller.customer
        calls = await _known(lambda: self._calls(caller))
        if not customer:
            return Card(calls=calls)
        return Card(
            name=await _known(lambda: self._name(caller)),
            calls=calls,
            cases=await _known(lambda: self._cases.find(CaseFilter(customer=customer))),
            matters=await _known(lambda: self._bank.matters(customer, self._clock.now())),
            products=await _known(lambda: self._bank.products(customer)),
        )

    async def _name(self, caller: CallerView) -> str:
        found = await self._bank.identify(caller.ani) if caller.ani else None
        return found.name if found is not None and found.number == caller.customer else ""

    async def _calls(self, caller: CallerView) -> tuple[CallRecord, ...]:
        if not caller.ani:
            return ()
        wanted = CallFilter(number=caller.ani, last=LAST_CALLS + 1)
        found = [one async for one in self._store.calls(wanted) if one.call_id != caller.call_id]
        return tuple(found[:LAST_CALLS])


def _order(link: Link, order: Order) -> Linked:
    return Linked(link, order.at, order.state.value, order.reference)


async def _known(ask: Callable[[], Awaitable[T]]) -> T | None:
    try:
        return await ask()
    except PortError:
        return None
