"""The dispatcher: who serves whom, of all queues and agents.

Pure: it knows no clock; every change and every question comes with `now`, in seconds.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from ivr.centre.dispatch import outlook
from ivr.centre.dispatch.agents import Pool, Seat
from ivr.centre.dispatch.callers import Standing, Waiter
from ivr.centre.dispatch.room import Room
from ivr.centre.dispatch.values import (
    Caller,
    Decision,
    DialCustomer,
    Dismiss,
    Estimate,
    Match,
    Outlook,
    SurgeChange,
)
from ivr.model.queues import CallbackMode, QueuePlan, Strategy
from ivr.ports.agents import AgentState
from ivr.ports.waiting import Leaving

SURGE_LOOK = 1.0
"""Seconds between two looks for surges."""


class Dispatcher:
    """Callers in queues, agents, and the decisions that follow. Not for several threads.

    Whoever is not known, caller or agent, is passed over: they have just gone.
    """

    def __init__(self, plan: QueuePlan, now: float) -> None:
        self._room = Room(plan, now)
        self._logged_out = False
        self._next_surge = now
        self._undone: list[SurgeChange] = []

    def adopt(self, plan: QueuePlan, now: float) -> None:
        """Go by another plan from now on. Callers keep their places, agents their states.

        A queue that is gone is served as before until it is empty; an agent who is gone gets no calls.
        """
        for name in self._room.adopt(plan, now):
            self._undo(name)

    def resume_surge(self, queue: str, reason: str) -> None:
        """Have a surge go on that began before this dispatcher did, for that reason. Asked before anybody
        joins; where the plan has no surge for the queue any more, it is over."""
        known = self._room.queues.get(queue)
        if known is None or known.watch is None:
            self._undo(queue)
        else:
            known.watch.resume(reason)

    def _undo(self, queue: str) -> None:
        self._undone.append(SurgeChange(queue, False, 0.0, 0.0, (), "the plan has changed"))

    # Callers.

    def join(
        self, caller: Caller, now: float, *, admitted: bool = False, is_open: bool = True
    ) -> Leaving | None:
        """Let a caller wait; return why not, if they may not. Joining twice is joining once.

        Whoever is `admitted` has been in already: nothing is checked. A queue that is in no plan is served
        by anyone.
        """
        room = self._room
        if caller.call_id in room.waiters:
            return None
        if not admitted:
            refused = outlook.refusal(room.kind(caller), is_open)
            if refused is not None:
                return refused
        waiter = room.admit(caller, now)
        waiter.plain = outlook.plain(waiter.kind, outlook.position(waiter))
        if waiter.plain is not None:
            waiter.told = waiter.kind.queue.estimator.corrected(waiter.plain)
        return None

    def leave(self, call_id: str, now: float) -> None:
        """Forget a caller for good. Leaving twice is leaving once."""
        self._room.forget(call_id)

    def withhold(self, call_id: str, now: float) -> None:
        """Give a caller to nobody until they are put back in the same place."""
        waiter = self._room.waiters.get(call_id)
        if waiter is not None:
            self._room.withhold(waiter)

    def put_back(self, call_id: str, now: float, callback: CallbackMode | None = None) -> None:
        """Let a caller who was withheld or taken wait again, in the same place; as one who is to be
        called back, or who is on the line (`NONE`), if that is told."""
        waiter = self._room.waiters.get(call_id)
        if waiter is None:
            return
        self._room.withhold(waiter)
        if callback is not None and callback is not waiter.caller.callback:
            waiter.caller = replace(waiter.caller, callback=callback)
            waiter.since = now
        self._room.enter(waiter, now)

    def as_callback(self, call_id: str, mode: CallbackMode, now: float) -> None:
        """Let a caller hang up and be called back; the place is the same."""
        self.put_back(call_id, now, mode)

    def take(self, call_id: str, agent: str, now: float) -> None:
        """Take note of a match that was made elsewhere."""
        waiter = self._room.waiters.get(call_id)
        if waiter is not None:
            self._room.withhold(waiter)
            waiter.standing = Standing.TAKEN
        self.agent(agent, AgentState.RESERVED, now)

    def missed(self, call_id: str, agent: str, now: float) -> None:
        """Take note that an agent did not answer: the caller waits again in the same place, and the
        agent is given nobody for a while."""
        room = self._room
        waiter, seat = room.waiters.get(call_id), room.seats.get(agent)
        self.put_back(call_id, now)
        if waiter is not None and seat is not None:
            room.unlist(seat)
            seat.rest_until = now + waiter.kind.queue.document.rna.skip / 1000
            room.enlist(seat, now)

    def answered(self, call_id: str, agent: str, now: float) -> None:
        """Take note that a caller and an agent talk: so the wait that was estimated is known."""
        self.take(call_id, agent, now)
        waiter = self._room.waiters.get(call_id)
        if waiter is not None and waiter.plain is not None:
            estimator = waiter.kind.queue.estimator
            estimator.answered(waiter.plain, waiter.told, now - waiter.caller.entered)
            waiter.plain = None

    def finished(self, queue: str, seconds: float) -> None:
        """Take note of how long an agent had to do with a call (talk, hold and ACW)."""
        if queue in self._room.queues:
            self._room.queues[queue].estimator.finished(seconds)

    # Agents.

    def agent(self, agent: str, state: AgentState, now: float, rest_until: float = 0.0) -> None:
        """Take note of an agent's state. Who is ready may be given a caller, but not before
        `rest_until`."""
        seat = self._room.seats.get(agent)
        if seat is None:
            return
        seat.rest_until = max(seat.rest_until, rest_until)
        if state is not seat.state:
            self._room.change(seat, state, now)
            self._logged_out |= not seat.logged_in
        self._room.enlist(seat, now)

    def free_agents(self, queue: str, now: float) -> tuple[str, ...]:
        """Return the free agents who may serve callers of a queue, the best first."""
        return self._room.free_for(queue, now)

    # Decisions.

    def decide(self, now: float) -> tuple[Decision, ...]:
        """Return what is to be done now, and count it as done."""
        decisions = [*self._ripe(now), *self._emptied(), *self._surges(now)]
        return (*decisions, *self._matches(now), *self._dials())

    def next_look(self) -> float | None:
        """Return when `decide` is to be asked again at the latest, None if nothing is to come."""
        timers, queues = self._room.timers, self._room.queues.values()
        looks = [timers[0][0]] if timers else []
        if any(queue.surging or (queue.watch and queue.order) for queue in queues):
            looks.append(self._next_surge)
        return min(looks, default=None)

    def _ripe(self, now: float) -> Iterator[Decision]:
        """Let waits that have become longer open rules, or end."""
        for waiter in self._room.ripe(now):
            self._room.withhold(waiter)
            ends = waiter.ends
            if ends is not None and now >= ends:
                yield self._dismissed(waiter, Leaving.TIMEOUT)
            else:
                self._room.enter(waiter, now)

    def _emptied(self) -> Iterator[Decision]:
        """Dismiss callers whom nobody who is logged in could serve, once somebody has logged out."""
        if not self._logged_out:
            return
        self._logged_out = False
        for kind in self._room.kinds.values():
            if kind.staff or kind.queue.document.empty == "wait":
                continue
            for _, _, call_id in [entry for line in kind.lines for entry in line]:
                waiter = self._room.waiters[call_id]
                if waiter.caller.callback is CallbackMode.NONE:
                    yield self._dismissed(waiter, Leaving.EMPTY)

    def _dismissed(self, waiter: Waiter, how: Leaving) -> Dismiss:
        self._room.forget(waiter.caller.call_id)
        return Dismiss(waiter.caller.call_id, waiter.caller.queue, how)

    def _matches(self, now: float) -> Iterator[Decision]:
        """Give free agents to callers, the highest score first."""
        while self._room.free:
            found = self._room.foremost()
            if found is None:
                return
            waiter, rule = found
            caller = waiter.caller
            if caller.callback is CallbackMode.CUSTOMER_FIRST:
                self._room.withhold(waiter)
                yield DialCustomer(caller.call_id, caller.queue)
                continue
            seat = self._chosen(waiter, waiter.kind.pools[rule])
            self.take(caller.call_id, seat.agent, now)
            seat.turns[caller.queue] = waiter.kind.queue.turn()
            yield Match(
                call_id=caller.call_id,
                agent=seat.agent,
                queue=caller.queue,
                callback=caller.callback is not CallbackMode.NONE,
                rule=rule,
                waited=now - caller.entered,
                score=now - waiter.entry[0],
            )

    def _chosen(self, waiter: Waiter, pool: Pool) -> Seat:
        if waiter.kind.queue.document.strategy is Strategy.LAST_AGENT:
            known = self._room.seats.get(str(waiter.caller.facts.get("last_agent")))
            if known is not None and pool.holds(known):
                return known
        return self._room.seats[pool.free[0][2]]

    def _dials(self) -> Iterator[Decision]:
        """Have customers rung who will soon be the first, where they are rung before an agent."""
        for queue in self._room.queues.values():
            callbacks = queue.document.callbacks
            while queue.to_dial and callbacks is not None:
                waiter = self._room.waiters[queue.to_dial[0][2]]
                expected = outlook.estimate(waiter.kind, outlook.position(waiter))
                if expected is None or expected.seconds * 1000 > callbacks.lead:
                    break
                self._room.withhold(waiter)
                yield DialCustomer(waiter.caller.call_id, queue.name)

    def _surges(self, now: float) -> Iterator[Decision]:
        """Let surges begin and end: agents of the second line come and go."""
        yield from self._undone
        self._undone.clear()
        if now < self._next_surge:
            return
        self._next_surge = now + SURGE_LOOK
        for queue in self._room.queues.values():
            if (watch := queue.watch) is None:
                continue
            # Where nobody waits, nobody is about to give up.
            idle = not queue.order and not watch.on
            expected = None if idle else outlook.estimate_for(self._room, queue)
            seconds = expected.seconds if expected is not None else 0.0
            if watch.look(seconds, len(queue.order), now):
                for kind in self._room.kinds_of(queue):
                    self._room.refresh(kind.pools)
                helpers = self._room.helpers(queue)
                yield SurgeChange(
                    queue.name, watch.on, watch.predicted, watch.threshold, helpers, watch.reason
                )

    # What is asked.

    def position(self, call_id: str) -> int:
        """Return a caller's position in their queue, from 1; 0 for one who does not wait."""
        waiter = self._waiting(call_id)
        return outlook.position(waiter) if waiter is not None else 0

    def waiting(self, queue: str) -> int:
        """Return how many wait in a queue, callbacks counted."""
        return len(self._room.queues[queue].order)

    def callers(self, queue: str) -> tuple[str, ...]:
        """Return who waits in a queue, in order."""
        return tuple(call_id for _, _, call_id in self._room.queues[queue].order)

    def estimate(self, call_id: str, now: float) -> Estimate | None:
        """Return how long a caller still has to wait; None for one who does not wait, or whom nobody
        serves."""
        waiter = self._waiting(call_id)
        if waiter is None:
            return None
        return outlook.estimate(waiter.kind, outlook.position(waiter))

    def estimate_for(self, queue: str, now: float) -> Estimate | None:
        """Return how long a caller would wait who joins now; None where nobody serves the queue."""
        return outlook.estimate_for(self._room, self._room.queues[queue])

    def offers_callback(self, call_id: str, now: float) -> bool:
        """Whether a caller is to be offered to be called back instead of waiting."""
        waiter = self._waiting(call_id)
        return waiter is not None and outlook.offers_callback(waiter)

    def outlook(self, queue: str, now: float) -> Outlook:
        """Return how a queue stands."""
        return outlook.outlook(self._room, self._room.queues[queue], now)

    def _waiting(self, call_id: str) -> Waiter | None:
        waiter = self._room.waiters.get(call_id)
        return waiter if waiter is not None and waiter.standing is Standing.WAITING else None
