"""The running floor: the dispatcher on the loop, what follows from its decisions, what is written down.

Everything that happens is an event first: folded into the state and written into the diary. A floor that
starts again folds its diary, and knows who waits, since when, and who talks with whom.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import timedelta
from typing import cast

import msgspec

from ivr.app.floor.diary import Diary
from ivr.app.floor.doors import Doors
from ivr.app.floor.state import ENGAGED, Caller, FloorState, Place
from ivr.centre import dispatch
from ivr.centre.agents import MISSED, WRAP_UP, Act, Standing, step
from ivr.centre.dispatch import Decision, DialCustomer, Dismiss, Dispatcher, Match, SurgeChange
from ivr.centre.kpi import Kpi
from ivr.model.errors import PortError
from ivr.model.floor import (
    AgentChanged,
    Alerted,
    AnyFloorEvent,
    CameBack,
    Ended,
    FloorEvent,
    Left,
    Matched,
    Missed,
    Stamped,
    Surged,
)
from ivr.model.queues import CallbackMode, QueueDocument, QueuePlan
from ivr.ports.agents import AgentState
from ivr.ports.callbacks import State
from ivr.ports.clock import Clock
from ivr.ports.waiting import Leaving, Turn

_LOG = logging.getLogger(__name__)
_LOOK_S = 1.0
"""The dispatcher is asked so often at least."""
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


class RunningFloor:
    """The floor of one engine. `plan` returns the queues and agents in force.

    Everything but `running` is done at once, within one turn of the loop.
    """

    def __init__(self, plan: Callable[[], QueuePlan], diary: Diary, kpi: Kpi, clock: Clock) -> None:
        self.state = FloorState()
        self.doors = Doors()
        self.kpi = kpi
        self.clock = clock
        self.change = 0
        self.changed = asyncio.Event()
        self.on_turn: Turned = lambda call_id, agent: None
        self.move: Move = _unmoved
        self._plan = plan
        self._adopted = plan()
        self._diary = diary
        self._number = diary.last
        self._wanting: dict[str, str] = {}
        self._wrapping: set[str] = set()
        self._tasks: set[asyncio.Future[None]] = set()
        self.dispatcher = Dispatcher(self._adopted, self.now())
        self._due = asyncio.Event()

    def now(self) -> float:
        """Return the time as the dispatcher counts it, in seconds."""
        return self.clock.now().timestamp()

    # What happens.

    def emit(self, event: FloorEvent) -> None:
        """Have something happened: folded now, durable soon."""
        self._number += 1
        stamped = Stamped(self._number, self.clock.now(), cast(AnyFloorEvent, event))
        self._fold(stamped)
        self._diary.append(stamped)
        self.shown()
        self._due.set()

    def shown(self) -> None:
        """Have boards show what is kept nowhere."""
        self.change += 1
        self.changed.set()

    def replay(self, events: Iterable[Stamped]) -> None:
        """Fold what is in the diary already, then have the dispatcher know of it."""
        for stamped in events:
            self._fold(stamped)
        now = self.now()
        for agent, standing in self.state.standings.items():
            self.dispatcher.agent(agent, standing.state, now)
            if standing.until is not None:
                self._wrapping.add(agent)
        for call_id, caller in self.state.callers.items():
            self.dispatcher.join(waiter(caller), now, admitted=True)
            if caller.place is not Place.WAITING:
                self.dispatcher.withhold(call_id, now)

    def _fold(self, stamped: Stamped) -> None:
        self.state.take(stamped.at, stamped.event)
        self.kpi.take(stamped)

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

    # What becomes of callers.

    def left(self, call_id: str, how: Leaving) -> None:
        """Have a caller's time in the queue be over."""
        caller = self.state.callers[call_id]
        self.dispatcher.leave(call_id, self.now())
        self.emit(Left(call_id, caller.joined.queue, how.value))

    def ended(self, call_id: str, by: str) -> None:
        """Have a caller's conversation be over: ended by `agent`, `caller`, or nobody knows whom."""
        caller = self.state.callers[call_id]
        if caller.place in ENGAGED:
            self.parted(call_id, by)
        self.left(call_id, Leaving.SERVED)

    def parted(self, call_id: str, by: str) -> None:
        """Have a caller and their agent be apart for good; the caller may still be there."""
        caller = self.state.callers[call_id]
        queue, wrap_up = caller.joined.queue, self.wrap_up(caller.joined.queue)
        self.emit(Ended(call_id, queue, caller.agent, by))
        standing = self.standing(caller.agent)
        if standing is not None and standing.call_id == call_id:
            self.act(caller.agent, Act.ENDED, lasts=wrap_up)
        if caller.answered is not None:
            talked = self.clock.now() - caller.answered
            self.dispatcher.finished(queue, (talked + wrap_up).total_seconds())

    def missed(self, call_id: str, why: str) -> None:
        """RNA: the caller has their place again, the agent a rest; after too many, a pause."""
        caller = self.state.callers[call_id]
        queue, agent = caller.joined.queue, caller.agent
        self.emit(Missed(call_id, queue, agent, why))
        standing = self.act(agent, Act.MISSED)
        self.dispatcher.missed(call_id, agent, self.now())
        most = self.queue(queue).rna.pause_after
        if standing and standing.missed >= most and standing.state is AgentState.READY:
            self.act(agent, Act.PAUSE, reason=MISSED)
            self.emit(Alerted(f"agent:{agent}", f"{standing.missed} calls in a row not answered"))

    def released(self, call_id: str) -> None:
        """Have the agent who was chosen for a caller be free again: the caller is gone."""
        caller = self.state.callers[call_id]
        standing = self.standing(caller.agent)
        if standing is not None and standing.call_id == call_id:
            self.act(caller.agent, Act.RELEASED)

    def back(self, call_id: str, queue: str = "", agent: str = "") -> None:
        """Have a caller wait again since when they did: for a queue, or for one agent."""
        caller = self.caller(call_id)
        if caller is None:
            return
        if caller.place is Place.TALKING:
            self._spawn(self.move(call_id, keep_agent=False))
        errand = caller.errand if caller.place is Place.ERRAND and not caller.outcome else None
        joined = msgspec.structs.replace(
            caller.joined, queue=queue or caller.joined.queue, since=caller.since
        )
        self.left(call_id, Leaving.SERVED)
        self.emit(joined)
        now = self.now()
        self.dispatcher.join(waiter(self.state.callers[call_id]), now, admitted=True)
        door = self.doors.of(call_id)
        door.said_at, door.errand = None, errand
        if errand is not None:  # it goes on; then the caller waits
            self.dispatcher.withhold(call_id, now)
        elif agent:
            self.dispatcher.withhold(call_id, now)
            self._wanting[call_id] = agent
        self.doors.wake(call_id)

    def unbind(self, agent: str) -> bool:
        """Free an agent who is thought to be with a caller and is not; False: with a callback they are."""
        standing = self.state.standings[agent]
        callback = self.state.callbacks.get(standing.call_id)
        if callback is not None and callback.state in (State.ATTEMPTED, State.REACHED):
            return False
        queue = standing.queue
        return bool(
            self.act(agent, Act.RELEASED) or self.act(agent, Act.ENDED, lasts=self.wrap_up(queue))
        )

    def _spawn(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(_logged(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _want(self, call_id: str, agent: str) -> None:
        """Give a caller to the one agent they wait for, once that one is free; an agent who has gone
        leaves them to the queue."""
        caller, standing = self.caller(call_id), self.standing(agent)
        if caller is None or caller.place is not Place.WAITING:
            self._wanting.pop(call_id)
        elif standing is None or standing.state is AgentState.OFFLINE:
            self._wanting.pop(call_id)
            self.dispatcher.put_back(call_id, self.now())
        elif standing.free:
            self._wanting.pop(call_id)
            self.match(call_id, agent)

    def match(self, call_id: str, agent: str) -> None:
        """Give a caller to an agent, whatever the dispatcher would do."""
        self.dispatcher.take(call_id, agent, self.now())
        self._matched(call_id, agent)

    def put_back(self, call_id: str) -> None:
        """Have a caller who stepped aside wait again in their place."""
        caller = self.state.callers[call_id]
        self.dispatcher.put_back(call_id, self.now())
        self.emit(CameBack(call_id, caller.joined.queue))

    def _matched(self, call_id: str, agent: str) -> None:
        caller = self.state.callers[call_id]
        queue = caller.joined.queue
        self.emit(Matched(call_id, queue, agent))
        self.act(agent, Act.CHOSEN, call_id=call_id, queue=queue)
        self.doors.wake(call_id)

    # Deciding.

    async def running(self) -> None:
        """Decide whenever something has happened or is due; never returns."""
        while True:
            self.decide()
            timeout = min(_LOOK_S, (self.dispatcher.next_look() or 1e12) - self.now())
            try:
                async with asyncio.timeout(max(0.0, timeout)):
                    await self._due.wait()
            except TimeoutError:
                pass

    def decide(self) -> None:
        """Do what the dispatcher has decided by now."""
        self._due.clear()
        self._wrap_up()
        for call_id, agent in list(self._wanting.items()):
            self._want(call_id, agent)
        for decision in self.dispatcher.decide(self.now()):
            self._do(decision)

    def _wrap_up(self) -> None:
        """End the wrap-ups that are over."""
        now = self.clock.now()
        for agent in list(self._wrapping):
            until = self.state.standings[agent].until
            if until is None or until <= now:
                self._wrapping.discard(agent)
                self.act(agent, Act.WRAPPED)

    def _do(self, decision: Decision) -> None:
        match decision:
            case Match(call_id=call_id, agent=agent, callback=True, queue=queue):
                self.act(agent, Act.CHOSEN, call_id=call_id, queue=queue)
                self.on_turn(call_id, agent)
            case Match(call_id=call_id, agent=agent):
                self._matched(call_id, agent)
            case DialCustomer(call_id=call_id):
                self.on_turn(call_id, "")
            case Dismiss(call_id=call_id, how=how):
                if call_id in self.state.callers:
                    self.doors.of(call_id).over = how
                    self.left(call_id, how)
                    self.doors.wake(call_id)
            case SurgeChange(queue=queue, on=on, reason=reason, agents=agents):
                what = " ".join(("second line", *agents))
                self.emit(Surged(queue, what, on, reason))
                self.emit(Alerted(f"queue:{queue}", f"{'surge' if on else 'surge over'}: {reason}"))


def waiter(caller: Caller) -> dispatch.Caller:
    """Return a caller as the dispatcher knows them."""
    joined = caller.joined
    facts = {**joined.facts, "language": joined.language, "level": joined.level}
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


async def _logged(work: Awaitable[None]) -> None:
    try:
        await work
    except PortError as error:
        _LOG.error("the floor: %s", error)
