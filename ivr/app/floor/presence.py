"""The floor and Asterisk: who is still there, who talks with whom, and moving callers between their
session and their agent.

Events tell at once. After each login to the manager, and so after every loss of it, of Asterisk or of the
engine, the floor is compared with all channels there are; what is not as it was thought is set right.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping

from ivr.adapters.ami.client import AmiClient
from ivr.adapters.ami.messages import AmiMessage
from ivr.adapters.ami.snapshot import Snapshot
from ivr.app.floor.floor import RunningFloor
from ivr.app.floor.room import WaitingRoom
from ivr.app.floor.state import ENGAGED, Caller, Place
from ivr.model.errors import PortError
from ivr.model.floor import Resynced
from ivr.ports.switch import ChannelInfo

_LOG = logging.getLogger(__name__)
_ENGINE, _HELD = "engine", "held"
"""Contexts of the dialplan: where a session goes on, and where a leg hears music."""


class Presence:
    """Watches channels. `on_lost` is awaited with an agent whose leg is gone while the caller is not
    joined with it; `on_login` after each comparison."""

    def __init__(self, floor: RunningFloor, room: WaitingRoom, client: AmiClient) -> None:
        self.on_lost: Callable[[str], Awaitable[None]] = _nobody
        self.on_login: Callable[[], Awaitable[None]] = _nothing
        self._floor = floor
        self._room = room
        self._client = client
        floor.move = self.move
        self._bridges: dict[str, dict[str, str]] = {}
        self._tasks: set[asyncio.Future[None]] = set()
        client.on_event("Hangup", self._hangup)
        client.on_event("BridgeEnter", self._enter)
        client.on_event("BridgeLeave", self._leave)
        client.on_snapshot(self._snapshot)

    async def move(self, call_id: str, *, keep_agent: bool) -> None:
        """Send a caller who is joined back to their session, and the agent's leg to the music or away,
        in one action. Raises PortError, and then nothing has changed."""
        caller = self._floor.state.callers[call_id]
        fields: dict[str, str | int] = {
            "Channel": call_id,
            "Context": _ENGINE,
            "Exten": caller.joined.dnis,
            "Priority": 1,
        }
        if caller.channel and keep_agent:
            fields |= {
                "ExtraChannel": caller.channel,
                "ExtraContext": _HELD,
                "ExtraExten": "s",
                "ExtraPriority": 1,
            }
        await self._client.action("Redirect", fields)

    # Events.

    def _hangup(self, event: AmiMessage) -> None:
        channel, uniqueid = event["Channel"], event["Uniqueid"]
        if self._floor.caller(uniqueid) is not None:
            self._room.gone(uniqueid)
            return
        for caller in list(self._floor.state.callers.values()):
            if channel and caller.channel == channel and caller.place in (Place.HELD, Place.ERRAND):
                self._spawn(self.on_lost(caller.agent))

    def _enter(self, event: AmiMessage) -> None:
        """Two are joined: if one is a caller whose agent is rung, they talk."""
        members = self._bridges.setdefault(event["BridgeUniqueid"], {})
        members[event["Uniqueid"]] = event["Channel"]
        for call_id in members:
            self._talks(call_id, members)

    def _leave(self, event: AmiMessage) -> None:
        members = self._bridges.get(event["BridgeUniqueid"], {})
        members.pop(event["Uniqueid"], None)
        if not members:
            self._bridges.pop(event["BridgeUniqueid"], None)

    def _talks(self, call_id: str, members: Mapping[str, str]) -> None:
        caller = self._floor.caller(call_id)
        if caller is None or caller.place is not Place.RINGING:
            return
        standing = self._floor.standing(caller.agent)
        begins = f"PJSIP/{standing.endpoint}-" if standing else ""
        channel = next((one for one in members.values() if begins and one.startswith(begins)), "")
        if channel:
            self._room.answered(call_id, channel)

    # Comparing.

    def _snapshot(self, taken: Snapshot) -> None:
        channels = {one.uniqueid: one for one in taken.channels}
        names = {one.channel for one in taken.channels}
        bridges: dict[str, dict[str, str]] = {}
        for one in taken.channels:
            if one.bridge:
                bridges.setdefault(one.bridge, {})[one.uniqueid] = one.channel
        self._bridges = bridges
        callers = agents = 0
        for call_id, caller in list(self._floor.state.callers.items()):
            here = channels.get(call_id)
            if here is None:
                callers += 1
                self._room.gone(call_id, "unknown")
            elif caller.place is Place.RINGING and here.bridge:
                callers += 1
                self._talks(call_id, bridges[here.bridge])
            elif caller.place in ENGAGED and caller.channel and caller.channel not in names:
                agents += self._alone(caller, here)
        agents += self._free_agents()
        self._floor.emit(Resynced("login", callers, agents))
        self._spawn(self.on_login())

    def _alone(self, caller: Caller, here: ChannelInfo) -> int:
        """Set right a caller whose agent's leg is gone: the conversation is over, and the session comes
        back by itself, or it waits to be told."""
        if caller.place is Place.TALKING and not here.bridge:
            self._floor.parted(caller.joined.call_id, "unknown")
            return 1
        if caller.place in (Place.HELD, Place.ERRAND):
            self._spawn(self.on_lost(caller.agent))
            return 1
        return 0

    def _free_agents(self) -> int:
        """Free agents who are thought to be with a caller who is not there any more."""
        freed = 0
        for agent, standing in list(self._floor.state.standings.items()):
            if standing.engaged and standing.call_id not in self._floor.state.callers:
                freed += self._floor.unbind(agent)
        return freed

    def _spawn(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(_logged(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def _logged(work: Awaitable[None]) -> None:
    try:
        await work
    except PortError as error:
        _LOG.error("the floor: %s", error)


async def _nobody(agent: str) -> None:
    """Nobody wants to know."""


async def _nothing() -> None:
    """Nothing is to be done."""
