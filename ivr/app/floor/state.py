"""The floor's state: a fold of its events, and nothing else."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from datetime import datetime, timedelta

import msgspec
from msgspec.structs import replace

from ivr.centre.agents import Act, Standing, step
from ivr.model.floor import (
    AgentChanged,
    Alerted,
    Answered,
    CallbackChanged,
    CameBack,
    Ended,
    FloorEvent,
    HandedOff,
    Held,
    Joined,
    Left,
    Matched,
    Missed,
    Progressed,
    Rang,
    RecordingAllowed,
    SteppedAside,
    Surged,
    Transferred,
)
from ivr.ports.floor import Alert
from ivr.ports.waiting import Leaving

ALERTS_MOST = 20
LAST_AGENTS_MOST = 50_000
"""Customers of whom it is remembered who has last talked with them."""
_LEFT_MOST = 2_000


class Place(enum.StrEnum):
    """Where a caller is."""

    WAITING = "waiting"
    ASIDE = "aside"  # arranges to be called back; the place is kept
    CHOSEN = "chosen"  # an agent is chosen, and not rung yet
    RINGING = "ringing"
    TALKING = "talking"
    HELD = "held"
    ERRAND = "errand"
    TALKED = "talked"  # the conversation is over, the caller still there


ENGAGED = frozenset({Place.TALKING, Place.HELD, Place.ERRAND})
"""Places in which an agent belongs to the caller."""


class Caller(msgspec.Struct, frozen=True):
    """A caller on the floor: `since` when they wait, in this queue since `entered`, in their `place`
    since `changed`; `answered` is when an agent first was.

    `channel` is the agent's; `consulting` whom the agent consults; `progress` and `outcome` belong to
    the last `errand`.
    """

    joined: Joined
    since: datetime
    entered: datetime
    changed: datetime
    place: Place = Place.WAITING
    agent: str = ""
    channel: str = ""
    consulting: str = ""
    errand: HandedOff | None = None
    progress: str = ""
    outcome: str = ""
    answered: datetime | None = None
    transferred: bool = False


class Departed(msgspec.Struct, frozen=True):
    """When and how a call has left a queue."""

    at: datetime
    how: Leaving


class FloorState(msgspec.Struct):
    """Callers by call id, agents by number, the last alerts, why queues are reinforced (`surges`), how the
    calls have `left` that did so last, which were `sent_on` by an agent and are in no queue yet, and who
    has last talked with each customer (`last_agents`)."""

    callers: dict[str, Caller] = {}
    standings: dict[str, Standing] = {}
    callbacks: dict[str, CallbackChanged] = {}
    alerts: list[Alert] = []
    surges: dict[str, str] = {}
    left: dict[str, Departed] = {}
    sent_on: set[str] = set()
    last_agents: dict[str, str] = {}

    def take(self, at: datetime, event: FloorEvent) -> None:
        """Take one event. What tells of a caller who is not there is passed over."""
        match event:
            case Joined():
                sent = event.call_id in self.sent_on
                self.sent_on.discard(event.call_id)
                since = event.since or at
                self.callers[event.call_id] = Caller(event, since, at, at, transferred=sent)
            case Transferred():
                self.sent_on.add(event.call_id)
            case Left():
                self.callers.pop(event.call_id, None)
                self.left.pop(event.call_id, None)
                self.left[event.call_id] = Departed(at, Leaving(event.how))
                while len(self.left) > _LEFT_MOST:
                    self.left.pop(next(iter(self.left)))
            case AgentChanged():
                self._agent(at, event)
            case CallbackChanged():
                self._callback(event)
            case Surged():
                self._surge(event)
            case Alerted():
                self.alerts = [*self.alerts, Alert(at, event)][-ALERTS_MOST:]
            case _:
                caller = self.callers.get(getattr(event, "call_id", ""))
                if caller is not None:
                    self.callers[caller.joined.call_id] = _changed(caller, at, event)
                    self._remember(caller.joined, event)

    def _agent(self, at: datetime, event: AgentChanged) -> None:
        standing = self.standings.get(event.agent) or Standing(event.agent)
        changed = step(
            standing,
            Act(event.act),
            at,
            reason=event.reason,
            endpoint=event.endpoint,
            call_id=event.call_id,
            queue=event.queue,
            lasts=timedelta(seconds=event.lasts_s),
        )
        if changed is not None:
            self.standings[event.agent] = changed

    def last_agent(self, joined: Joined) -> str:
        """Return the agent who has last talked with a customer (or a number), who may know the case."""
        return self.last_agents.get(joined.customer or joined.ani, "")

    def _remember(self, joined: Joined, event: FloorEvent) -> None:
        who = joined.customer or joined.ani
        if isinstance(event, Answered) and who:
            self.last_agents.pop(who, None)
            self.last_agents[who] = event.agent
            if len(self.last_agents) > LAST_AGENTS_MOST:
                del self.last_agents[next(iter(self.last_agents))]

    def _surge(self, event: Surged) -> None:
        self.surges.pop(event.queue, None)
        if event.on:
            self.surges[event.queue] = event.reason

    def _callback(self, event: CallbackChanged) -> None:
        if event.callback:
            self.callbacks[event.callback] = event


_PLACES: Mapping[type[FloorEvent], Place] = {
    SteppedAside: Place.ASIDE,
    CameBack: Place.WAITING,
    Rang: Place.RINGING,
}


def _changed(caller: Caller, at: datetime, event: FloorEvent) -> Caller:
    """Return a caller after an event that tells of them."""
    if type(event) in _PLACES:
        return replace(caller, place=_PLACES[type(event)], changed=at)
    match event:
        case Matched(agent=agent):
            return replace(caller, place=Place.CHOSEN, agent=agent, changed=at)
        case Missed():
            return replace(caller, place=Place.WAITING, agent="", changed=at)
        case Answered(agent=agent, channel=channel):
            return replace(
                caller,
                place=Place.TALKING,
                agent=agent,
                channel=channel or caller.channel,
                consulting="",
                changed=at,
                answered=caller.answered or at,
            )
        case RecordingAllowed(allowed=allowed):
            return replace(caller, joined=replace(caller.joined, recorded=allowed))
        case Held(target=target):
            return replace(caller, place=Place.HELD, consulting=target, changed=at)
        case HandedOff():
            return replace(
                caller, place=Place.ERRAND, errand=event, progress="", outcome="", changed=at
            )
        case Progressed(progress=progress, outcome=outcome):
            return replace(caller, progress=progress, outcome=outcome)
        case Ended(agent=agent) if agent == caller.agent:
            return replace(caller, place=Place.TALKED, channel="", consulting="", changed=at)
    return caller
