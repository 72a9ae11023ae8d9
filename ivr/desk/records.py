"""What is known of a caller beside the call itself: calls before, open cases, what they hold."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

import msgspec

from ivr.model.errors import PortError
from ivr.ports.bank import Bank, Matter
from ivr.ports.cases import Case, Cases
from ivr.ports.clock import Clock
from ivr.ports.floor import CallerView
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
    cases: tuple[Case, ...] | None = ()
    matters: tuple[Matter, ...] | None = ()
    products: tuple[str, ...] | None = ()


class Records(Protocol):
    """Where cards and cases are read."""

    async def card(self, caller: CallerView) -> Card:
        """Return a caller's card."""

    async def cases(self) -> tuple[Case, ...]:
        """Return the open cases, the oldest first. Raises PortError."""


class KeptRecords:
    """Records from the store, the order ledger and the bank."""

    def __init__(self, store: Store, cases: Cases, bank: Bank, clock: Clock) -> None:
        self._store = store
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

    async def cases(self) -> tuple[Case, ...]:
        """Return the open cases."""
        return await self._cases.list_open()

    async def _read(self, caller: CallerView) -> Card:
        customer = caller.customer
        calls = await _known(lambda: self._calls(caller))
        if not customer:
            return Card(calls=calls)
        return Card(
            name=await _known(lambda: self._name(caller)),
            calls=calls,
            cases=await _known(lambda: self._cases_of(customer)),
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

    async def _cases_of(self, customer: str) -> tuple[Case, ...]:
        return tuple(one for one in await self.cases() if one.customer == customer)


async def _known(ask: Callable[[], Awaitable[T]]) -> T | None:
    try:
        return await ask()
    except PortError:
        return None
