"""What holds whatever happens on the floor, tried by happenings at random.

The machine keeps its own books, as simple as can be: who waits since when, who is free since when, and
what the rules of the plan say. After every decision it asks them whether the laws were kept.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import accumulate
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from ivr.centre.dispatch import Caller, DialCustomer, Dismiss, Dispatcher, Match, SurgeChange
from ivr.model.queues import CallbackMode
from ivr.ports.agents import AgentState
from ivr.ports.waiting import Leaving
from tests.centre.dispatch.kit import Hand, plan_of

HEAD_START, OVERTAKEN = 60, 90
PLAN = plan_of(
    """\
loans:
  agents:
    - "{{ loans >= 60 and caller.language in languages }}"
    - {after: 20s, when: "{{ loans >= 30 }}", priority: 15s}
  full: 6
  max_wait: 200s
  rna: {skip: 10s}
wealth:
  agents: ["{{ wealth >= 50 }}", {after: 40s, when: anyone, second_line: true}]
  priority: 30s
  overflow: {ratio: 2}
  strategy: round_robin
service:
  agents: [anyone]
  strategy: last_agent
  empty: wait
  callbacks: {mode: customer_first, lead: 20s}
  surge: {above: 20%, below: 5%, patience: 60s, lasts: 5s, calm: 20s, pull: "{{ loans >= 10 }}"}
""",
    """\
1001: {skills: {loans: 80}, languages: [zh, en]}
1002: {skills: {loans: 40, wealth: 70}}
1003: {skills: {wealth: 60, loans: 60}}
1004: {skills: {loans: 90, wealth: 90}, languages: [zh, en], second_line: true}
""",
    f"{{head_start: {HEAD_START}s, overtaken: {OVERTAKEN}s}}",
)
AGENTS = sorted(PLAN.agents)
QUEUES = sorted(PLAN.queues)
FREED = [AgentState.READY, AgentState.PAUSED, AgentState.WRAP_UP, AgentState.OFFLINE]


class Person(msgspec.Struct):
    """A caller in the books."""

    caller: Caller
    state: str = "waiting"
    agent: str = ""


class Floor(RuleBasedStateMachine):
    """A floor to which things happen."""

    @initialize()
    def opens(self) -> None:
        self.now = 0
        self.it = Dispatcher(PLAN, 0)
        self.people: dict[str, Person] = {}
        self.states = dict.fromkeys(AGENTS, AgentState.OFFLINE)
        self.rests = dict.fromkeys(AGENTS, 0)
        self.surge: set[str] = set()
        self.ends = Counter[str]()

    # What happens.

    @rule(seconds=st.sampled_from([1, 5, 19, 45]))
    def time_passes(self, seconds: int) -> None:
        self.now += seconds

    @rule(
        queue=st.sampled_from(QUEUES),
        language=st.sampled_from(["zh", "en"]),
        priority=st.sampled_from([0, 0, 20, 500]),
        known=st.sampled_from(["", *AGENTS]),
    )
    def somebody_calls(self, queue: str, language: str, priority: int, known: str) -> None:
        call = f"c{len(self.people) + self.ends.total()}"
        facts = {"language": language, "last_agent": known}
        caller = Caller(call, queue, self.now, priority, facts)
        waiting = self.it.waiting(queue)
        refused = self.it.join(caller, self.now)
        self.ends["offered"] += 1
        if refused is None:
            self.people[call] = Person(caller)
        else:
            self.ends[refused] += 1
            assert refused is Leaving.EMPTY or waiting
        self.decides()

    @precondition(lambda self: self.people)
    @rule(data=st.data())
    def somebody_hangs_up(self, data: st.DataObject) -> None:
        call = data.draw(st.sampled_from(sorted(self.people)))
        person = self.people[call]
        if person.caller.callback is CallbackMode.NONE:
            self.over(call, "handled" if person.state == "talking" else "abandoned")
            self.it.leave(call, self.now)
            if person.agent:
                self.becomes(person.agent, AgentState.READY)
        self.decides()

    @precondition(lambda self: self.waits())
    @rule(data=st.data(), mode=st.sampled_from(list(CallbackMode)[1:]))
    def somebody_prefers_a_call_back(self, data: st.DataObject, mode: CallbackMode) -> None:
        call = data.draw(st.sampled_from(self.waits()))
        queue = self.people[call].caller.queue
        before = self.it.callers(queue)
        self.it.as_callback(call, mode, self.now)
        assert self.it.callers(queue) == before
        self.changes(call, callback=mode)
        self.decides()

    @rule(agent=st.sampled_from(AGENTS), state=st.sampled_from(FREED))
    def an_agent_without_a_call_changes(self, agent: str, state: AgentState) -> None:
        if not any(person.agent == agent for person in self.people.values()):
            self.becomes(agent, state)
            self.decides()

    @precondition(lambda self: self.having("ringing"))
    @rule(data=st.data(), answers=st.sampled_from([True, True, False]))
    def a_telephone_rings(self, data: st.DataObject, answers: bool) -> None:
        call = data.draw(st.sampled_from(self.having("ringing")))
        person = self.people[call]
        if answers:
            self.it.answered(call, person.agent, self.now)
            person.state = "talking"
        else:
            agent, person.agent, person.state = person.agent, "", "waiting"
            self.it.missed(call, agent, self.now)
            self.rests[agent] = self.now + 10
            self.becomes(agent, AgentState.READY)
        self.decides()

    @precondition(lambda self: self.having("talking"))
    @rule(data=st.data(), then=st.sampled_from(FREED))
    def a_conversation_ends(self, data: st.DataObject, then: AgentState) -> None:
        call = data.draw(st.sampled_from(self.having("talking")))
        agent = self.people[call].agent
        self.over(call, "handled")
        self.it.leave(call, self.now)
        self.it.finished("service", 60)
        self.becomes(agent, then)
        self.decides()

    @precondition(lambda self: self.having("dialled"))
    @rule(data=st.data(), reached=st.booleans())
    def a_customer_is_dialled(self, data: st.DataObject, reached: bool) -> None:
        call = data.draw(st.sampled_from(self.having("dialled")))
        mode = CallbackMode.NONE if reached else None
        self.it.put_back(call, self.now, mode)
        self.changes(call, callback=mode or self.people[call].caller.callback)
        self.people[call].state = "waiting"
        self.decides()

    # The books.

    def becomes(self, agent: str, state: AgentState) -> None:
        self.states[agent] = state
        self.it.agent(agent, state, self.now)

    def changes(self, call: str, **what: Any) -> None:
        person = self.people[call]
        person.caller = msgspec.structs.replace(person.caller, **what)

    def over(self, call: str, how: str) -> None:
        self.ends[how] += 1
        del self.people[call]

    def having(self, state: str) -> list[str]:
        return [call for call, person in self.people.items() if person.state == state]

    def waits(self) -> list[str]:
        return [
            call
            for call in self.having("waiting")
            if self.people[call].caller.callback is CallbackMode.NONE
        ]

    def score(self, caller: Caller) -> float:
        """Return the wait and the head start, as docs/queues.md says it."""
        waited = self.now - caller.entered
        queue = PLAN.queues[caller.queue]
        start = caller.priority + queue.priority / 1000
        start += sum(one.priority for one in queue.agents if waited * 1000 >= one.after) / 1000
        return waited + (HEAD_START if waited >= OVERTAKEN else min(start, HEAD_START))

    def admits(self, caller: Caller, number: int, agent: str) -> bool:
        """Whether a rule of the caller's queue admits an agent."""
        person, queue = PLAN.agents[agent], caller.queue
        skills = {"loans": -1, "wealth": -1, **person.skills}
        speaks = str(caller.facts["language"]) in person.languages
        loans, wealth = skills["loans"], skills["wealth"]
        rules = {
            ("loans", 0): loans >= 60 and speaks,
            ("loans", 1): loans >= 30,
            ("wealth", 0): wealth >= 50,
        }
        helps = (queue, number) == ("wealth", 1) or queue in self.surge
        return rules.get((queue, number), True) and (helps or not person.second_line)

    def opened(self, caller: Caller) -> list[int]:
        """Return the rules that may be used for a caller now."""
        found: list[int] = []
        for number, one in enumerate(PLAN.queues[caller.queue].agents):
            empty = not any(
                self.states[agent] is not AgentState.OFFLINE and self.admits(caller, before, agent)
                for before in found[-1:]
                for agent in AGENTS
            )
            if (self.now - caller.entered) * 1000 >= one.after or empty:
                found.append(number)
            else:
                break
        return found

    def free(self) -> set[str]:
        return {
            agent
            for agent, state in self.states.items()
            if state is AgentState.READY and self.now >= self.rests[agent]
        }

    def rule_for(self, caller: Caller, agents: set[str]) -> int | None:
        """Return the first rule that is open and admits one of some agents."""
        return next(
            (
                number
                for number in self.opened(caller)
                if any(self.admits(caller, number, agent) for agent in agents)
            ),
            None,
        )

    # The laws.

    def decides(self) -> None:
        for decision in self.it.decide(self.now):
            match decision:
                case Match():
                    self.is_matched(decision)
                case DialCustomer():
                    person = self.people[decision.call_id]
                    assert person.state == "waiting"
                    assert person.caller.callback is CallbackMode.CUSTOMER_FIRST
                    person.state = "dialled"
                case Dismiss():
                    assert self.people[decision.call_id].state == "waiting"
                    self.over(decision.call_id, decision.how)
                case SurgeChange():
                    assert decision.on is (decision.queue not in self.surge)
                    self.surge ^= {decision.queue}
        self.nobody_waits_whom_somebody_free_could_serve()

    def is_matched(self, match: Match) -> None:
        person, free = self.people[match.call_id], self.free()
        caller, agent = person.caller, match.agent
        # One agent, one call; and at most one attempt for a call.
        assert person.state == "waiting"
        assert agent in free
        assert not any(one.agent == agent for one in self.people.values())
        # Never widened while a matching agent is free.
        assert match.rule == self.rule_for(caller, free)
        assert self.admits(caller, match.rule, agent)
        # No lower score before a higher one, by an agent able to serve both; callbacks are no others.
        assert match.score == self.score(caller)
        for other in (self.people[call].caller for call in self.having("waiting")):
            if other is not caller and self.rule_for(other, {agent}) is not None:
                assert self.score(other) <= match.score
                # Nobody starves: after a while nobody who came later goes first.
                if self.now - other.entered >= OVERTAKEN:
                    assert other.entered >= caller.entered
        person.state, person.agent = "ringing", agent
        self.states[agent] = AgentState.RESERVED

    def nobody_waits_whom_somebody_free_could_serve(self) -> None:
        for call in self.having("waiting"):
            assert self.rule_for(self.people[call].caller, self.free()) is None

    @invariant()
    def nobody_is_lost(self) -> None:
        """Offered = handled + abandoned + overflow and the like + those who are still there."""
        assert self.ends["offered"] * 2 == self.ends.total() + len(self.people)
        waiting = [call for queue in QUEUES for call in self.it.callers(queue)]
        assert sorted(waiting) == sorted(self.having("waiting"))

    @invariant()
    def positions_are_those_of_the_scores(self) -> None:
        self.decides()
        for queue in QUEUES:
            callers = self.it.callers(queue)
            scores = [self.score(self.people[call].caller) for call in callers]
            assert scores == sorted(scores, reverse=True)
            assert [self.it.position(call) for call in callers] == list(range(1, len(callers) + 1))


TestFloor = Floor.TestCase
TestFloor.settings = settings(max_examples=40, stateful_step_count=40, deadline=None)

arrivals = st.lists(
    st.tuples(st.sampled_from([0, 0, 1, 30]), st.sampled_from([0, 500]), st.integers(20, 60)),
    min_size=8,
    max_size=25,
)


FAIRNESS = f"{{head_start: {HEAD_START}s, overtaken: {OVERTAKEN}s}}"
SKILLED = """\
loans: {agents: ["{{ loans >= 50 }}", {after: 20s, when: "{{ wealth >= 50 }}"}]}
wealth: {agents: ["{{ wealth >= 50 }}"]}
service: {agents: [anyone]}
"""
DIFFERENT = (
    "1001: {skills: {loans: 80}}",
    "1002: {skills: {wealth: 80}}",
    "1003: {}",
    "1004: {skills: {loans: 60, wealth: 60}}",
)


def entries(calls: list[tuple[int, int, int]]) -> list[int]:
    """Return when each caller calls: (seconds after the last, priority, talk)."""
    return list(accumulate(gap for gap, _, _ in calls))


def waits(hand: Hand, calls: list[tuple[int, int, int]], queues: Sequence[str] = ()) -> list[int]:
    """Return how long each caller waits, of some queues one after the other."""
    entered = entries(calls)
    served: dict[int, int] = {}
    busy_until = dict.fromkeys(map(int, hand.plan.agents), 0)
    joined = 0
    while len(served) < len(calls):
        now = int(hand.now)
        while joined < len(calls) and entered[joined] <= now:
            queue = queues[joined] if queues else "service"
            hand.join(str(joined), queue, priority=calls[joined][1])
            joined += 1
        hand.ready(*(agent for agent, until in busy_until.items() if until == now))
        for call, agent in hand.matches().items():
            served[int(call)] = now
            busy_until[agent] = now + calls[int(call)][2]
        hand.now += 1
    return [served[number] - entered[number] for number in range(len(calls))]


@given(arrivals, st.data(), st.sampled_from([2, 3, 4]))
@settings(max_examples=40, deadline=None)
def test_nobody_waits_longer_for_those_who_come_later_whatever_agents_can_do(
    calls: list[tuple[int, int, int]], data: st.DataObject, agents: int
) -> None:
    """Who finds so many waiting waits `overtaken`, the call that goes on then, and a call for each of them at
    most, if one agent who can serve the caller stays at work: docs/decisions/0012 has the proof."""
    queue = st.sampled_from(["loans", "wealth", "service"])
    queues = data.draw(st.lists(queue, min_size=len(calls), max_size=len(calls)))
    people = "{" + ", ".join(DIFFERENT[:agents]) + "}"
    waited = waits(Hand(SKILLED, people, fairness=FAIRNESS), calls, queues)
    entered, longest = entries(calls), max(talk for _, _, talk in calls)
    for number, at in enumerate(entered):
        found = sum(
            other != number and entered[other] <= at < entered[other] + waited[other]
            for other in range(len(calls))
        )
        assert waited[number] <= OVERTAKEN + (found + 1) * longest


@given(arrivals, st.integers(1, 4))
@settings(max_examples=40, deadline=None)
def test_important_callers_cost_others_a_bounded_time(
    calls: list[tuple[int, int, int]], agents: int
) -> None:
    """One agent: at most `overtaken`, and the call that goes on at that moment. Of several, the others may
    each be in the midst of a longer call than they would be (docs/decisions/0012)."""
    people = "{" + ", ".join(f"{1001 + number}: {{}}" for number in range(agents)) + "}"
    alike = [(gap, 0, talk) for gap, _, talk in calls]
    plain, boosted = (
        waits(Hand(agents=people, fairness=FAIRNESS), some) for some in (alike, calls)
    )
    longest = max(talk for _, _, talk in calls)
    most = OVERTAKEN + (3 - 2 / agents) * longest
    for (_, priority, _), before, after in zip(calls, plain, boosted, strict=True):
        assert priority or after - before <= most
