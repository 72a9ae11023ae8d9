"""Calls whose end no engine wrote: a row for each of them, within a minute.

An engine that was killed, or whose disk was full, leaves a session behind, or only a beginning; of a
call that came while there was none, only Asterisk's log tells. The call is over once Asterisk has had no
such channel for a while: another engine of the same folder may be about to write its end.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from ivr.adapters.ami.queue_log import QueueLogEntry, read_queue_log
from ivr.centre.customers import customer_number
from ivr.ports.clock import Clock
from ivr.ports.offers import Offers, Unserved
from ivr.ports.switch import Switch

STALE = timedelta(hours=24)
"""A session that was not saved for so long belongs to no call, whether or not Asterisk can be asked."""
LOOKED_BACK = timedelta(days=2)
"""How far an engine that starts looks for calls that began and left nothing else; and then:"""
RECENT = timedelta(minutes=2)
ARRIVED = "CALLED"
"""What the dialplan writes to the queue_log of each call that comes in, with its two numbers."""

_LOG = logging.getLogger("ivr.surveys")


class Closing:
    """Ends calls. `gone` is how long Asterisk must not have had a channel; `running` are the calls that
    this engine has. `switch` is None without AMI: then only what is stale is ended. `arrivals`
    are the queue_logs of all Asterisks that the configuration names."""

    def __init__(
        self,
        offers: Offers,
        switch: Switch | None,
        running: Callable[[], Collection[str]],
        clock: Clock,
        gone: timedelta,
        arrivals: Sequence[Path] = (),
    ) -> None:
        self._offers = offers
        self._switch = switch
        self._running = running
        self._clock = clock
        self._gone = gone
        self._arrivals = arrivals
        self._missing: dict[str, datetime] = {}
        self._looks_back = LOOKED_BACK

    async def look(self) -> None:
        """End the calls that are over. Raises PortError."""
        now = self._clock.now()
        if self._switch is None:
            await self._stale(now)
            return
        # Asterisk is asked first: who comes meanwhile is missing for one round, and that is too short.
        there = {one.uniqueid for one in await self._switch.core_channels()}
        there.update(self._running())
        opened = {one.call_id: one for one in await self._offers.open_calls(now)}
        begun = await self._offers.begun(now - self._looks_back, now)
        arrived = await self._arrived(now - self._looks_back)
        self._looks_back = RECENT + self._gone
        missing = {call for call in (*opened, *begun, *arrived) if call not in there}
        self._missing = {call: self._missing.get(call, now) for call in missing}
        for call, since in tuple(self._missing.items()):
            if now - since < self._gone:
                continue
            if call in opened or call in begun:
                session = opened.get(call)
                customer = customer_number(session) if session is not None else None
                await self._lose(call, customer or "", since)
            else:
                await self._unserved(arrived[call], since)

    async def _arrived(self, since: datetime) -> dict[str, QueueLogEntry]:
        """Return the calls that Asterisk has answered since then and that have not ended, by id."""
        log: list[QueueLogEntry] = []
        for file in self._arrivals:
            log += await asyncio.to_thread(read_queue_log, file, int(since.timestamp()))
        found = {one.call_id: one for one in log if one.event == ARRIVED and len(one.data) > 1}
        return {call: found[call] for call in await self._offers.unended(list(found))}

    async def _unserved(self, entry: QueueLogEntry, gone: datetime) -> None:
        dnis, ani = entry.data[:2]
        began = datetime.fromtimestamp(entry.time, gone.tzinfo)
        call = Unserved(entry.call_id, dnis, ani, began, max(began, gone))
        if await self._offers.unserved(call):
            _LOG.warning("call %s came while no engine could take it", entry.call_id)

    async def _stale(self, now: datetime) -> None:
        for session in await self._offers.open_calls(now - STALE):
            await self._lose(session.call_id, customer_number(session) or "", now - STALE)

    async def _lose(self, call_id: str, customer: str, before: datetime) -> None:
        if await self._offers.lose(call_id, customer, before):
            _LOG.warning("call %s is over, and no engine has told: it is counted as lost", call_id)
