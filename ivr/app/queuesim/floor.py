"""A floor in virtual time: the dispatcher that routes live calls, with simulated people around it.

From event to event, no clock: an hour takes as long as what happens in it.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable
from datetime import timedelta
from itertools import count
from random import Random
from typing import Any

from ivr.app.queuesim.day import Arrival, Behaviour, Day, Outcome
from ivr.centre.dispatch import (
    Caller,
    Decision,
    DialCustomer,
    Dismiss,
    Dispatcher,
    Match,
    SurgeChange,
)
from ivr.centre.kpi import Doing, Fate, Stay, Work
from ivr.model.queues import CallbackMode, Callbacks, QueuePlan
from ivr.ports.agents import AgentState
from ivr.ports.waiting import Leaving


class _Call:
    """A caller on the floor. What was to happen in an earlier `turn` does not happen any more."""

    __slots__ = ("agent", "arrival", "attempts", "stay", "turn")

    def __init__(self, arrival: Arrival, stay: Stay) -> None:
        self.arrival = arrival
        self.stay = stay
        self.turn = 0
        self.agent = ""
        self.attempts = 0


class Floor:
    """One day. Make it, run it once."""

    def __init__(self, plan: QueuePlan, day: Day, behaviour: Behaviour, chance: Random) -> None:
        self._plan = plan
        self._day = day
        self._behaviour = behaviour
        self._chance = chance
        self._now = 0.0
        self._dispatcher = Dispatcher(plan, 0.0)
        self._serials = count()
        self._agenda: list[tuple[float, int, Callable[..., None], tuple[Any, ...]]] = []
        self._calls: dict[str, _Call] = {}
        self._arrivals = iter(day.arrivals)
        self._stays: list[Stay] = []
        self._free_since: dict[str, float] = {}
        self._shifts: dict[str, int] = dict.fromkeys(plan.agents, 0)
        self._busy: set[str] = set()
        self._work = Work()
        self._surges = 0

    def run(self) -> Outcome:
        """Let the day happen, until the last caller has gone."""
        for shift in self._day.shifts:
            self._on(shift.start, self._log_in, shift.agent)
            self._on(shift.end, self._log_out, shift.agent)
        self._next_arrival()
        while (at := self._next()) < math.inf:
            self._now = at
            while self._agenda and self._agenda[0][0] <= at:
                _, _, action, subject = heapq.heappop(self._agenda)
                action(*subject)
            for decision in self._dispatcher.decide(at):
                self._do(decision)
        return Outcome(self._stays, self._work, self._surges)

    def _next(self) -> float:
        """Return when something happens next. Who still waits when the agenda is empty, the last agent
        having gone home, waits for ever."""
        if not self._agenda:
            return math.inf
        at, look = self._agenda[0][0], self._dispatcher.next_look()
        return at if look is None else min(at, max(look, self._now))

    def _on(self, at: float, action: Callable[..., None], *subject: object) -> None:
        heapq.heappush(self._agenda, (at, next(self._serials), action, subject))

    def _in(self, seconds: float, action: Callable[..., None], *subject: object) -> None:
        if seconds < math.inf:
            self._on(self._now + seconds, action, *subject)

    def _turn(self, seconds: float, action: Callable[[_Call], None], call: _Call) -> None:
        """Do something with a call later, unless something else has happened to it by then."""
        self._in(seconds, self._if_still, action, call, call.turn)

    @staticmethod
    def _if_still(action: Callable[[_Call], None], call: _Call, turn: int) -> None:
        if call.turn == turn:
            action(call)

    # Callers.

    def _next_arrival(self) -> None:
        arrival = next(self._arrivals, None)
        if arrival is not None:
            self._on(arrival.at, self._arrive, arrival)

    def _arrive(self, arrival: Arrival) -> None:
        self._next_arrival()
        now, queue = self._now, arrival.queue
        offered = self._day.begins + timedelta(seconds=now)
        stay = Stay(f"{len(self._stays)}", queue, offered)
        self._stays.append(stay)
        call = _Call(arrival, stay)
        caller = Caller(stay.call_id, queue, now, facts=arrival.facts)
        refused = self._dispatcher.join(caller, now, is_open=self._day.is_open(queue, now))
        if refused is not None:
            stay.fate, stay.how = Fate.OVERFLOWED, refused
            return
        self._calls[stay.call_id] = call
        self._in(arrival.patience_s, self._give_up, call)
        self._announce_later(call)

    def _give_up(self, call: _Call) -> None:
        if call.stay.fate is not Fate.WAITING:
            return
        call.turn += 1
        self._dispatcher.leave(call.stay.call_id, self._now)
        self._end_wait(call, Fate.ABANDONED, Leaving.ABANDONED)
        del self._calls[call.stay.call_id]
        if call.agent:  # whose telephone was ringing
            self._free(call.agent)

    def _end_wait(self, call: _Call, fate: Fate, how: str) -> None:
        stay = call.stay
        stay.fate, stay.how = fate, how
        stay.wait_ms = round(1000 * (self._now - call.arrival.at))

    def _announce_later(self, call: _Call) -> None:
        document = self._plan.queues[call.stay.queue]
        if document.callbacks:
            self._turn(document.announce.every / 1000, self._announce, call)

    def _announce(self, call: _Call) -> None:
        """Callers who are offered to be called back say at once whether they want that."""
        call_id = call.stay.call_id
        if not self._dispatcher.offers_callback(call_id, self._now):
            self._announce_later(call)
        elif self._chance.random() < self._behaviour.accept:
            call.turn += 1
            mode = CallbackMode(self._callbacks(call).mode)
            self._dispatcher.as_callback(call_id, mode, self._now)
            self._end_wait(call, Fate.CALLBACK, Leaving.CALLBACK)

    # Decisions.

    def _do(self, decision: Decision) -> None:
        match decision:
            case Match(call_id=call_id, agent=agent, callback=callback):
                self._ring(self._calls[call_id], agent, callback=callback)
            case DialCustomer(call_id=call_id):
                self._dial(self._calls[call_id])
            case Dismiss(call_id=call_id, how=how):
                call = self._calls.pop(call_id)
                call.turn += 1
                if call.stay.fate is Fate.WAITING:
                    self._end_wait(call, Fate.OVERFLOWED, how)
            case SurgeChange(on=on):
                self._surges += on

    def _ring(self, call: _Call, agent: str, *, callback: bool) -> None:
        self._occupy(agent)
        call.turn += 1
        call.agent = agent
        rings = self._plan.queues[call.stay.queue].rna.ring / 1000
        if callback:
            self._turn(self._behaviour.ring_s, self._call_back, call)
        elif self._chance.random() < self._behaviour.missed:
            self._turn(rings, self._miss, call)
        else:
            self._turn(min(rings, self._behaviour.ring_s), self._answer, call)

    def _miss(self, call: _Call) -> None:
        agent, call.agent = call.agent, ""
        call.turn += 1
        call.stay.missed += 1
        self._dispatcher.missed(call.stay.call_id, agent, self._now)
        self._free(agent)
        self._announce_later(call)

    def _answer(self, call: _Call) -> None:
        call.turn += 1
        stay = call.stay
        self._dispatcher.answered(stay.call_id, call.agent, self._now)
        if stay.fate is Fate.WAITING:
            self._end_wait(call, Fate.HANDLED, Leaving.SERVED)
        else:
            stay = self._called_back(call)
        stay.agent = call.agent
        stay.talk_ms = round(1000 * call.arrival.talk_s)
        stay.acw_ms = round(1000 * call.arrival.acw_s)
        self._turn(call.arrival.talk_s, self._hang_up, call)

    def _hang_up(self, call: _Call) -> None:
        call.turn += 1
        self._dispatcher.leave(call.stay.call_id, self._now)
        self._turn(call.arrival.acw_s, self._wrapped, call)

    def _wrapped(self, call: _Call) -> None:
        arrival = call.arrival
        self._dispatcher.finished(arrival.queue, arrival.talk_s + arrival.acw_s)
        self._work.handled += 1
        self._work.times[Doing.TALK] += round(1000 * arrival.talk_s)
        self._work.times[Doing.ACW] += round(1000 * arrival.acw_s)
        del self._calls[call.stay.call_id]
        self._free(call.agent)

    # Callbacks.

    def _called_back(self, call: _Call) -> Stay:
        stay = Stay(call.stay.call_id, call.stay.queue, call.stay.offered, call.stay.call_id)
        stay.fate, stay.how = Fate.HANDLED, Leaving.SERVED
        self._stays.append(stay)
        return stay

    def _callbacks(self, call: _Call) -> Callbacks:
        found = self._plan.queues[call.stay.queue].callbacks
        assert found is not None  # noqa: S101  (only queues with some promise any)
        return found

    def _call_back(self, call: _Call) -> None:
        """The agent is there; the customer is rung."""
        if self._chance.random() < self._behaviour.reached:
            self._answer(call)
            return
        agent, call.agent = call.agent, ""
        self._unreached(call)
        self._free(agent)

    def _dial(self, call: _Call) -> None:
        """The customer is rung, and waits for an agent from then on."""
        if self._chance.random() < self._behaviour.reached:
            self._dispatcher.put_back(call.stay.call_id, self._now, CallbackMode.NONE)
        else:
            self._unreached(call)

    def _unreached(self, call: _Call) -> None:
        call.attempts += 1
        call.turn += 1
        callbacks = self._callbacks(call)
        self._dispatcher.withhold(call.stay.call_id, self._now)
        if call.attempts < callbacks.attempts:
            self._turn(callbacks.retry / 1000, self._retry, call)
        else:
            self._dispatcher.leave(call.stay.call_id, self._now)
            del self._calls[call.stay.call_id]

    def _retry(self, call: _Call) -> None:
        mode = CallbackMode(self._callbacks(call).mode)
        self._dispatcher.put_back(call.stay.call_id, self._now, mode)

    # Agents.

    def _log_in(self, agent: str) -> None:
        self._shifts[agent] += 1
        if agent not in self._busy and agent not in self._free_since:
            self._free(agent)

    def _log_out(self, agent: str) -> None:
        self._shifts[agent] -= 1
        if not self._shifts[agent] and agent in self._free_since:
            self._available(agent)
            self._dispatcher.agent(agent, AgentState.OFFLINE, self._now)

    def _occupy(self, agent: str) -> None:
        self._available(agent)
        self._busy.add(agent)

    def _available(self, agent: str) -> None:
        since = self._free_since.pop(agent)
        self._work.times[Doing.AVAILABLE] += round(1000 * (self._now - since))

    def _free(self, agent: str) -> None:
        """An agent is ready again, or goes home if the shift is over."""
        self._busy.discard(agent)
        if self._shifts[agent]:
            self._free_since[agent] = self._now
            self._dispatcher.agent(agent, AgentState.READY, self._now)
        else:
            self._dispatcher.agent(agent, AgentState.OFFLINE, self._now)
