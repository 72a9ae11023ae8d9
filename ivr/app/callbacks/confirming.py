"""Calls to the number on file, which confirm who called: a second factor.

The first call's session is kept, and the second call goes on with it where it asked for the factor.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta

from msgspec.structs import replace

from ivr.app.callbacks.ringer import HUNG_UP, LOST, Ringer
from ivr.app.callbacks.shelf import Shelf
from ivr.centre import callbacks
from ivr.centre.callbacks import Trying
from ivr.model.secret import Secret
from ivr.model.session import Session
from ivr.ports.callbacks import Callback, Confirming, Purpose, State
from ivr.ports.clock import Clock
from ivr.ports.dialler import Dialler
from ivr.ports.identity import Factor, Identity, PinResult
from ivr.ports.sessions import Sessions

DNIS = "*62"
"""The service number whose flow confirms who called."""
VALID = timedelta(minutes=3)
"""How long after the promise a telephone is still rung: who asked for it waits for it."""
TRYING = Trying(attempts=2, retry=timedelta(seconds=15))


class ConfirmingDesk:
    """The calls that confirm, of one engine. The bank looks at the figures."""

    def __init__(
        self,
        shelf: Shelf,
        dialler: Dialler,
        bank: Identity,
        sessions: Sessions,
        clock: Clock,
        ringer: Ringer,
    ) -> None:
        self._shelf = shelf
        self._dialler = dialler
        self._bank = bank
        self._sessions = sessions
        self._clock = clock
        self._ringer = ringer
        self._ringing: set[asyncio.Task[None]] = set()
        ringer.on_over(Purpose.CONFIRM, self._over)

    async def confirm(
        self, call_id: str, customer: str, number: str, language: str, sign: str
    ) -> bool:
        """Promise to call a number on file as soon as this call is over. Raises PortError."""
        session = await self._sessions.load(call_id)
        if session is None or not self._dialler.allows(number):
            return False
        now = self._clock.now()
        callback = Callback(
            id=_id(call_id),
            purpose=Purpose.CONFIRM,
            number=number,
            language=language,
            entered=now,
            due=now,
            not_before=now,
            until=now + VALID,
            customer=customer,
            sign=sign,
        )
        await self._shelf.keep(callback, session)
        return True

    async def confirming(self, call_id: str) -> Confirming | None:
        """Return what this call is to confirm. Raises PortError."""
        callback = await self._shelf.find(call_id)
        if callback is None or callback.purpose is not Purpose.CONFIRM or not callback.state.open:
            return None
        return Confirming(callback.customer, callback.sign)

    async def confirmed(self, call_id: str, answer: Secret) -> PinResult:
        """Have the bank look at the figures. Raises PortError."""
        callback = await self._shelf.find(call_id)
        if callback is None or not callback.state.open:
            return PinResult.WRONG
        result = await self._bank.verify_factor(callback.customer, Factor.CALLBACK, answer)
        if result is PinResult.RIGHT:
            self._shelf.change(replace(callback, state=State.BRIDGED))
            await self._shelf.written()
        return result

    async def goes_on(self, callback: Callback) -> Session | None:
        """Return the call that a call to confirm goes on with. Raises PortError."""
        return await self._shelf.session(callback.id)

    async def look(self) -> None:
        """Ring those whose first call is over. Raises PortError."""
        now = self._clock.now()
        kept = [
            one
            for one in self._shelf
            if one.purpose is Purpose.CONFIRM and one.state is State.KEPT and one.not_before <= now
        ]
        live = await self._dialler.live() if kept else frozenset()
        for callback in kept:
            lapsed = callbacks.lapsed(callback, now)
            if lapsed is not None:
                self._shelf.change(lapsed)
            elif _call(callback) not in live:
                begun = await self._shelf.begin(callback, now)
                if begun is not None:
                    task = asyncio.create_task(self._ringer.ring(begun, DNIS))
                    self._ringing.add(task)
                    task.add_done_callback(self._ringing.discard)

    async def stop(self) -> None:
        """Ring no more."""
        for task in self._ringing:
            task.cancel()
        if self._ringing:
            await asyncio.wait(self._ringing)

    def _over(self, callback: Callback, why: str) -> None:
        """Whoever has answered and hung up did not ask for the call: they are not rung again."""
        over = (
            callbacks.ended(callback, State.FAILED, why)
            if why in (HUNG_UP, LOST)
            else callbacks.missed(callback, TRYING, self._clock.now())
        )
        if over is not None:
            self._shelf.change(over)


def _id(call_id: str) -> str:
    return f"{call_id}/confirm"


def _call(callback: Callback) -> str:
    """Return the call in which it was promised."""
    return callback.id.removesuffix("/confirm")
