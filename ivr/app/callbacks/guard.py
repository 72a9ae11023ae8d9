"""The one Dialler of an engine: no telephone has two calls of the bank at once, nor too many a day.

Callbacks, calls that confirm, survey calls and campaigns all dial through it. A telephone is taken on
the disk before it rings, so it is so over restarts and several engines too.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from zoneinfo import ZoneInfo

from ivr.adapters.ami.dialler import AmiDialler, Trunk
from ivr.adapters.ami.interface import Ami
from ivr.adapters.callbacks.ringings import DatabaseRingings
from ivr.app.config import Config
from ivr.app.places import made
from ivr.app.rounds import rounds
from ivr.centre.callbacks import GRACE
from ivr.centre.dialling import Numbers
from ivr.model.errors import PortError
from ivr.ports.callbacks import Refused
from ivr.ports.clock import Clock
from ivr.ports.dialler import Dialled, Dialler, Outgoing, Ringing, Ringings

_LOG = logging.getLogger("ivr.dialler")

FILE = "callbacks.sqlite"
"""Promised calls, and every call that the bank began."""
DAY = timedelta(days=1)
SETTLE_S = 10.0
"""How often it is looked which calls are over although nobody told."""


class Guard:
    """The Dialler port for all who begin calls: to `numbers`, to each at most `most` times in 24 hours."""

    def __init__(
        self, dialler: Dialler, ringings: Ringings, clock: Clock, numbers: Numbers, most: int
    ) -> None:
        self._dialler = dialler
        self._ringings = ringings
        self._clock = clock
        self._numbers = numbers
        self._most = most
        self._told: list[Callable[[str], None]] = []
        self._ours: set[str] = set()
        self._writing: set[asyncio.Task[None]] = set()

    def on_hung_up(self, told: Callable[[str], None]) -> None:
        """Have `told` called with the UNIQUEID of every channel that is gone."""
        self._told.append(told)

    def allows(self, number: str) -> bool:
        """Whether a number is one of those that may be dialled at all."""
        return self._dialler.allows(number)

    async def refuses(self, number: str) -> Refused | None:
        """Return why a number is not rung today; None: it may be. Raises PortError."""
        if not self.allows(number):
            return Refused.NUMBER
        rung = await self._ringings.rung(self.telephone(number), self._clock.now() - DAY)
        return Refused.TOO_MANY if rung >= self._most else None

    async def busy(self, number: str) -> bool:
        """Whether a call that the bank began to this telephone is live. Raises PortError."""
        telephone = self.telephone(number)
        return any(one.number == telephone for one in await self._ringings.live())

    def telephone(self, number: str) -> str:
        """Return the one name of a telephone, however its number is written."""
        return self._numbers.telephone(number)

    async def dial(self, outgoing: Outgoing) -> Dialled:
        """Begin a call, unless the telephone has one. Raises PortError where nobody knows."""
        if not self.allows(outgoing.number):
            return Dialled.REFUSED
        now = self._clock.now()
        until = now + timedelta(milliseconds=outgoing.ring_ms) + GRACE
        ringing = Ringing(outgoing.id, self.telephone(outgoing.number), now, until)
        refused = await self._ringings.take(ringing, now - DAY, self._most)
        if refused is not None:
            return refused
        self._ours.add(outgoing.id)
        went = await self._dialler.dial(outgoing)
        if went is not Dialled.ANSWERED:
            await self._over(outgoing.id)
        return went

    async def live(self) -> frozenset[str]:
        """Return the UNIQUEIDs of all channels that there are."""
        return await self._dialler.live()

    def hung_up(self, uniqueid: str) -> None:
        """A channel is gone."""
        if uniqueid in self._ours:
            task = asyncio.create_task(self._over(uniqueid))
            self._writing.add(task)
            task.add_done_callback(self._writing.discard)
        for told in self._told:
            told(uniqueid)

    async def settle(self) -> None:
        """Let telephones go whose calls are over although nobody told: after a lost connection, or a
        restart. Raises PortError."""
        now = self._clock.now()
        doubtful = [one for one in await self._ringings.live() if one.until <= now]
        there = await self._dialler.live() if doubtful else frozenset()
        for one in doubtful:
            if one.id not in there:
                await self._over(one.id)

    async def stop(self) -> None:
        """What happened is written."""
        while self._writing:
            await asyncio.wait(self._writing)

    async def _over(self, id_: str) -> None:
        self._ours.discard(id_)
        try:
            await self._ringings.over(id_)
        except PortError as error:
            _LOG.error("the call %s is over, unwritten; it is looked at again: %s", id_, error)


@asynccontextmanager
async def guarded_dialler(
    config: Config, client: Ami | None, clock: Clock, token: int | None
) -> AsyncIterator[Guard | None]:
    """Dial through Asterisk for as long as an engine leads, by the token of its lease; None: the
    configuration does not say how. Raises PortError."""
    said = config.dialler
    if said is None or client is None:
        yield None
        return
    ringings = await DatabaseRingings.open(made(config, FILE), ZoneInfo(config.zone), lambda: token)
    try:
        numbers = said.numbers(config.country)
        dialler = AmiDialler(client, Trunk(said.trunk, said.caller_id, numbers))
        guard = Guard(dialler, ringings, clock, numbers, said.per_day)
        client.on_event("Hangup", lambda event: guard.hung_up(event["Uniqueid"]))
        async with rounds(SETTLE_S, guard.settle):
            yield guard
        await guard.stop()
    finally:
        await ringings.close()
