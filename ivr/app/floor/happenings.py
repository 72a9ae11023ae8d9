"""What happens on the floor, and how it stands.

Everything that happens is an event first: folded into the state and written into the diary. A floor that
starts again folds its diary, and knows who waits, since when, and who talks with whom.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import cast

import msgspec

from ivr.app.floor.checkpoint import Checkpoint, encode
from ivr.app.floor.diary import Diary
from ivr.app.floor.doors import Doors
from ivr.app.floor.state import Caller, FloorState, Place
from ivr.app.floor.talks import Talks
from ivr.centre import dispatch
from ivr.centre.agents import WRAP_UP, Act, Standing, step
from ivr.centre.dispatch import Dispatcher
from ivr.centre.kpi import Kpi
from ivr.model.errors import PortError
from ivr.model.floor import (
    AgentChanged,
    AnyFloorEvent,
    FloorEvent,
    Stamped,
)
from ivr.model.queues import CallbackMode, QueueDocument, QueuePlan
from ivr.ports.clock import Clock
from ivr.ports.waiting import Turn

_LOG = logging.getLogger(__name__)
_LOOK_S = 1.0
"""The dispatcher is asked so often at least."""
KEEP_EVERY = 5_000
"""So many events at most are folded by who runs the floor next: a twentieth of a second's work."""
_UNKNOWN = QueueDocument.model_validate({"agents": ["anyone"]})
"""What a queue is that is not in force any more."""

Move = Callable[..., Awaitable[None]]
Turned = Callable[[str, str], None]
"""Told of a callback whose turn it is, and of the agent who is kept for it, or empty."""


class Channels(msgspec.Struct, frozen=True):
    """The channels of a call: the caller's UNIQUEID, which Asterisk takes for a name, and the name of
    the agent's or empty."""

    caller: str
    agent: str


class Happenings:
    """The events of one engine's floor. `plan` returns the queues and agents in force. `keeps` tells
    whether agents stay kept for a call that is not on the floor: one that the bank has begun."""

    def __init__(self, plan: Callable[[], QueuePlan], diary: Diary, kpi: Kpi, clock: Clock) -> None:
        self.state = FloorState()
        self.talks = Talks()
        self.doors = Doors()
        self.kpi = kpi
        self.clock = clock
        self.change = 0
        self.last_at: datetime | None = None
        self.changed = asyncio.Event()
        self.on_agents: list[asyncio.Event] = []
        self.on_turn: Turned = lambda call_id, agent: None
        self.keeps: Callable[[str], bool] = lambda call_id: False
        self.on_event: Callable[[FloorEvent], None] = lambda event: None
        self.move: Move = _unmoved
        self._plan = plan
        self._adopted = plan()
        self._diary = diary
        self._number = diary.last
        self._since_kept = 0
        self._wanting: dict[str, str] = {}
        self._wrapping: set[str] = set()
        self._tasks: set[asyncio.Future[None]] = set()
        self.dispatcher = Dispatcher(self._adopted, self.now())
        self._due = asyncio.Event()

    def now(self) -> float:
        """Return the time as the dispatcher counts it, in seconds."""
        return self.clock.now().timestamp()

    # What happens.

    def emit(self, event: FloorEvent, at: datetime | None = None) -> None:
        """Have something happened, now or as is known at last: folded now, durable soon."""
        self._number += 1
        stamped = Stamped(self._number, at or self.clock.now(), cast(AnyFloorEvent, event))
        self._fold(stamped)
        self._diary.append(stamped)
        self._since_kept += 1
        if self._since_kept >= KEEP_EVERY:
            self.keep()
        self.on_event(event)
        self.shown()
        self._due.set()

    def keep(self) -> None:
        """Keep what all events so far come to, for whoever runs the floor next."""
        self._since_kept = 0
        figures = self.kpi.kept()
        kept = Checkpoint(self.kpi.zone.key, self.state, self.talks.open, figures, self.last_at)
        self._diary.keep(encode(kept))

    async def durable(self) -> None:
        """Wait until all that happened so far outlives this process."""
        await self._diary.durable()

    def shown(self) -> None:
        """Have boards show what is kept nowhere."""
        self.change += 1
        self.changed.set()

    def go_on(self, kept: Checkpoint) -> None:
        """Begin with what somebody has folded before."""
        self.state, self.talks.open = kept.state, kept.talks
        self.kpi.go_on(kept.figures)
        self.last_at = kept.last_at

    def replay(self, events: Iterable[Stamped]) -> None:
        """Fold what is in the diary already."""
        for stamped in events:
            self._fold(stamped)
            self._since_kept += 1

    def begin(self) -> None:
        """Have the dispatcher know of what was folded."""
        now = self.now()
        for queue, reason in self.state.surges.items():
            self.dispatcher.resume_surge(queue, reason)
        for agent, standing in self.state.standings.items():
            self.dispatcher.agent(agent, standing.state, now)
            if standing.until is not None:
                self._wrapping.add(agent)
        for call_id, caller in self.state.callers.items():
            self.dispatcher.join(waiter(self.state, call_id), now, admitted=True)
            if caller.place is not Place.WAITING:
                self.dispatcher.withhold(call_id, now)

    def _fold(self, stamped: Stamped) -> None:
        self.state.take(stamped.at, stamped.event)
        self.kpi.take(stamped)
        self.talks.take(stamped.at, stamped.event)
        self.last_at = stamped.at

    def act(
        self,
        agent: str,
        act: Act,
        *,
        reason: str = "",
        endpoint: str = "",
        call_id: str = "",
        queue: str = "",
        lasts: timedelta = WRAP_UP,
    ) -> Standing | None:
        """Have something happen to an agent; None where the table has no such act, or there is no
        such agent."""
        standing = self.standing(agent)
        if standing is None:
            return None
        now = self.clock.now()
        said = {"reason": reason, "endpoint": endpoint, "call_id": call_id, "queue": queue}
        done = step(standing, act, now, **said, lasts=lasts)
        if done is None:
            return None
        self.emit(
            AgentChanged(
                agent,
                act.value,
                done.state.value,
                reason=reason or done.reason,
                endpoint=endpoint or done.endpoint,
                call_id=call_id or done.call_id,
                queue=queue or done.queue,
                missed=done.missed,
                lasts_s=lasts.total_seconds(),
            )
        )
        standing = self.state.standings[agent]
        if standing.until is not None:
            self._wrapping.add(agent)
        self.dispatcher.agent(agent, standing.state, now.timestamp())
        for changed in self.on_agents:
            changed.set()
        return standing

    async def direct(self, call_id: str, turn: Turn, *, keep_agent: bool = True) -> None:
        """Have a caller do something next; one who is joined with an agent is taken away first, and the
        agent's leg hears music, or ends. Raises PortError, and then nothing has changed."""
        door, caller = self.doors.of(call_id), self.caller(call_id)
        before, door.directive = door.directive, turn
        if caller is not None and caller.place is Place.TALKING:
            try:
                await self.move(call_id, keep_agent=keep_agent)
            except PortError:
                door.directive = before
                raise
        door.news.set()

    def remember(self, call_id: str, since: datetime) -> None:
        """Have it known that a caller who is not on the floor yet has waited since then."""
        self.doors.of(call_id).since = since

    # What is asked.

    def standings(self) -> Mapping[str, Standing]:
        """Return how every agent stands, also those who have never worked."""
        known = self.state.standings
        return {agent: known.get(agent) or Standing(agent) for agent in {*self.plan.agents, *known}}

    def standing(self, agent: str) -> Standing | None:
        """Return how an agent stands; None where there is none."""
        known = self.state.standings.get(agent)
        return known or (Standing(agent) if agent in self.plan.agents else None)

    @property
    def plan(self) -> QueuePlan:
        """The queues and agents in force."""
        plan = self._plan()
        if plan is not self._adopted:
            self._adopted = plan
            self.dispatcher.adopt(plan, self.now())
        return plan

    def queue(self, name: str) -> QueueDocument:
        """Return what a queue is."""
        return self.plan.queues.get(name, _UNKNOWN)

    def wrap_up(self, queue: str) -> timedelta:
        """Return how long agents have after a call of a queue."""
        return timedelta(milliseconds=self.queue(queue).wrap_up.time)

    def caller(self, call_id: str) -> Caller | None:
        """Return a caller, if they are on the floor."""
        return self.state.callers.get(call_id)

    def legs(self, call_id: str) -> Channels:
        """Return the channels of a call."""
        caller = self.caller(call_id)
        return Channels(call_id, caller.channel if caller else "")

    def free(self, queue: str) -> tuple[str, ...]:
        """Return the agents who could take a caller of a queue now, the best first."""
        return self.dispatcher.free_agents(queue, self.now())


def waiter(state: FloorState, call_id: str) -> dispatch.Caller:
    """Return a caller as the dispatcher knows them."""
    caller = state.callers[call_id]
    joined = caller.joined
    facts = {
        "last_agent": state.last_agent(joined),
        **joined.facts,
        "language": joined.language,
        "level": joined.level,
    }
    return dispatch.Caller(
        joined.call_id,
        joined.queue,
        caller.since.timestamp(),
        priority=joined.priority,
        facts=facts,
        callback=CallbackMode.NONE,
    )


async def _unmoved(call_id: str, *, keep_agent: bool) -> None:
    """Move nobody: there is no manager interface."""
    raise PortError("asterisk", "callers cannot be moved without `ami` in the configuration")
