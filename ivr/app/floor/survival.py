"""While there is no engine: callers wait in a plain queue of Asterisk, whose members are the agents at work.

The engine keeps the members in step, so that they are there when it is not; when it is back, it takes the
callers out of that queue, with the time at which they began to wait for it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Mapping
from contextlib import suppress
from datetime import datetime

import msgspec

from ivr.adapters.ami.interface import Ami
from ivr.adapters.ami.messages import AmiMessage, AmiRefused
from ivr.adapters.ami.snapshot import Snapshot
from ivr.app.floor.floor import RunningFloor
from ivr.app.floor.latecomers import Latecomers
from ivr.app.floor.meanwhile import unix_time
from ivr.model.errors import PortError, PortTimeout
from ivr.ports.agents import AgentState

_LOG = logging.getLogger(__name__)
_CONTEXT = "survivability"
_ALONE = "IVR_ALONE"
"""When the caller lost the engine, or found none: Unix time."""
_SETTLE_S = 0.05
"""Changes that come together are sent together."""
_STARTS_S = 10.0
"""So long after its login an engine may be found by nobody yet."""


class Member(msgspec.Struct, frozen=True):
    """A member of the plain queue: an agent's telephone, paused or not."""

    agent: str
    paused: bool


class Survival:
    """Keeps the plain queue `queue` of one Asterisk ready."""

    def __init__(
        self, floor: RunningFloor, client: Ami, queue: str, latecomers: Latecomers
    ) -> None:
        self._floor = floor
        self._client = client
        self._queue = queue
        self._latecomers = latecomers
        self._there: dict[str, Member] = {}
        self._changed = asyncio.Event()
        self._back_at = 0.0
        floor.on_agents.append(self._changed)
        client.on_event("QueueCallerJoin", self._came)

    async def running(self) -> None:
        """Keep the members in step; never returns."""
        while True:
            self._changed.clear()
            if self._client.ready.is_set():
                await self._in_step()
            await self._changed.wait()
            await asyncio.sleep(_SETTLE_S)

    async def recover(self, taken: Snapshot, over: Collection[str] = ()) -> None:
        """Learn which members there are after a login, and take callers out of the plain queue who wait
        there; those in `over` hear goodbye. Of whom Asterisk does not answer in time is asked again, as after
        a login. Raises PortError."""
        self._there = {
            one["Location"]: Member(one["MemberName"], one["Paused"] == "1")
            for one in taken.queues
            if one.name == "QueueMember" and one["Queue"] == self._queue
        }
        self._changed.set()
        self._back_at = self._floor.now()
        unanswered = False
        for channel in taken.channels:
            if channel.context == _CONTEXT and not channel.bridge and channel.uniqueid not in over:
                try:
                    await self._take_out(channel.channel, channel.uniqueid)
                except AmiRefused:  # gone meanwhile
                    continue
                except PortTimeout as error:
                    _LOG.warning("call %s stays in the plain queue: %s", channel.uniqueid, error)
                    unanswered = True
        if unanswered:
            await self._client.look()

    def _came(self, event: AmiMessage) -> None:
        """Somebody comes to the plain queue although there is an engine: it may have come back while they
        heard the apology."""
        if event["Queue"] == self._queue:
            self._floor.spawn(self._ask_back(event["Channel"], event["Uniqueid"]))

    async def _ask_back(self, channel: str, call_id: str) -> None:
        """Take a caller out who found no engine as it began; whom it refused since then stays."""
        if self._latecomers.were_here(call_id):
            return
        with suppress(AmiRefused):  # gone meanwhile
            alone = unix_time(await self._client.getvar(channel, _ALONE))
            if alone is not None and alone < self._back_at + _STARTS_S:
                await self._take_out(channel, call_id)

    async def _take_out(self, channel: str, call_id: str) -> None:
        number = await self._client.getvar(channel, "CALLERID(dnid)")
        alone = unix_time(await self._client.getvar(channel, _ALONE))
        if alone is not None:
            zone = self._floor.clock.now().tzinfo
            self._floor.remember(call_id, datetime.fromtimestamp(alone, zone))
        await self._client.redirect(channel, "engine", number)
        self._latecomers.back(call_id)
        _LOG.info("call %s is taken out of the plain queue %s", call_id, self._queue)

    def _wanted(self) -> Mapping[str, Member]:
        """Return the members there should be, by interface."""
        return {
            f"PJSIP/{standing.endpoint}": Member(agent, standing.state is AgentState.PAUSED)
            for agent, standing in self._floor.state.standings.items()
            if standing.endpoint and standing.state is not AgentState.OFFLINE
        }

    async def _in_step(self) -> None:
        wanted = self._wanted()
        try:
            for interface in self._there.keys() - wanted.keys():
                await self._ask("QueueRemove", Interface=interface)
                del self._there[interface]
            for interface, member in wanted.items():
                await self._put(interface, member)
        except PortError as error:
            # After the next login all is compared anew.
            _LOG.warning("the plain queue %s: %s", self._queue, error)

    async def _put(self, interface: str, member: Member) -> None:
        before = self._there.get(interface)
        if before == member:
            return
        paused = str(member.paused).lower()
        if before is not None and before.agent == member.agent:
            await self._ask("QueuePause", Interface=interface, Paused=paused)
        else:
            if before is not None:
                await self._ask("QueueRemove", Interface=interface)
            await self._ask("QueueAdd", Interface=interface, MemberName=member.agent, Paused=paused)
        self._there[interface] = member

    async def _ask(self, action: str, **fields: str) -> list[AmiMessage]:
        return await self._client.action(action, {"Queue": self._queue, **fields})
