"""Which row a call gets: one of each kind, in this order of reasons, and never two or none."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.centre.surveys.deciding import Asking, Verdict, decide
from ivr.centre.surveys.story import Story, story
from ivr.model.events import (
    CallEnded,
    CallStarted,
    CallUnserved,
    ConversationEnded,
    Event,
    HungUp,
    LanguageChanged,
    StepEntered,
    SurveyEnded,
    SurveyOffered,
)
from ivr.ports.coverage import How, Reason
from ivr.ports.offers import Known
from tests.surveys import CALL, NOON, asking, happened, served, started, survey, talked

NOBODY = Known()
END = CallEnded("completed", "C1001")


def told(*events: Event, call: str = CALL, seconds: float = 60) -> Story:
    found = story(happened(*events, call=call, seconds=seconds))
    assert found is not None
    return found


def verdict(
    *events: Event, known: Known = NOBODY, asks: Asking | None = None, **more: object
) -> Verdict:
    return decide(told(*events, **more), known, asks or asking())  # type: ignore[arg-type]


def test_a_call_that_goes_on_has_no_story() -> None:
    assert story(happened(started(), talked())) is None


def test_whoever_was_asked_in_the_call_was_asked() -> None:
    offered = SurveyOffered("after-agent")
    assert verdict(*served(offered, SurveyEnded("after-agent", "broken_off"))) == Verdict(
        How.IN_CALL, "after-agent"
    )


def test_who_was_asked_about_another_call_was_not_asked_about_this_one() -> None:
    events = (started(), SurveyOffered("after-agent", about="1764000000.1"), END)
    assert verdict(*events).how is How.MESSAGE


def test_what_a_campaign_asked_is_about_no_call() -> None:
    rung = started(dnis="*66"), SurveyOffered("opinion"), END
    assert told(*rung, call="campaign-7f").kind == "campaign"
    assert told(*rung, call="1764000000.9").kind == "self_service"
    assert verdict(*rung, call="campaign-7f") == Verdict(How.IN_CALL, "opinion")
    assert verdict(started(dnis="*66"), END, call="campaign-7f").reason == Reason.OWN


def test_a_customer_is_sent_a_message_and_a_stranger_is_called() -> None:
    assert verdict(*served(by="caller")) == Verdict(How.MESSAGE, "after-agent")
    assert verdict(*served(by="caller", customer="")) == Verdict(How.CALL, "after-agent")


def test_a_bank_that_only_calls_calls_and_one_that_does_neither_cannot_reach_them() -> None:
    calls = asking(later={"by": ["call"]})
    assert verdict(*served(by="caller"), asks=calls) == Verdict(How.CALL, "after-agent")
    neither = asking(later={"by": []})
    assert verdict(*served(by="caller"), asks=neither).reason == Reason.UNREACHABLE


def test_the_survey_is_that_of_the_last_agents_queue_and_of_the_language() -> None:
    surveys = asking(survey("after-agent", languages=["zh"]), survey("loans", for_queues=["loans"]))
    legs = talked("transfer"), talked(queue="loans", agent="1002")
    assert verdict(started(), *legs, END, asks=surveys).survey == "loans"
    english = verdict(started(), LanguageChanged("en"), talked(), END, asks=surveys)
    assert english.reason == Reason.NO_SURVEY


@pytest.mark.parametrize(
    ("events", "more", "reason"),
    [
        ((CallUnserved("95500", "138", NOON), CallEnded("not_served")), {}, Reason.NOT_SERVED),
        ((started(dnis="*62"), END), {"call": "callback-0a1b"}, Reason.OWN),
        ((started(dnis="*11"), END), {}, Reason.STAFF),
        ((started(ani="02180000000"), END), {}, Reason.TEST),
        ((started(dnis="95509"), END), {}, Reason.LINE),
        ((started(dnis="95501"), END), {}, Reason.LINE),
        ((started(), END), {"seconds": 4.999}, Reason.SHORT),
        ((started(), END), {"known": Known(opted_out=True)}, Reason.OPTED_OUT),
        ((started(), END), {"known": Known(asked_at=NOON)}, Reason.RECENT),
        ((started(ani=""), CallEnded("completed")), {}, Reason.UNREACHABLE),
    ],
)
def test_each_reason(events: tuple[Event, ...], more: dict[str, object], reason: Reason) -> None:
    rules = asking(
        test_numbers=["02180000000"],
        lines=["95509"],
        not_again_within=30,
        later={"number": "95501"},
    )
    assert verdict(*events, asks=rules, **more) == Verdict(How.INELIGIBLE, reason=reason)  # type: ignore[arg-type]


def test_no_survey_for_such_calls() -> None:
    only_agents = asking(survey("after-agent"))
    assert verdict(started(), END, asks=only_agents).reason == Reason.NO_SURVEY


def test_a_callback_that_an_agent_took_up_is_asked_about() -> None:
    events = (started(dnis="*61"), talked("caller"), CallEnded("caller"))
    assert verdict(*events, call="callback-0a1b").how is How.CALL


def test_every_call_is_asked_about_again_unless_the_bank_says_so() -> None:
    asked = Known(asked_at=NOON - timedelta(days=29))
    assert verdict(*served(), known=asked).how is How.MESSAGE
    spaced = asking(not_again_within=30)
    assert verdict(*served(), known=asked, asks=spaced).reason == Reason.RECENT
    long_ago = Known(asked_at=NOON - timedelta(days=30))
    assert verdict(*served(), known=long_ago, asks=spaced).how is How.MESSAGE


@pytest.mark.parametrize(
    ("events", "ended"),
    [
        (tuple(served()), "agent"),
        (tuple(served(by="caller")), "caller"),
        ((started(), HungUp("main", "menu"), END), "caller"),
        ((started(), END), "hotline"),
        ((started(), talked(), HungUp("main", "goodbye"), END), "agent"),
        ((started(), talked("unknown"), END), "unknown"),
        ((started(), talked("transfer"), CallEnded("lost")), "unknown"),
        ((started(), CallEnded("lost")), "unknown"),
    ],
)
def test_who_hung_up_first(events: tuple[Event, ...], ended: str) -> None:
    assert told(*events).ended == ended


def test_transfers_are_legs_of_one_call() -> None:
    legs = told(started(), talked("transfer"), talked("caller", "1002", "loans"), END).legs
    assert [(leg.agent, leg.queue, leg.by, leg.silent_ms) for leg in legs] == [
        ("1001", "service", "transfer", 1_200),
        ("1002", "loans", "caller", 1_200),
    ]


def test_what_comes_after_the_first_end_tells_nothing() -> None:
    late = (talked(), SurveyOffered("after-agent"), CallEnded("caller", "C1002"))
    assert told(started(), CallEnded("lost"), *late, seconds=0) == told(
        started(), CallEnded("lost"), seconds=0
    )


EVENTS = st.lists(
    st.one_of(
        st.builds(CallStarted, st.sampled_from(["95500", "*11", "95509"]),
                  st.sampled_from(["", "138"]), st.just("v1"), st.just("main"), st.just("zh")),
        st.builds(ConversationEnded, st.just("service"), st.just("1001"), st.integers(0, 9),
                  st.sampled_from(["agent", "caller", "transfer", "unknown"])),
        st.builds(SurveyOffered, st.just("after-agent"), st.sampled_from(["", "1.1", CALL])),
        st.just(HungUp("main", "menu")), st.just(StepEntered("main", "menu", "menu")),
        st.builds(CallEnded, st.sampled_from(["caller", "lost", "not_served"]),
                  st.sampled_from(["", "C1001"])),
    ),
    max_size=8,
)  # fmt: skip


@given(
    EVENTS, st.booleans(), st.sampled_from([0, 4, 60]), st.sampled_from([CALL, "survey-1"]),
    st.lists(st.sampled_from(["message", "call"]), unique=True), st.booleans(),
)  # fmt: skip
def test_every_call_that_has_ended_gets_one_row_with_a_reason_just_where_nobody_is_asked(
    events: list[Event], out: bool, seconds: float, call: str, by: list[str], has: bool
) -> None:
    found = told(*events, CallEnded("completed"), call=call, seconds=seconds)
    rules = asking(later={"by": by}) if has else Asking()
    said = decide(found, Known(opted_out=out), rules)
    assert (said.how is How.INELIGIBLE) == (said.reason in set(Reason))
    assert (said.how is not How.INELIGIBLE) == (said.survey == "after-agent" or bool(said.survey))
    if said.how is How.IN_CALL:
        assert found.offered
    elif said.how is not How.INELIGIBLE:
        assert not out
        assert found.length >= timedelta(seconds=5)
        assert {How.MESSAGE: found.customer, How.CALL: found.ani}[said.how]
