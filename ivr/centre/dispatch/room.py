"""Callers and agents, each in their place: what the dispatcher decides upon.

Callers are served in the order of their score: the time waited since their original entry, and a head
start. All scores grow alike, so a caller's place is one number, the entry less the head start. It only
changes when the wait opens another rule, or has lasted so long that the caller has the full head start.
"""

from __future__ import annotations

import heapq
from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator
from itertools import count

from ivr.centre.dispatch.agents import Pool, Seat
from ivr.centre.dispatch.callers import Entry, Kind, Standing, Waiter
from ivr.centre.dispatch.queue import QueueState
from ivr.centre.dispatch.values import Caller
from ivr.model.queues import CallbackMode, QueueDocument, QueuePlan
from ivr.model.values import Scalar
from ivr.ports.agents import AgentState

ANYONE_SERVES = QueueDocument.model_validate({"agents": ["anyone"], "empty": "wait"})


class Room:
    """Waiters by call, queues by name, seats by agent, and kinds of callers. `free` counts the agents
    who may be given somebody."""

    def __init__(self, plan: QueuePlan, now: float) -> None:
        self.waiters: dict[str, Waiter] = {}
        self.queues: dict[str, QueueState] = {}
        self.seats: dict[str, Seat] = {}
        self.kinds: dict[tuple[str, tuple[Scalar, ...]], Kind] = {}
        self.free = 0
        self.timers: list[tuple[float, int, Waiter | Seat]] = []
        self._serials = count()
        self.adopt(plan, now)

    def adopt(self, plan: QueuePlan, now: float) -> list[str]:
        """Go by another plan; return the queues whose surge is over by that. A queue that is gone stays
        as it is for those who wait in it."""
        surging = [name for name, queue in self.queues.items() if queue.surging]
        waiting = [one for one in self.waiters.values() if one.standing is Standing.WAITING]
        for waiter in waiting:
            self.withhold(waiter)
        self._fairness = plan.fairness
        used = {one.caller.queue for one in self.waiters.values()}
        queues = {name: queue for name, queue in self.queues.items() if name in used}
        for name, document in plan.queues.items():
            queues[name] = self.queues.get(name) or QueueState(name)
            queues[name].adopt(document)
        self.queues = queues
        seats = {}
        for order, agent in enumerate(plan.agents):
            seats[agent] = self.seats.get(agent) or Seat(agent, now)
            seats[agent].adopt(order, plan.agents[agent])
        self.seats = seats
        self.free = sum(seat.listed for seat in seats.values())
        self.kinds = {}
        for waiter in self.waiters.values():
            waiter.kind = self.kind(waiter.caller)
        for waiter in waiting:
            self.enter(waiter, now)
        return [name for name in surging if name not in queues or not queues[name].surging]

    def kinds_of(self, queue: QueueState) -> list[Kind]:
        """Return the kinds of callers that a queue has had so far."""
        return [kind for kind in self.kinds.values() if kind.queue is queue]

    # Callers.

    def kind(self, caller: Caller) -> Kind:
        """Return the kind of a caller, made when the first of it comes."""
        queue = self.queues.get(caller.queue) or self._strange(caller.queue)
        key = (caller.queue, tuple(caller.facts.get(name) for name in queue.reads))
        kind = self.kinds.get(key)
        if kind is None:
            facts = {name: caller.facts[name] for name in queue.reads if name in caller.facts}
            strategy = queue.document.strategy
            pools = tuple(
                Pool(queue.name, rule, strategy, facts, queue.helps)
                for rule in queue.document.agents
            )
            kind = self.kinds[key] = Kind(queue, pools)
            self.refresh(pools)
        return kind

    def _strange(self, name: str) -> QueueState:
        """Return a queue that the plan does not have: a call may have begun before it was taken out."""
        queue = self.queues[name] = QueueState(name)
        queue.adopt(ANYONE_SERVES)
        return queue

    def admit(self, caller: Caller, now: float) -> Waiter:
        """Let a caller in."""
        waiter = Waiter(caller, next(self._serials), self.kind(caller), now)
        self.waiters[caller.call_id] = waiter
        self.enter(waiter, now)
        return waiter

    def enter(self, waiter: Waiter, now: float) -> None:
        """Let a caller wait where the wait so far puts them."""
        caller, queue = waiter.caller, waiter.kind.queue
        opened = [wait for wait in queue.waits if now >= caller.entered + wait]
        waiter.rule = max(len(opened) - 1, 0)
        head_start, full_from = self._head_start(waiter, now)
        changes = [caller.entered + wait for wait in queue.waits[len(opened) :]]
        changes += [full_from] if full_from > now else []
        changes += [waiter.ends] if waiter.ends is not None else []
        if changes:
            waiter.due = min(changes)
            self._remind(waiter.due, waiter)
        waiter.entry = (caller.entered - head_start, waiter.serial, caller.call_id)
        waiter.standing = Standing.WAITING
        waiter.kind.enter(waiter)
        if caller.callback is CallbackMode.CUSTOMER_FIRST:
            insort(queue.to_dial, waiter.entry)

    def _head_start(self, waiter: Waiter, now: float) -> tuple[float, float]:
        """Return a caller's head start, and from when on it is the full one."""
        caller, queue = waiter.caller, waiter.kind.queue
        most = self._fairness.head_start / 1000
        full_from = caller.entered + self._fairness.overtaken / 1000
        if now >= full_from:
            return most, full_from
        own = max(caller.priority, 0.0) + queue.boost(caller.facts)
        return min(most, queue.head_starts[waiter.rule] + own), full_from

    def withhold(self, waiter: Waiter) -> None:
        """Take a caller out of the line; they stay known."""
        if waiter.standing is Standing.WAITING:
            waiter.kind.exit(waiter)
            if waiter.caller.callback is CallbackMode.CUSTOMER_FIRST:
                queue = waiter.kind.queue
                del queue.to_dial[bisect_left(queue.to_dial, waiter.entry)]
        waiter.standing = Standing.WITHHELD
        waiter.due = None

    def foremost(self) -> tuple[Waiter, int] | None:
        """Return the caller with the highest score for whom somebody is free, and by which rule."""
        best: tuple[Entry, int] | None = None
        for kind in self.kinds.values():
            for opened, line in enumerate(kind.lines):
                if line and (best is None or line[0] < best[0]):
                    rule = kind.first_free(opened)
                    if rule is not None:
                        best = (line[0], rule)
        return None if best is None else (self.waiters[best[0][2]], best[1])

    def forget(self, call_id: str) -> None:
        """Let a caller go for good."""
        waiter = self.waiters.pop(call_id, None)
        if waiter is not None:
            self.withhold(waiter)

    # Agents.

    def change(self, seat: Seat, state: AgentState, now: float) -> None:
        """Let an agent go over to another state."""
        self.unlist(seat)
        staff, working = seat.logged_in, seat.working
        seat.change(state, now)
        if (staff, working) != (seat.logged_in, seat.working):
            for pool in seat.pools:
                pool.staff += seat.logged_in - staff
                pool.working += seat.working - working

    def enlist(self, seat: Seat, now: float) -> None:
        """Count an agent as free, if they are; at once, or when they have rested."""
        if seat.state is not AgentState.READY or seat.listed:
            return
        if now < seat.rest_until:
            self._remind(seat.rest_until, seat)
            return
        seat.listed = True
        self.free += 1
        for pool in seat.pools:
            pool.add(seat)

    def unlist(self, seat: Seat) -> None:
        """Count an agent as free no longer."""
        if seat.listed:
            for pool in seat.pools:
                pool.remove(seat)
            seat.listed = False
            self.free -= 1

    def free_for(self, queue: str, now: float) -> tuple[str, ...]:
        """Return the free agents who may serve callers of a queue in some language, the best first."""
        languages = {one for seat in self.seats.values() for one in seat.document.languages}
        callers = [Caller("", queue, now, facts={"language": one}) for one in sorted(languages)]
        rules = zip(*(self.kind(caller).pools for caller in callers), strict=True)
        found = [agent for pools in rules for pool in pools for *_, agent in pool.free]
        return tuple(dict.fromkeys(found))

    def helpers(self, queue: QueueState) -> tuple[str, ...]:
        """Return the agents of the second line who help a queue in a surge."""
        second = (seat for seat in self.seats.values() if seat.document.second_line)
        return tuple(seat.agent for seat in second if seat.logged_in and queue.pulls(seat))

    def refresh(self, pools: Iterable[Pool]) -> None:
        """Let into pools whom they admit, and out of them whom they do not."""
        for pool in pools:
            for seat in self.seats.values():
                inside, admitted = pool in seat.pools, pool.admits(seat)
                if inside != admitted:
                    pool.count(seat, 1 if admitted else -1)
                    (seat.pools.append if admitted else seat.pools.remove)(pool)

    # Time.

    def _remind(self, at: float, of: Waiter | Seat) -> None:
        heapq.heappush(self.timers, (at, next(self._serials), of))

    def ripe(self, now: float) -> Iterator[Waiter]:
        """Yield the callers for whom something is due; agents who have rested are free again."""
        while self.timers and self.timers[0][0] <= now:
            at, _, subject = heapq.heappop(self.timers)
            if isinstance(subject, Seat):
                self.enlist(subject, now)
            elif subject.due == at:
                yield subject
