"""What may be done to a case, and why not."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from ivr.centre.cases.acts import (
    Accused,
    Act,
    Answered,
    Asked,
    Assigned,
    Closed,
    Escalated,
    Extended,
    Linked,
    MadeComplex,
    Noted,
    Noticed,
    Reopened,
    Solved,
    Told,
)
from ivr.centre.cases.chain import NotGenuine, fold, told
from ivr.centre.cases.decisions import (
    LAST_RESORT,
    accusation,
    due,
    escalation,
    message,
    wakes,
)
from ivr.centre.chain import digest
from ivr.ports.cases import CaseRefusal, CaseState, Link, LinkKind, Terms
from ivr.ports.casestore import FIRST, SealedAct
from tests.centre.cases.kit import MONDAY, NEW, TERMS, Hand

SOLVE = [Answered("told by telephone"), Solved("the fee was paid back")]


def test_a_case_goes_its_whole_way() -> None:
    hand = Hand()
    for act in (Noted("rang twice"), *SOLVE, Closed(), Asked("asked")):
        assert hand.does(act) is None
    case = hand.record
    assert (case.state, case.owner, case.entries) == (CaseState.CLOSED, "complaints", 6)
    assert (case.solution, case.solved_by, case.answered_at) == (
        "the fee was paid back",
        "1008",
        MONDAY,
    )
    assert case.survey == "asked"
    assert fold(hand.entries) == case
    assert [told(one).act for one in hand.entries] == [
        "opened",
        "noted",
        "answered",
        "solved",
        "closed",
        "asked",
    ]


@pytest.mark.parametrize(
    ("before", "act", "why"),
    [
        ([], Closed(), CaseRefusal.NO_SOLUTION),
        ([Solved("done")], Closed(), CaseRefusal.NOT_ANSWERED),
        ([], Solved(" "), CaseRefusal.EMPTY),
        ([Solved("done")], Solved("again"), CaseRefusal.NOT_OPEN),
        ([], Reopened("why", TERMS), CaseRefusal.NOT_CLOSED),
        ([*SOLVE, Closed()], Closed(), CaseRefusal.CLOSED),
        ([*SOLVE, Closed()], Noted("late"), CaseRefusal.CLOSED),
        ([*SOLVE, Closed()], Assigned("lead"), CaseRefusal.CLOSED),
        ([*SOLVE, Closed()], Answered("late"), CaseRefusal.CLOSED),
        ([*SOLVE, Closed()], Reopened("", TERMS), CaseRefusal.EMPTY),
        ([], Assigned("complaints"), CaseRefusal.SAME_OWNER),
        ([], Extended("slow", "lead"), CaseRefusal.NOT_COMPLEX),
        ([MadeComplex("two banks")], MadeComplex("again"), CaseRefusal.TWICE),
        ([MadeComplex("two banks")], Extended("slow", ""), CaseRefusal.NO_APPROVAL),
        ([MadeComplex("two banks")], Extended("slow", "1008"), CaseRefusal.NO_APPROVAL),
        ([MadeComplex("two banks")], Extended("slow", "complaints"), CaseRefusal.NO_APPROVAL),
        (
            [MadeComplex("two banks"), Extended("slow", "lead")],
            Extended("slower", "lead"),
            CaseRefusal.TWICE,
        ),
        ([Escalated("lead", 1)], Escalated("lead", 1), CaseRefusal.NO_STEP),
        ([], Asked("asked"), CaseRefusal.TWICE),
        ([Noticed("a", True)], Noticed("a", True), CaseRefusal.TWICE),
        ([], Linked(Link(LinkKind.CALL, "")), CaseRefusal.EMPTY),
    ],
)
def test_what_may_not_be(before: list[Act], act: Act, why: CaseRefusal) -> None:
    hand = Hand()
    for one in before:
        assert hand.does(one) is None
    was = hand.record
    assert hand.does(act) is why
    assert hand.record == was


def test_more_time_is_given_once_and_approved() -> None:
    hand = Hand()
    assert hand.record.due == TERMS.due
    assert hand.does(MadeComplex("two banks are in it")) is None
    assert hand.record.due == TERMS.complex
    assert hand.does(Extended("the other bank is slow", "lead")) is None
    assert (hand.record.due, hand.record.approved_by) == (TERMS.extended, "lead")


def test_a_kind_without_such_a_time_gives_none() -> None:
    hand = Hand(terms=Terms())
    assert hand.does(MadeComplex("why")) is CaseRefusal.NO_CLOCK
    assert hand.does(Extended("why", "lead")) is CaseRefusal.NO_CLOCK


@pytest.mark.parametrize(
    "act",
    [
        Noted("I was right"),
        Assigned("lead"),
        Solved("nothing to it"),
        Answered("sorry"),
        Linked(Link(LinkKind.CALL, "1")),
        Accused("1004", "complaints"),
    ],
)
def test_an_agent_complained_about_has_nothing_to_do_with_it(act: Act) -> None:
    hand = Hand(replace(NEW, accused=("1003",)))
    assert hand.does(act, by="1003") is CaseRefusal.ACCUSED
    assert hand.does(Assigned("1003"), by="1008") is CaseRefusal.ACCUSED
    assert hand.does(Escalated("1003", 1), by="1008") is CaseRefusal.ACCUSED
    hand.does(MadeComplex("why"))
    assert hand.does(Extended("why", "1003")) is CaseRefusal.NO_APPROVAL


def test_a_case_is_never_opened_with_the_agent_it_is_about() -> None:
    accused = replace(NEW, accused=("1003",), owner="1003")
    assert Hand(accused).record.owner == "complaints"
    assert Hand(accused, owner="1003").record.owner == "lead"
    assert Hand(accused, terms=Terms(), owner="1003").record.owner == LAST_RESORT


def test_an_owner_who_turns_out_to_be_meant_loses_the_case_at_once() -> None:
    hand = Hand(owner="1003")
    assert hand.does(accusation(hand.record, "1003", "1003")) is None
    assert (hand.record.owner, hand.record.accused) == ("lead", ("1003",))
    assert hand.does(accusation(hand.record, "1003", "")) is CaseRefusal.TWICE
    assert hand.does(Accused("lead", "lead")) is CaseRefusal.ACCUSED
    # Whoever else owns it keeps it.
    assert hand.does(accusation(hand.record, "1004", "complaints")) is None
    assert hand.record.owner == "lead"


def test_a_case_goes_up_the_ladder_as_time_goes_by() -> None:
    hand = Hand()
    assert due(hand.record, hand.now) is None
    told_ = []
    for day in range(1, 20):
        hand.now = MONDAY + timedelta(days=day)
        while (act := due(hand.record, hand.now)) is not None:
            assert hand.does(act, by="clock") is None
            told_.append((day, type(act).__name__, hand.record.owner))
    assert told_ == [
        (5, "Reminded", "complaints"),
        (7, "Escalated", "lead"),
        (12, "Reminded", "lead"),
        (13, "Escalated", "head-office"),
        (15, "Overran", "head-office"),
    ]
    assert wakes(hand.record) is None


def test_of_several_steps_that_passed_the_highest_counts() -> None:
    hand = Hand(replace(NEW, accused=("head-office",)))
    hand.record = replace(hand.record, reminded=2)
    act = due(hand.record, MONDAY + timedelta(days=99))
    # Nobody complained about has it: the step below is taken, and the ladder is at its end.
    assert act == Escalated("lead", 2)
    alone = replace(hand.record, accused=("lead", "head-office"))
    assert due(alone, MONDAY + timedelta(days=99)) == Escalated("complaints", 2)


def test_a_person_takes_it_up_the_ladder_step_by_step() -> None:
    hand = Hand()
    for owner in ("lead", "head-office"):
        step = escalation(hand.record, "the customer is angry")
        assert isinstance(step, Escalated)
        assert hand.does(step) is None
        assert hand.record.owner == owner
    assert escalation(hand.record, "more") is CaseRefusal.NO_STEP


def test_time_does_nothing_to_a_case_that_is_solved_and_reminds_nobody_who_has_answered() -> None:
    hand = Hand()
    later = MONDAY + timedelta(days=6)
    hand.does(Answered("told"))
    assert due(hand.record, later) is None
    hand.does(Solved("done"))
    assert due(hand.record, MONDAY + timedelta(days=99)) is None
    assert wakes(hand.record) is None


def test_a_case_is_reopened_with_its_clock_anew() -> None:
    hand = Hand()
    for act in (MadeComplex("two banks"), *SOLVE, Closed(), Asked("asked")):
        hand.does(act)
    again = replace(TERMS, due=MONDAY + timedelta(days=40))
    assert hand.does(Reopened("the customer says it is not", again), by="survey") is None
    case = hand.record
    assert (case.state, case.due, case.complex) == (CaseState.OPEN, again.due, False)
    assert (case.solution, case.answered_at, case.survey, case.reopened) == ("", None, "", 1)
    assert case.owner == "complaints"


def test_a_customer_who_cannot_be_reached_need_not_be_told_nor_asked() -> None:
    hand = Hand(replace(NEW, customer="", ani=""))
    for act in (Solved("done"), Closed()):
        assert hand.does(act) is None
    assert hand.record.survey == ""


def test_the_customer_is_sent_what_the_kind_says_once() -> None:
    terms = replace(TERMS, says_opened="case-registered", says_closed="case-closed")
    hand = Hand(terms=terms)
    assert (message(hand.record), wakes(hand.record)) == ("case-registered", MONDAY)
    hand.does(Noticed("case-registered", True))
    assert message(hand.record) == ""
    for act in (*SOLVE, Closed()):
        hand.does(act)
    assert message(hand.record) == "case-closed"
    hand.does(Noticed("case-closed", False))
    hand.does(Reopened("not solved", terms))
    assert hand.record.noticed == ("case-registered",)
    nobody = replace(hand.record, customer="", noticed=())
    assert message(nobody) == ""


def test_calls_about_a_case_are_told_whatever_its_state() -> None:
    hand = Hand()
    for act in (*SOLVE, Closed(), Told("1764000000.9")):
        assert hand.does(act, by="caller") is None
    assert hand.record.state is CaseState.CLOSED


def test_what_was_changed_dropped_or_moved_is_found() -> None:
    hand = Hand()
    for act in (Noted("one"), Noted("two")):
        hand.does(act)
    first, second, third = hand.entries
    changed = SealedAct(second.case, 2, second.hash, second.body.replace(b"one", b"two"))
    with pytest.raises(NotGenuine, match="entry 2 was changed"):
        fold([first, changed, third])
    with pytest.raises(NotGenuine, match="entry 3 does not follow"):
        fold([first, third])
    with pytest.raises(NotGenuine, match="never opened"):
        fold([SealedAct(first.case, 1, *_moved(second))])


def _moved(sealed: SealedAct) -> tuple[str, bytes]:
    start = sealed.body.index(b'"previous":"') + len(b'"previous":"')
    body = sealed.body[:start] + FIRST.encode() + sealed.body[start + 64 :]
    body = body.replace(b'"number":2', b'"number":1')
    return digest(body), body
