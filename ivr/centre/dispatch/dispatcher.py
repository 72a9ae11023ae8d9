"""The dispatcher: who serves whom, of all queues and agents.

Pure: it knows no clock; every change and every question comes with `now`, in seconds. Callers are
served in the order of their score: the time waited since their original entry, and a head start. All
scores grow alike, so a caller's place is one number, the entry less the head start, that only changes
when the wait opens another rule or has lasted so long that the caller has the full head start.
"""

from __future__ import annotations

import heapq
from bisect import bisect_left, insort
from collections.abc import Iterator, Mapping
from itertools import count

from msgspec.structs import replace

from ivr.centre.dispatch.agents import Pool, Seat
from ivr.centre.dispatch.callers import Kind, Standing, Waiter
from ivr.centre.dispatch.queue import QueueState
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
from ivr.model.values import Scalar
from ivr.ports.agents import AgentState
from ivr.ports.waiting import Leaving

SURGE_LOOK = 1.0
"""Seconds between two looks for surges."""


class Dispatcher:
    """Callers in queues, agents, and the decisions that follow. Not for several threads."""

    def __init__(self, plan: QueuePlan, now: float) -> None:
        self._serials = count()
        self._timers: list[tuple[float, int, Waiter | Seat]] = []
        self._waiters: dict[str, Waiter] = {}
        self._queues: dict[str, QueueState] = {}
        self._seats: dict[str, Seat] = {}
        self._kinds: dict[tuple[str, tuple[Scalar, ...]], Kind] = {}
        self._free = 0
        self._logged_out = False
        self._next_surge = now
        self.adopt(plan, now)

    def adopt(self, plan: QueuePlan, now: float) -> None:
        """Go by another plan from now on. Callers keep their places, agents their states.

        A queue that is gone is served as before until it is empty; an agent who is gone gets no calls.
        """
        waiting = [one for one in self._waiters.values() if one.standing is Standing.WAITING]
        for waiter in waiting:
            self._withhold(waiter)
        self._fairness = plan.fairness
        kept = {one.caller.queue for one in self._waiters.values()}
        queues = {name: queue for name, queue in self._queues.items() if name in kept}
        for name, document in plan.queues.items():
            queue = self._queues.get(name)
            if queue is None:
                queue = QueueState(name, document)
            else:
                queue.adopt(document)
            queues[name] = queue
        self._queues = queues
        self._reseat(plan, now)
        self._kinds = {}
        for waiter in self._waiters.values():
            waiter.kind = self._kind(waiter.caller)
        for waiter in waiting:
            self._enter(waiter, now)

    def _reseat(self, plan: QueuePlan, now: float) -> None:
        seats = {}
        for order, (agent, document) in enumerate(plan.agents.items()):
            seat = self._seats.get(agent) or Seat(agent, order, document, now)
            seat.order, seat.document, seat.pools = order, document, []
            seats[agent] = seat
        self._seats = seats
        self._free = sum(seat.listed for seat in seats.values())

    # Callers.

    def join(
        self, caller: Caller, now: float, *, admitted: bool = False, is_open: bool = True
    ) -> Leaving | None:
        """Let a caller wait; return why not, if they may not. Joining twice is joining once.

        Whoever is `admitted` has been in already: nothing is checked.
        """
        if caller.call_id in self._waiters:
            return None
        kind = self._kind(caller)
        if not admitted:
            refused = self._refused(kind, is_open)
            if refused is not None:
                return refused
        waiter = Waiter(caller, next(self._serials), kind)
        self._waiters[caller.call_id] = waiter
        self._enter(waiter, now)
        waiter.plain = self._plain(kind, self._position(waiter))
        if waiter.plain is not None:
            waiter.told = kind.queue.estimator.corrected(waiter.plain)
        return None

    def _refused(self, kind: Kind, is_open: bool) -> Leaving | None:
        queue = kind.queue
        waiting = len(queue.order)
        if not is_open:
            return Leaving.CLOSED
        if kind.staff == 0 and queue.document.empty == "leave":
            return Leaving.EMPTY
        if waiting >= queue.document.full:
            return Leaving.FULL
        overflow = queue.document.overflow
        if overflow is None or waiting == 0:
            return None
        estimate = self._estimate(kind, waiting + 1)
        too_long = (
            overflow.estimate is not None
            and estimate is not None
            and estimate.seconds * 1000 > overflow.estimate
        )
        too_many = overflow.ratio is not None and waiting + 1 > overflow.ratio * max(kind.staff, 1)
        return Leaving.OVERFLOW if too_long or too_many else None

    def leave(self, call_id: str, now: float) -> None:
        """Forget a caller for good. Leaving twice is leaving once."""
        waiter = self._waiters.pop(call_id, None)
        if waiter is not None:
            self._withhold(waiter)
            waiter.due = None

    def withhold(self, call_id: str, now: float) -> None:
        """Give a caller to nobody until they are put back in the same place."""
        self._withhold(self._waiters[call_id])

    def put_back(self, call_id: str, now: float, callback: CallbackMode | None = None) -> None:
        """Let a caller who was withheld or taken wait again, in the same place."""
        waiter = self._waiters[call_id]
        self._withhold(waiter)
        if callback is not None:
            waiter.caller = replace(waiter.caller, callback=callback)
        self._enter(waiter, now)

    def as_callback(self, call_id: str, mode: CallbackMode, now: float) -> None:
        """Let a caller hang up and be called back; the place is the same."""
        self.put_back(call_id, now, mode)

    def take(self, call_id: str, agent: str, now: float) -> None:
        """Take note of a match that was made elsewhere."""
        waiter = self._waiters.get(call_id)
        if waiter is not None:
            self._withhold(waiter)
            waiter.standing = Standing.TAKEN
        self.agent(agent, AgentState.RESERVED, now)

    def missed(self, call_id: str, agent: str, now: float) -> None:
        """Take note that an agent did not answer: the caller waits again in the same place, and the
        agent is given nobody for a while."""
        waiter = self._waiters.get(call_id)
        if waiter is None:
            return
        self.put_back(call_id, now)
        seat = self._seats.get(agent)
        if seat is not None:
            self._unlist(seat)
            seat.rest_until = now + waiter.kind.queue.document.rna.skip / 1000
            self._list(seat, now)

    def answered(self, call_id: str, agent: str, now: float) -> None:
        """Take note that a caller and an agent talk: so the wait that was estimated is known."""
        self.take(call_id, agent, now)
        waiter = self._waiters.get(call_id)
        if waiter is not None and waiter.plain is not None:
            estimator = waiter.kind.queue.estimator
            estimator.answered(waiter.plain, waiter.told, now - waiter.caller.entered)
            waiter.plain = None

    def finished(self, queue: str, seconds: float) -> None:
        """Take note of how long an agent had to do with a call (talk, hold and ACW)."""
        if queue in self._queues:
            self._queues[queue].estimator.finished(seconds)

    # Agents.

    def agent(self, agent: str, state: AgentState, now: float, rest_until: float = 0.0) -> None:
        """Take note of an agent's state. Who is ready may be given a caller, but not before
        `rest_until`. Somebody who is in no plan is passed over."""
        seat = self._seats.get(agent)
        if seat is None:
            return
        seat.rest_until = max(seat.rest_until, rest_until)
        if state is not seat.state:
            self._unlist(seat)
            staff, working = seat.logged_in, seat.working
            seat.change(state, now)
            for pool in seat.pools:
                pool.staff += seat.logged_in - staff
                pool.working += seat.working - working
            self._logged_out |= not seat.logged_in
        self._list(seat, now)

    def free_agents(
        self, queue: str, now: float, facts: Mapping[str, Scalar] | None = None
    ) -> tuple[str, ...]:
        """Return the free agents who may serve a caller of a queue, the best first."""
        kind = self._kind(Caller("", queue, now, facts=facts or {}))
        found = [agent for pool in kind.pools for _, _, agent in pool.free]
        return tuple(dict.fromkeys(found))

    def _list(self, seat: Seat, now: float) -> None:
        """Count an agent as free, if they are; at once, or when they have rested."""
        if seat.state is not AgentState.READY or seat.listed:
            return
        if now < seat.rest_until:
            heapq.heappush(self._timers, (seat.rest_until, next(self._serials), seat))
            return
        seat.listed = True
        self._free += 1
        for pool in seat.pools:
            pool.add(seat)

    def _unlist(self, seat: Seat) -> None:
        if seat.listed:
            for pool in seat.pools:
                pool.remove(seat)
            seat.listed = False
            self._free -= 1

    # Decisions.

    def decide(self, now: float) -> tuple[Decision, ...]:
        """Return what is to be done now, and count it as done."""
        decisions = [*self._ripe(now), *self._emptied(), *self._surges(now)]
        decisions += self._matches(now)
        decisions += self._dials(now)
        return tuple(decisions)

    def next_look(self) -> float | None:
        """Return when `decide` is to be asked again at the latest, None if nothing is to come."""
        looks = [self._timers[0][0]] if self._timers else []
        if any(queue.watch and (queue.order or queue.watch.on) for queue in self._queues.values()):
            looks.append(self._next_surge)
        return min(looks, default=None)

    def _ripe(self, now: float) -> Iterator[Decision]:
        """Do what is due: longer waits open rules and end, agents have rested."""
        while self._timers and self._timers[0][0] <= now:
            at, _, subject = heapq.heappop(self._timers)
            if isinstance(subject, Seat):
                self._list(subject, now)
            elif subject.due == at:
                yield from self._due(subject, now)

    def _due(self, waiter: Waiter, now: float) -> Iterator[Decision]:
        caller, queue = waiter.caller, waiter.kind.queue
        live = caller.callback is CallbackMode.NONE
        if live and now >= caller.entered + queue.document.max_wait / 1000:
            self.leave(caller.call_id, now)
            yield Dismiss(caller.call_id, caller.queue, Leaving.TIMEOUT)
        else:
            self._withhold(waiter)
            self._enter(waiter, now)

    def _emptied(self) -> Iterator[Decision]:
        """Dismiss callers whom nobody who is logged in could serve, once somebody has logged out."""
        if not self._logged_out:
            return
        self._logged_out = False
        for kind in self._kinds.values():
            if kind.staff or kind.queue.document.empty == "wait":
                continue
            for _, _, call_id in [entry for line in kind.lines for entry in line]:
                if self._waiters[call_id].caller.callback is CallbackMode.NONE:
                    self._withhold(self._waiters.pop(call_id))
                    yield Dismiss(call_id, kind.queue.name, Leaving.EMPTY)

    def _matches(self, now: float) -> Iterator[Decision]:
        """Give free agents to callers, the highest score first."""
        while self._free:
            found = self._foremost()
            if found is None:
                return
            waiter, rule = found
            caller = waiter.caller
            self._withhold(waiter)
            if caller.callback is CallbackMode.CUSTOMER_FIRST:
                yield DialCustomer(caller.call_id, caller.queue)
                continue
            seat = self._chosen(waiter, waiter.kind.pools[rule])
            waiter.standing = Standing.TAKEN
            queue = waiter.kind.queue
            self.agent(seat.agent, AgentState.RESERVED, now)
            queue.turns += 1
            seat.turns[queue.name] = queue.turns
            yield Match(
                call_id=caller.call_id,
                agent=seat.agent,
                queue=caller.queue,
                callback=caller.callback is not CallbackMode.NONE,
                rule=rule,
                waited=now - caller.entered,
                score=now - waiter.entry[0],
            )

    def _foremost(self) -> tuple[Waiter, int] | None:
        """Return the caller with the highest score for whom somebody is free, and by which rule."""
        best = None
        for kind in self._kinds.values():
            for opened, line in enumerate(kind.lines):
                if line and (best is None or line[0] < best[0]):
                    rule = kind.first_free(opened)
                    if rule is not None:
                        best = (line[0], rule)
        return best and (self._waiters[best[0][2]], best[1])

    def _chosen(self, waiter: Waiter, pool: Pool) -> Seat:
        if waiter.kind.queue.document.strategy is Strategy.LAST_AGENT:
            known = self._seats.get(str(waiter.caller.facts.get("last_agent")))
            if known is not None and pool.holds(known):
                return known
        return self._seats[pool.free[0][2]]

    def _dials(self, now: float) -> Iterator[Decision]:
        """Have customers rung who will soon be the first, where they are rung before an agent."""
        for queue in self._queues.values():
            callbacks = queue.document.callbacks
            while queue.to_dial and callbacks is not None:
                waiter = self._waiters[queue.to_dial[0][2]]
                estimate = self.estimate(waiter.caller.call_id, now)
                if estimate is None or estimate.seconds * 1000 > callbacks.lead:
                    break
                self._withhold(waiter)
                yield DialCustomer(waiter.caller.call_id, queue.name)

    def _surges(self, now: float) -> Iterator[Decision]:
        if now < self._next_surge:
            return
        self._next_surge = now + SURGE_LOOK
        for queue in self._queues.values():
            watch = queue.watch
            if watch is None:
                continue
            estimate = self.estimate_for(queue.name, now)
            seconds = estimate.seconds if estimate else 0.0
            if watch.look(seconds, now):
                yield self._surge(queue, seconds)

    def _surge(self, queue: QueueState, estimate: float) -> SurgeChange:
        """Let the second line in or out."""
        watch = queue.watch
        assert watch is not None  # noqa: S101  (only queues with one come here)
        helpers = tuple(
            seat.agent
            for seat in self._seats.values()
            if seat.document.second_line and seat.logged_in and queue.pulls(seat)
        )
        relation = "above" if watch.on else "below"
        watch.reason = (
            f"predicted abandonment {watch.predicted:.1%} {relation} {watch.threshold:.1%}:"
            f" {len(queue.order)} waiting, estimated wait {estimate:.0f} s"
        )
        for kind in self._kinds.values():
            if kind.queue is queue:
                for pool in kind.pools:
                    self._refresh(pool)
        return SurgeChange(
            queue.name, watch.on, watch.predicted, watch.threshold, helpers, watch.reason
        )

    # What is asked.

    def position(self, call_id: str) -> int:
        """Return a caller's position in their queue, from 1; 0 for one who does not wait."""
        waiter = self._waiters.get(call_id)
        if waiter is None or waiter.standing is not Standing.WAITING:
            return 0
        return self._position(waiter)

    def waiting(self, queue: str) -> int:
        """Return how many wait in a queue, callbacks counted."""
        return len(self._queues[queue].order)

    def callers(self, queue: str) -> tuple[str, ...]:
        """Return who waits in a queue, in order."""
        return tuple(call_id for _, _, call_id in self._queues[queue].order)

    def estimate(self, call_id: str, now: float) -> Estimate | None:
        """Return how long a caller still has to wait; None where nobody serves the queue."""
        waiter = self._waiters[call_id]
        return self._estimate(waiter.kind, self._position(waiter))

    def estimate_for(self, queue: str, now: float) -> Estimate | None:
        """Return how long a caller would wait who joins now; None where nobody serves the queue."""
        state = self._queues[queue]
        kinds = [kind for kind in self._kinds.values() if kind.queue is state]
        served = max(kinds, key=lambda kind: kind.serving, default=None)
        return self._estimate(served, len(state.order) + 1) if served else None

    def offers_callback(self, call_id: str, now: float) -> bool:
        """Whether a caller is to be offered to be called back instead of waiting."""
        waiter = self._waiters[call_id]
        queue = waiter.kind.queue
        callbacks = queue.document.callbacks
        position = self.position(call_id)
        if callbacks is None or position <= 1 or waiter.caller.callback is not CallbackMode.NONE:
            return False
        threshold = callbacks.estimate
        if queue.watch is not None and queue.watch.on and queue.watch.rules.callbacks is not None:
            threshold = min(threshold, queue.watch.rules.callbacks)
        estimate = self._estimate(waiter.kind, position)
        return estimate is not None and estimate.seconds * 1000 > threshold

    def outlook(self, queue: str, now: float) -> Outlook:
        """Return how a queue stands."""
        state = self._queues[queue]
        waiters = [self._waiters[call_id] for _, _, call_id in state.order]
        live = [one.caller for one in waiters if one.caller.callback is CallbackMode.NONE]
        kinds = [kind for kind in self._kinds.values() if kind.queue is state]
        return Outlook(
            waiting=len(live),
            callbacks=len(waiters) - len(live),
            longest=max((now - caller.entered for caller in live), default=0.0),
            ready=max((kind.free for kind in kinds), default=0),
            logged_in=max((kind.staff for kind in kinds), default=0),
            estimate=self.estimate_for(queue, now),
            predicted=state.watch.predicted if state.watch else None,
            surge=state.watch.reason if state.watch and state.watch.on else "",
        )

    def _position(self, waiter: Waiter) -> int:
        return bisect_left(waiter.kind.queue.order, waiter.entry) + 1

    def _estimate(self, kind: Kind, position: int) -> Estimate | None:
        plain = self._plain(kind, position)
        if plain is None:
            return None
        estimator = kind.queue.estimator
        seconds = estimator.corrected(plain)
        return Estimate(seconds, estimator.error, estimator.bias, estimator.count)

    def _plain(self, kind: Kind, position: int) -> float | None:
        agents = kind.serving
        return kind.queue.estimator.plain(position - kind.free, agents) if agents else None

    # Places.

    def _enter(self, waiter: Waiter, now: float) -> None:
        """Let a caller wait where the wait so far puts them."""
        caller, queue = waiter.caller, waiter.kind.queue
        opened = [wait for wait in queue.waits if now >= caller.entered + wait]
        waiter.rule = max(len(opened) - 1, 0)
        changes = [caller.entered + wait for wait in queue.waits[len(opened) :]]
        most = self._fairness.head_start / 1000
        full_from = caller.entered + self._fairness.overtaken / 1000
        head_start = most
        if now < full_from:
            head_start = min(most, queue.head_starts[waiter.rule] + max(caller.priority, 0.0))
            changes.append(full_from)
        if caller.callback is CallbackMode.NONE:
            changes.append(caller.entered + queue.document.max_wait / 1000)
        waiter.due = min(changes, default=None)
        if waiter.due is not None:
            heapq.heappush(self._timers, (waiter.due, next(self._serials), waiter))
        waiter.entry = (caller.entered - head_start, waiter.serial, caller.call_id)
        waiter.standing = Standing.WAITING
        waiter.kind.enter(waiter)
        if caller.callback is CallbackMode.CUSTOMER_FIRST:
            insort(queue.to_dial, waiter.entry)

    def _withhold(self, waiter: Waiter) -> None:
        if waiter.standing is Standing.WAITING:
            waiter.kind.exit(waiter)
            if waiter.caller.callback is CallbackMode.CUSTOMER_FIRST:
                queue = waiter.kind.queue
                del queue.to_dial[bisect_left(queue.to_dial, waiter.entry)]
        waiter.standing = Standing.WITHHELD
        waiter.due = None

    def _kind(self, caller: Caller) -> Kind:
        """Return the kind of a caller, made when its first one comes."""
        queue = self._queues[caller.queue]
        facts = {name: caller.facts[name] for name in queue.reads if name in caller.facts}
        key = (caller.queue, tuple(facts.get(name) for name in queue.reads))
        kind = self._kinds.get(key)
        if kind is None:
            pools = tuple(
                Pool(caller.queue, rule, queue.document.strategy, facts, queue.helps)
                for rule in queue.document.agents
            )
            kind = self._kinds[key] = Kind(queue, pools)
            for pool in pools:
                self._refresh(pool)
        return kind

    def _refresh(self, pool: Pool) -> None:
        """Let into a pool whom it admits, and out of it whom it does not."""
        for seat in self._seats.values():
            inside, admitted = pool in seat.pools, pool.admits(seat)
            if inside == admitted:
                continue
            sign = 1 if admitted else -1
            pool.staff += sign * seat.logged_in
            pool.working += sign * seat.working
            if admitted:
                seat.pools.append(pool)
            else:
                seat.pools.remove(pool)
            if seat.listed:
                (pool.add if admitted else pool.remove)(seat)
