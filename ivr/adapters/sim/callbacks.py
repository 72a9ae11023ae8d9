"""Callbacks in the simulator: they are promised, and a call to their own number is one."""

from __future__ import annotations

from datetime import datetime, timedelta

from ivr.centre.callbacks import windows
from ivr.centre.dialling import Numbers
from ivr.centre.pin import SIGN_FIGURES
from ivr.model.secret import Secret
from ivr.ports.callbacks import Callback, Confirming, Kept, Purpose, Refused, Wanted, Window, Wish
from ivr.ports.clock import Clock
from ivr.ports.identity import Factor, Identity, PinResult

DIALLED = Numbers(allow=("0", "1"), deny=("00",))
"""The numbers that the simulated hotline calls: those of its country."""
CUSTOMER = "C1003"
"""Whom a simulated call to confirm is about."""
_WAITED = timedelta(minutes=5)


class SimCallbacks:
    """The Callbacks port of a simulated call. `bank` has the figures of a second factor."""

    def __init__(self, bank: Identity, clock: Clock) -> None:
        self._bank = bank
        self._clock = clock

    async def may(self, number: str) -> Refused | None:
        """Return why a number is not going to be called."""
        return None if DIALLED.allows(number) else Refused.NUMBER

    async def windows(self, queue: str, most: int) -> tuple[Window, ...]:
        """Return the next full hours: simulated agents are always there."""
        return windows(lambda at: at, self._now(), most)

    async def keep(self, wanted: Wanted) -> Kept:
        """Promise a callback."""
        return Kept(due=wanted.window.ends if wanted.window else self._now() + _WAITED)

    async def confirm(
        self, call_id: str, customer: str, number: str, language: str, sign: str
    ) -> bool:
        """Promise a call to the number on file."""
        return True

    async def called(self, call_id: str) -> Callback | None:
        """Every call is the callback of somebody who has waited for five minutes."""
        now = self._now()
        return Callback(
            id=call_id,
            purpose=Purpose.QUEUE,
            number="13800001111",
            language="zh",
            entered=now - _WAITED,
            due=now,
            not_before=now,
            until=now + _WAITED,
            attempt=call_id,
            queue="service",
        )

    async def wish(self, call_id: str, wish: Wish) -> None:
        """Take what the customer wants."""

    async def confirming(self, call_id: str) -> Confirming | None:
        """Every call is to confirm what one customer has asked for."""
        told = await self._bank.begin_factor(CUSTOMER, Factor.CALLBACK, "zh", call_id)
        return Confirming(CUSTOMER, told.figures[:SIGN_FIGURES])

    async def confirmed(self, call_id: str, answer: Secret) -> PinResult:
        """Have the bank look at the figures."""
        return await self._bank.verify_factor(CUSTOMER, Factor.CALLBACK, answer)

    def _now(self) -> datetime:
        return self._clock.now()
