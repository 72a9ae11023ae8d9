"""The calls that an engine begins, whole: opened with it, looked after, and ended with it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

from ivr.adapters.callbacks.promised import DatabaseCallbacks
from ivr.app.callbacks.confirming import ConfirmingDesk
from ivr.app.callbacks.desk import CallbackDesk
from ivr.app.callbacks.guard import Guard
from ivr.app.callbacks.line import Line
from ivr.app.callbacks.promising import Promising
from ivr.app.callbacks.ringer import Ringer
from ivr.app.callbacks.rules import Rules
from ivr.app.callbacks.shelf import Shelf
from ivr.app.rounds import rounds
from ivr.centre.callbacks import About
from ivr.database import Place
from ivr.model.secret import Secret
from ivr.ports.callbackbook import CallbackStore
from ivr.ports.callbacks import Callback, Confirming, Kept, Purpose, Refused, Wanted, Window, Wish
from ivr.ports.clock import Clock
from ivr.ports.identity import Identity, PinResult
from ivr.ports.sessions import Sessions

ROUND_S = 0.5
"""How often it is looked what is due: a number on file rings that long after the caller hung up."""

DAYS = timedelta(days=7)
"""Of how many days those that are over are shown."""


class OutgoingCalls:
    """The port `callbacks` of an engine that dials."""

    def __init__(
        self,
        store: CallbackStore,
        guard: Guard,
        line: Line,
        rules: Rules,
        bank: Identity,
        sessions: Sessions,
        clock: Clock,
        ring_ms: int,
    ) -> None:
        self._store = store
        self._clock = clock
        self._shelf = Shelf(store)
        self._ringer = Ringer(guard, self._shelf, clock, ring_ms)
        self.desk = CallbackDesk(self._shelf, self._ringer, line, rules, clock)
        self._promising = Promising(self._shelf, self._ringer, line, rules, clock, self.desk)
        guard.on_hung_up(self._ringer.hung_up)
        self._confirming = ConfirmingDesk(self._shelf, guard, bank, sessions, clock, self._ringer)

    async def load(self) -> None:
        """Take up what was open when an engine ended. Raises PortError."""
        await self._shelf.load()

    async def look(self) -> None:
        """Begin what is due, end what is over. Raises PortError."""
        await self.desk.look()
        await self._confirming.look()
        await self._ringer.settle()

    async def stop(self) -> None:
        """Begin nothing more; what happened is written."""
        await self.desk.stop()
        await self._confirming.stop()
        await self._shelf.written()

    async def may(self, number: str) -> Refused | None:
        """Return why a number is not going to be called."""
        return await self._ringer.refuses(number)

    async def windows(self, queue: str, most: int) -> tuple[Window, ...]:
        """Return the next times within which a call may be promised."""
        return await self._promising.windows(queue, most)

    async def keep(self, wanted: Wanted) -> Kept:
        """Promise a callback that has the caller's place, or one within a window."""
        return await self._promising.keep(wanted)

    async def called(self, call_id: str) -> Callback | None:
        """Return which callback a call is."""
        return await self.desk.called(call_id)

    async def wish(self, call_id: str, wish: Wish) -> None:
        """Do what the customer wants who has answered."""
        await self.desk.wish(call_id, wish)

    async def confirm(
        self, call_id: str, customer: str, number: str, language: str, sign: str
    ) -> bool:
        """Promise to call a number on file as soon as a call is over."""
        return await self._confirming.confirm(call_id, customer, number, language, sign)

    async def confirming(self, call_id: str) -> Confirming | None:
        """Return what a call is to confirm."""
        return await self._confirming.confirming(call_id)

    async def confirmed(self, call_id: str, answer: Secret) -> PinResult:
        """Have the bank look at the figures that were told in the first call."""
        return await self._confirming.confirmed(call_id, answer)

    async def find(self, past: bool = False) -> tuple[Callback, ...]:
        """Return the callbacks of queues that are open; with `past`, those of the last days too."""
        if not past:
            return tuple(one for one in self._shelf if one.purpose is Purpose.QUEUE)
        await self._shelf.written()
        found = await self._store.since(self._clock.now() - DAYS)
        return tuple(one for one in found if one.purpose is Purpose.QUEUE)

    async def cancel(self, id: str, by: str, reason: str) -> bool:
        """Call nobody; False: it is over, is talked with, or there is none."""
        return await self.desk.cancel(id, by, reason)

    async def schedule(
        self,
        queue: str,
        number: str,
        language: str,
        begins: datetime,
        ends: datetime,
        by: str,
        customer: str = "",
        about: str = "",
        agent: str = "",
    ) -> Kept:
        """Promise a call within a window."""
        about_it = About(customer, about, agent)
        window = (begins, ends)
        return await self._promising.schedule(queue, number, language, window, by, about_it)


class NoCalls:
    """The port `callbacks` of an engine that dials nobody: nothing is promised."""

    async def find(self, past: bool = False) -> tuple[Callback, ...]:
        """There is none."""
        return ()

    async def cancel(self, id: str, by: str, reason: str) -> bool:
        """There is none."""
        return False

    async def schedule(
        self,
        queue: str,
        number: str,
        language: str,
        begins: datetime,
        ends: datetime,
        by: str,
        customer: str = "",
        about: str = "",
        agent: str = "",
    ) -> Kept:
        """Promise nothing."""
        return Kept(refused=Refused.NOT_NOW)

    async def may(self, number: str) -> Refused | None:
        """Refuse every number."""
        return Refused.NOT_NOW

    async def windows(self, queue: str, most: int) -> tuple[Window, ...]:
        """There is none."""
        return ()

    async def keep(self, wanted: Wanted) -> Kept:
        """Promise nothing."""
        return Kept(refused=Refused.NOT_NOW)

    async def confirm(
        self, call_id: str, customer: str, number: str, language: str, sign: str
    ) -> bool:
        """Promise nothing."""
        return False

    async def called(self, call_id: str) -> Callback | None:
        """No call is a callback."""
        return None

    async def wish(self, call_id: str, wish: Wish) -> None:
        """Nobody was called."""

    async def confirming(self, call_id: str) -> Confirming | None:
        """No call confirms anything."""
        return None

    async def confirmed(self, call_id: str, answer: Secret) -> PinResult:
        """Confirm nothing."""
        return PinResult.WRONG


@asynccontextmanager
async def outgoing_calls(
    guard: Guard,
    ring_ms: int,
    place: Place,
    line: Line,
    rules: Rules,
    bank: Identity,
    sessions: Sessions,
    clock: Clock,
    token: int | None = None,
) -> AsyncIterator[OutgoingCalls]:
    """Dial through Asterisk for as long as an engine leads, by the token of its lease. Raises PortError."""
    store = await DatabaseCallbacks.open(place, lambda: token)
    try:
        calls = OutgoingCalls(store, guard, line, rules, bank, sessions, clock, ring_ms)
        await calls.load()
        async with rounds(ROUND_S, calls.look):
            yield calls
        await calls.stop()
    finally:
        await store.close()
