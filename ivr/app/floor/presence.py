"""The floor and Asterisk: who is still there, who talks with whom, and moving callers between their
session and their agent.

Events tell at once. After each login to the manager, and so after every loss of it, of Asterisk or of the
engine, the floor is compared with all channels there are; what is not as it was thought is set right.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from datetime import datetime

from ivr.adapters.ami.interface import Ami
from ivr.adapters.ami.messages import AmiMessage, AmiRefused
from ivr.adapters.ami.snapshot import Snapshot
from ivr.app.floor.consulting import CONSULTED
from ivr.app.floor.floor import RunningFloor
from ivr.app.floor.latecomers import Latecomers
from ivr.app.floor.meanwhile import Meanwhile, meanwhile
from ivr.app.floor.room import WaitingRoom
from ivr.app.floor.state import ENGAGED, Caller, Place
from ivr.model.floor import Answered, Ended, Matched, Resynced
from ivr.ports.clock import Clock
from ivr.ports.switch import ChannelInfo, unique
from ivr.ports.waiting import Leaving

_UNSERVED = (Place.WAITING, Place.ASIDE, Place.CHOSEN, Place.RINGING)
"""Where a caller is whom the plain queue may give to somebody else, while there is no engine."""
_ENGINE, _HELD = "engine", "held"
"""Contexts of the dialplan: where a session goes on, and where a leg hears music."""

OnLogin = Callable[[Snapshot, frozenset[str]], Awaitable[None]]
"""Told what was seen, and which calls are over with their time in the plain queue."""


class Presence:
    """Watches channels; `survival` is the plain queue while there is no engine. `on_lost` is awaited with an agent whose leg is gone while the caller is not
    joined with it; `on_login` after each comparison."""

    def __init__(self, floor: RunningFloor, room: WaitingRoom, client: Ami, survival: str) -> None:
        self.on_lost: Callable[[str], Awaitable[None]] = _nobody
        self.on_login: OnLogin = _nothing
        self._floor = floor
        self._room = room
        self._client = client
        self._survival = survival
        self.latecomers = Latecomers(floor, survival)
        floor.move = self.move
        self._bridges: dict[str, dict[str, str]] = {}
        client.on_event("HangupRequest", self._requested)
        client.on_event("Hangup", self._hangup)
        client.on_event("BridgeEnter", self._enter)
        client.on_event("BridgeLeave", self._leave)
        client.on_event("QueueCallerJoin", self._queued)
        client.on_event("ChannelTalkingStart", self._speaks)
        client.on_event("ChannelTalkingStop", self._silent)
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

    def _requested(self, event: AmiMessage) -> None:
        """Somebody hangs up: the first of the two who does has ended the conversation."""
        uniqueid, channel, at = event["Uniqueid"], event["Channel"], _when(event, self._floor.clock)
        self.over(uniqueid, at)
        for call_id, caller in list(self._floor.state.callers.items()):
            if caller.channel == channel and caller.place is Place.TALKING:
                self._floor.parted(call_id, "agent", at)

    def _hangup(self, event: AmiMessage) -> None:
        channel, uniqueid = event["Channel"], event["Uniqueid"]
        if self.over(uniqueid, _when(event, self._floor.clock)):
            return
        for caller in list(self._floor.state.callers.values()):
            if caller.channel == channel and caller.place in (Place.HELD, Place.ERRAND):
                self._floor.spawn(self.on_lost(caller.agent))

    def over(self, call_id: str, at: datetime | None = None) -> bool:
        """Take it that a channel is gone; tell whether it was a caller's. The agent's leg that was joined
        with it by `Bridge` would hear music for ever."""
        self.latecomers.count(call_id)
        caller = self._floor.caller(call_id)
        if caller is None:
            return False
        if caller.channel:
            self._floor.spawn(self._let_go(caller.channel))
        self._room.gone(call_id, at=at)
        return True

    async def _let_go(self, channel: str) -> None:
        with suppress(AmiRefused):  # it is gone already
            await self._client.hang_up(channel)

    def _enter(self, event: AmiMessage) -> None:
        """Two are joined: if one is a caller and the other an agent's telephone, they talk."""
        members = self._bridges.setdefault(event["BridgeUniqueid"], {})
        members[event["Uniqueid"]] = event["Channel"]
        for call_id in members:
            if any(map(self._agent_on, members.values())):
                self.latecomers.count(call_id)
            self._talks(call_id, members, _when(event, self._floor.clock))

    def _leave(self, event: AmiMessage) -> None:
        members = self._bridges.get(event["BridgeUniqueid"], {})
        members.pop(event["Uniqueid"], None)
        if not members:
            self._bridges.pop(event["BridgeUniqueid"], None)

    def _queued(self, event: AmiMessage) -> None:
        if event["Queue"] == self._survival:
            at = _when(event, self._floor.clock) or self._floor.clock.now()
            self.latecomers.expect(event["Uniqueid"], event["CallerIDNum"], at)

    def _speaks(self, event: AmiMessage) -> None:
        self._floor.talks.voices.begins(event["Uniqueid"], event["Channel"])

    def _silent(self, event: AmiMessage) -> None:
        leg = (event["Uniqueid"], event["Channel"])
        self._floor.talks.voices.stops(*leg, at=self._floor.clock.now())

    def _talks(self, call_id: str, members: Mapping[str, str], at: datetime | None = None) -> bool:
        """Take it that a caller talks, with the agent who is rung or, while the engine was away, with
        whoever the plain queue has given them to."""
        caller = self._floor.caller(call_id)
        if caller is None or caller.place not in _UNSERVED:
            return False
        for channel in members.values():
            agent = self._agent_on(channel)
            if not agent:
                continue
            if agent != caller.agent:
                self._floor.released(call_id)
                self._floor.match(call_id, agent)
            if self._floor.state.callers[call_id].place is not Place.RINGING:
                self._room.rings(call_id)
            self._room.answered(call_id, channel, at)
            return True
        return False

    def _agent_on(self, channel: str) -> str:
        """Return the agent whose telephone a channel is."""
        endpoint = channel.removeprefix("PJSIP/").rpartition("-")[0]
        standings = self._floor.state.standings
        return next((one for one in standings if standings[one].endpoint == endpoint != ""), "")

    # Comparing.

    def _snapshot(self, taken: Snapshot) -> None:
        """Set right what is not as it was thought."""
        channels = {one.uniqueid: one for one in taken.channels}
        names = {one.channel for one in taken.channels}
        self._forget_bridges(taken.asterisk)
        self._floor.talks.voices.forget()
        for one in taken.channels:
            if one.bridge:
                self._bridges.setdefault(one.bridge, {})[one.uniqueid] = one.channel
        told = {one.call_id: one for one in self._meanwhile(taken)}
        waiting = {one.uniqueid for one in taken.channels if not one.bridge}

        def elsewhere(call_id: str) -> bool:
            return self._client.elsewhere(call_id, taken.asterisk)

        self.latecomers.take(told.values(), waiting, elsewhere)
        for late in told.values():
            self._catch_up(late)
        callers = agents = 0
        for call_id, caller in list(self._floor.state.callers.items()):
            if elsewhere(call_id):
                continue
            here, known = channels.get(call_id), told.get(call_id)
            over = known is not None and known.how is not None
            if here is None or (over and caller.place in _UNSERVED):
                callers += 1
                self._gone_meanwhile(call_id, known)
            elif here.bridge and self._talks(
                call_id, self._bridges[here.bridge], known.connected if known else None
            ):
                callers += 1
            elif caller.place in ENGAGED and caller.channel and caller.channel not in names:
                agents += self._alone(caller, here)
        agents += self._free_agents()
        self._let_go_of_orphans(taken)
        self._floor.emit(Resynced("login", callers, agents))
        over_ids = frozenset(one.call_id for one in told.values() if one.how is not None)
        self._floor.spawn(self.on_login(taken, over_ids))

    def _forget_bridges(self, asterisk: str) -> None:
        """Forget who is joined with whom on an Asterisk."""
        for bridge, members in list(self._bridges.items()):
            if not all(self._client.elsewhere(one, asterisk) for one in members):
                del self._bridges[bridge]

    def _meanwhile(self, taken: Snapshot) -> list[Meanwhile]:
        """Return what is not known yet of the plain queue: also of a caller who had left before, and whose
        session ended with the engine."""
        told = meanwhile(taken.missed, self._survival, self._floor.clock.now().tzinfo)
        for one in told:
            one.channel = unique(one.channel, taken.asterisk)
        left = self._floor.state.left
        return [
            one for one in told if one.call_id not in left or one.entered > left[one.call_id].at
        ]

    def _catch_up(self, late: Meanwhile) -> None:
        """Take what became of a conversation that the engine had begun, or was about to."""
        caller = self._floor.caller(late.call_id)
        if caller is None or not late.known:
            return
        if caller.place is Place.RINGING and late.connected is not None:
            self._room.answered(late.call_id, late.channel, late.connected)
            caller = self._floor.state.callers[late.call_id]
        # An earlier agent's leg may be told of as well.
        ours = late.channel in ("", caller.channel)
        if caller.place is Place.TALKING and late.ended is not None and ours:
            self._floor.parted(late.call_id, late.by, late.ended)

    def _gone_meanwhile(self, call_id: str, late: Meanwhile | None) -> None:
        """Count what became of a caller who is gone, as far as anybody knows."""
        caller = self._floor.state.callers[call_id]
        if late is None or late.known or caller.place not in _UNSERVED:
            self._room.gone(call_id, "unknown", late.gone if late else None)
            return
        self._floor.released(call_id)
        if late.connected is not None:
            queue = caller.joined.queue
            self._floor.emit(Matched(call_id, queue, late.agent), late.connected)
            self._floor.emit(Answered(call_id, queue, late.agent), late.connected)
            self._floor.emit(Ended(call_id, queue, late.agent, late.by or "unknown"), late.ended)
        how = Leaving.SERVED if late.connected else late.how or Leaving.ABANDONED
        self._floor.left(call_id, how, late.ended if late.connected else late.gone or late.ended)
        self._floor.doors.close(call_id, how)

    def _let_go_of_orphans(self, taken: Snapshot) -> None:
        """End agents' legs that hear music for a caller who has gone meanwhile."""
        known = {caller.channel for caller in self._floor.state.callers.values()}
        for one in taken.channels:
            rung = one.uniqueid.startswith(CONSULTED)  # the consultation's own
            if one.context == _HELD and not one.bridge and one.channel not in known and not rung:
                self._floor.spawn(self._let_go(one.channel))

    def _alone(self, caller: Caller, here: ChannelInfo) -> int:
        """Set right a caller whose agent's leg is gone: the conversation is over, and the session comes
        back by itself, or it waits to be told."""
        if caller.place is Place.TALKING and not here.bridge:
            self._floor.parted(caller.joined.call_id, "unknown")
            return 1
        if caller.place in (Place.HELD, Place.ERRAND):
            self._floor.spawn(self.on_lost(caller.agent))
            return 1
        return 0

    def _free_agents(self) -> int:
        """Free agents who are thought to be with a caller who is not there any more."""
        standings = list(self._floor.state.standings.items())
        return sum(
            self._floor.unbind(agent)
            for agent, standing in standings
            if standing.engaged and standing.call_id not in self._floor.state.callers
        )


def _when(event: AmiMessage, clock: Clock) -> datetime | None:
    """Return when something happened: an event may be read late, as those are that came while a snapshot was
    taken. None where Asterisk does not tell."""
    moment = event.moment
    return None if moment is None else datetime.fromtimestamp(moment, clock.now().tzinfo)


async def _nobody(agent: str) -> None:
    """Nobody wants to know."""


async def _nothing(taken: Snapshot, over: frozenset[str]) -> None:
    """Nothing is to be done."""
