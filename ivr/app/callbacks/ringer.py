"""Rings telephones: one attempt at a time for a callback and for a number, and knows when it is over."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta

from ivr.app.callbacks.guard import Guard
from ivr.app.callbacks.shelf import Shelf
from ivr.centre.callbacks import leased
from ivr.model.errors import PortError
from ivr.ports.callbacks import Callback, Purpose, Refused, State
from ivr.ports.clock import Clock
from ivr.ports.dialler import Dialled, Outgoing

_LOG = logging.getLogger("ivr.callbacks")

OnOver = Callable[[Callback, str], None]
"""Told that an attempt is over that had not been bridged, and why."""

LOST = "lost"
"""Why an attempt is over that nobody saw the end of."""
HUNG_UP = "hung up"


class Ringer:
    """Begins the calls of callbacks. Of each attempt's end that was not bridged, whoever waits for it
    (`on_over`) is told once."""

    def __init__(self, guard: Guard, shelf: Shelf, clock: Clock, ring_ms: int) -> None:
        self._guard = guard
        self._shelf = shelf
        self._clock = clock
        self._ring_ms = ring_ms
        self._over: dict[Purpose, OnOver] = {}
        self._dialling: set[str] = set()
        self._hung_up: set[str] = set()

    def on_over(self, purpose: Purpose, told: OnOver) -> None:
        """Have `told` called when an attempt of callbacks for a purpose is over."""
        self._over[purpose] = told

    async def refuses(self, number: str) -> Refused | None:
        """Return why a number is not rung; None: it may be. Raises PortError."""
        return await self._guard.refuses(number)

    async def busy(self, number: str) -> bool:
        """Whether the bank rings or talks with a number by a call of its own. Raises PortError."""
        return await self._guard.busy(number)

    async def ring(self, callback: Callback, dnis: str) -> None:
        """Ring the telephone of an attempt that was begun."""
        attempt = callback.attempt
        self._dialling.add(attempt)
        try:
            went = await self._guard.dial(
                Outgoing(attempt, callback.number, dnis, ring_ms=self._ring_ms)
            )
        except PortError as error:
            # It may ring: `settle` looks when it cannot any more.
            _LOG.warning("callback %s: nobody knows whether it rings: %s", callback.id, error)
            return
        finally:
            self._dialling.discard(attempt)
        if went is not Dialled.ANSWERED:
            self._tell(attempt, went.value)
        elif attempt in self._hung_up:
            self._tell(attempt, HUNG_UP)

    def hung_up(self, uniqueid: str) -> None:
        """A channel is gone."""
        if uniqueid in self._dialling:
            self._hung_up.add(uniqueid)
        else:
            self._tell(uniqueid, HUNG_UP)

    async def settle(self) -> None:
        """Find attempts that are over although nobody told: after a lost connection, or a restart.
        Raises PortError."""
        ring, now = timedelta(milliseconds=self._ring_ms), self._clock.now()
        doubtful = [
            one.attempt
            for one in self._shelf
            if one.state is not State.KEPT
            and one.attempt not in self._dialling
            and not leased(one, ring, now)
        ]
        if doubtful:
            live = await self._guard.live()
            for attempt in doubtful:
                if attempt not in live:
                    self._tell(attempt, LOST)

    def _tell(self, attempt: str, why: str) -> None:
        self._hung_up.discard(attempt)
        callback = self._shelf.of_attempt(attempt)
        if callback is not None and callback.state is not State.KEPT:
            self._over[callback.purpose](callback, why)
