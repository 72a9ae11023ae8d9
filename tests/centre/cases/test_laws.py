"""Laws of cases, whatever is done to them and in whichever order."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from msgspec.structs import replace

from ivr.centre.cases.acts import (
    Act,
    Answered,
    Asked,
    Assigned,
    Closed,
    Escalated,
    Extended,
    MadeComplex,
    Noted,
    Reopened,
    Solved,
)
from ivr.centre.cases.chain import fold
from ivr.centre.cases.decisions import accusation, due, escalation, wakes
from ivr.ports.cases import CaseRefusal, CaseState
from tests.centre.cases.kit import NEW, TERMS, Hand

OWNERS = ("complaints", "lead", "head-office", "1001", "1002", "1003")
AGENTS = ("1001", "1002", "1003")
PEOPLE = (*AGENTS, "complaints", "survey")
TEXTS = ("", " ", "said")


class CaseMachine(RuleBasedStateMachine):
    """A case, and people who try anything."""

    @initialize(accused=st.sets(st.sampled_from(AGENTS), max_size=2), owner=st.sampled_from(OWNERS))
    def open(self, accused: set[str], owner: str) -> None:
        self.hand = Hand(replace(NEW, accused=tuple(sorted(accused))), owner=owner)
        self.extensions = 0

    def tries(self, act: Act, by: str) -> CaseRefusal | None:
        before = self.hand.record
        refused = self.hand.does(act, by)
        if refused is None:
            assert by not in before.accused
        else:
            assert self.hand.record == before
        return refused

    @rule(days=st.integers(1, 20))
    def time_goes_by(self, days: int) -> None:
        self.hand.now += timedelta(days=days)
        for _ in range(10):
            act = due(self.hand.record, self.hand.now)
            if act is None:
                break
            assert self.tries(act, "clock") is None
        else:
            raise AssertionError("time never has enough of it")
        wake = wakes(self.hand.record)
        assert self.hand.record.survey or wake is None or wake > self.hand.now

    @rule(to=st.sampled_from(OWNERS), by=st.sampled_from(PEOPLE))
    def assign(self, to: str, by: str) -> None:
        if self.tries(Assigned(to), by) is None:
            assert self.hand.record.owner == to

    @rule(by=st.sampled_from(PEOPLE))
    def escalate(self, by: str) -> None:
        step = escalation(self.hand.record, "why")
        if isinstance(step, Escalated):
            self.tries(step, by)

    @rule(agent=st.sampled_from(AGENTS), by=st.sampled_from(PEOPLE))
    def accuse(self, agent: str, by: str) -> None:
        if self.tries(accusation(self.hand.record, agent, "complaints"), by) is None:
            assert agent in self.hand.record.accused

    @rule(text=st.sampled_from(TEXTS), by=st.sampled_from(PEOPLE), which=st.integers(0, 3))
    def write(self, text: str, by: str, which: int) -> None:
        act = (Noted(text), Answered(text), Solved(text), MadeComplex(text))[which]
        if self.tries(act, by) is None:
            assert text.strip()

    @rule(by=st.sampled_from(PEOPLE), approved=st.sampled_from((*PEOPLE, "")))
    def extend(self, by: str, approved: str) -> None:
        case = self.hand.record
        if self.tries(Extended("why", approved), by) is None:
            self.extensions += 1
            assert approved not in ("", by, case.owner, *case.accused)

    @rule(by=st.sampled_from(PEOPLE))
    def close(self, by: str) -> None:
        case = self.hand.record
        if self.tries(Closed(), by) is None:
            assert case.solution
            assert case.answered_at is not None
            assert self.hand.record.survey == "due"

    @rule(by=st.sampled_from(PEOPLE))
    def ask(self, by: str) -> None:
        closed = self.hand.record.survey == "due"
        assert (self.tries(Asked("asked"), by) is None) is (
            closed and by not in self.hand.record.accused
        )

    @rule(by=st.sampled_from(PEOPLE))
    def reopen(self, by: str) -> None:
        if self.tries(Reopened("why", TERMS), by) is None:
            self.extensions = 0

    @invariant()
    def one_owner_who_is_not_complained_about(self) -> None:
        case = self.hand.record
        assert case.owner
        assert case.owner not in case.accused

    @invariant()
    def closed_only_with_a_solution(self) -> None:
        case = self.hand.record
        assert (case.closed_at is not None) is (case.state is CaseState.CLOSED)
        assert (case.state is CaseState.OPEN) is not bool(case.solution)

    @invariant()
    def extended_once_at_most(self) -> None:
        case = self.hand.record
        assert self.extensions == bool(case.approved_by)
        if case.approved_by:
            assert case.due == TERMS.extended

    @invariant()
    def folding_its_entries_gives_the_case(self) -> None:
        assert fold(self.hand.entries) == self.hand.record


CaseMachine.TestCase.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
TestLaws = CaseMachine.TestCase
