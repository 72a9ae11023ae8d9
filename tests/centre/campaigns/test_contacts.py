"""What leads from state to state on a campaign's list."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from ivr.centre.campaigns import contacts
from ivr.model.campaigns import CampaignKind, Stage
from ivr.ports.campaigns import ContactState, Heard, Listed, Scope
from tests.centre.campaigns.kit import NOW, campaign, contact

CALLING = contact(state=ContactState.CALLING, attempts=1, attempt="campaign-1")
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def test_what_is_sold_is_looked_at_first() -> None:
    line = Listed("13800001111", language="en")
    sales = campaign(kind="sales")
    new = contacts.listed(7, line, "13800001111", sales, NOW)
    assert (new.state, new.stage, new.language) == (ContactState.REVIEW, Stage.REVIEW, "en")
    assert contacts.begun(new, "campaign-1", NOW) is None
    approved = contacts.approved(new)
    assert approved is not None
    assert (approved.state, approved.stage) == (ContactState.READY, Stage.CALL)
    assert contacts.approved(approved) is None
    reminded = contacts.listed(7, Listed("1"), "1", campaign(), NOW)
    assert (reminded.state, reminded.language) == (ContactState.READY, "zh")


@pytest.mark.parametrize(
    ("result", "waits"),
    [("busy", 15 * MINUTE), ("no_answer", 2 * HOUR), ("failed", 4 * HOUR), ("cut", HOUR),
     ("lost", 4 * HOUR)],
)  # fmt: skip
def test_who_was_not_reached_is_called_again_after_a_time(result: str, waits: timedelta) -> None:
    again = contacts.over(CALLING, result, campaign(), NOW)
    assert again is not None
    assert (again.state, again.not_before) == (ContactState.READY, NOW + waits)
    last = contacts.over(replace(CALLING, attempts=3), result, campaign(), NOW)
    assert last is not None
    assert last.state is ContactState.FAILED


def test_who_found_no_agent_is_left_alone_for_three_days() -> None:
    dropped = contacts.over(replace(CALLING, attempts=3), contacts.DROPPED, campaign(), NOW)
    assert dropped is not None
    assert (dropped.state, dropped.not_before) == (ContactState.READY, NOW + 72 * HOUR)
    short = contacts.over(CALLING, contacts.DROPPED, campaign(days=2), NOW)
    assert short is not None
    assert short.not_before == NOW + 72 * HOUR
    late = replace(CALLING, until=NOW + 48 * HOUR)
    expired = contacts.over(late, contacts.DROPPED, campaign(), NOW)
    assert expired is not None
    assert expired.state is ContactState.EXPIRED


@pytest.mark.parametrize("heard", [Heard.WRONG, Heard.NEVER])
def test_somebody_else_and_who_wants_no_calls_are_never_called_again(heard: Heard) -> None:
    told = replace(CALLING, heard=heard, outcome="follow-up")
    over = contacts.over(told, contacts.CUT, campaign(), NOW)
    assert over is not None
    assert over.state is ContactState.BARRED
    assert contacts.concluded(over, "follow-up", campaign(), NOW).state is ContactState.BARRED


def test_an_outcome_leads_where_the_campaign_says() -> None:
    told = replace(CALLING, heard=Heard.RIGHT)
    ends = {
        outcome: contacts.over(replace(told, outcome=outcome), contacts.CUT, campaign(), NOW)
        for outcome in ("promised", "follow-up", "appointment", "unheard-of", "")
    }
    states = {name: one.state for name, one in ends.items() if one is not None}
    assert states == {
        "promised": ContactState.DONE,
        "follow-up": ContactState.READY,
        "appointment": ContactState.DONE,
        "unheard-of": ContactState.DONE,
        "": ContactState.DONE,
    }
    follow_up = ends["follow-up"]
    assert follow_up is not None
    assert (follow_up.not_before, follow_up.attempts) == (NOW + 24 * HOUR, 0)
    assert follow_up.stage is Stage.FOLLOW_UP


def test_a_time_that_was_agreed_counts() -> None:
    at = NOW + timedelta(days=30)
    later = contacts.concluded(contact(), "follow-up", campaign(), NOW, at)
    assert (later.state, later.not_before) == (ContactState.READY, at)
    assert later.until > at, "the days of the list do not count"
    appointed = contacts.concluded(contact(), "appointment", campaign(), NOW, at)
    assert (appointed.state, appointed.at) == (ContactState.DONE, at)


def test_whom_a_wish_for_no_calls_is_about() -> None:
    assert {kind: contacts.bars(Scope.SALES, kind) for kind in CampaignKind} == {
        CampaignKind.SURVEY: True,
        CampaignKind.CALLBACK: False,
        CampaignKind.FRAUD: False,
        CampaignKind.REMINDER: False,
        CampaignKind.SALES: True,
    }
    assert all(contacts.bars(Scope.ALL, kind) for kind in CampaignKind)


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["begun", "busy", "cut", "dropped", "never", "promised", "follow-up"]),
        st.integers(0, 100),
    ),
    max_size=30,
)


@given(STEPS)
def test_nobody_is_called_twice_at_once_too_often_or_once_they_are_done(
    steps: list[tuple[str, int]],
) -> None:
    one, now, document = contact(), NOW, campaign()
    since, live = 0, False
    for step, hours in steps:
        now += hours * HOUR
        if step == "begun":
            begun = contacts.begun(one, f"campaign-{now}", now)
            assert begun is None or (not live and now >= one.not_before and now < one.until)
            if begun is not None:
                one, live, since = begun, True, since + 1
                assert since <= document.attempts or one.stage is not Stage.CALL
        elif live:
            heard = {"never": Heard.NEVER, "promised": Heard.RIGHT, "follow-up": Heard.RIGHT}
            outcome = step if step in document.outcomes else ""
            told = replace(one, heard=heard.get(step), outcome=outcome)
            over = contacts.over(told, step, document, now)
            assert over is not None
            assert over.state is not ContactState.CALLING
            one, live = over, False
            since = 0 if outcome == "follow-up" else since - (step == "dropped")
        else:
            assert contacts.over(one, step, document, now) is None
