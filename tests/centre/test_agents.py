"""Agents' states: every act in every state, and what holds however they come."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from ivr.centre.agents import (
    DEFERRED,
    ENGAGED,
    TABLE,
    Act,
    Next,
    Standing,
    allowed,
    step,
)
from ivr.ports.agents import AgentState

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
OFF = Standing("1001")

IN_A_CALL = [Act.LOGIN, Act.READY, Act.CHOSEN, Act.RANG, Act.JOINED]


def after(
    *acts: Act, standing: Standing = OFF, lasts: timedelta = timedelta(seconds=30)
) -> Standing:
    for act in acts:
        stepped = step(
            standing,
            act,
            AT,
            reason="lunch" if act is Act.PAUSE else "",
            endpoint="PJSIP/1001",
            call_id="1.1" if act is Act.CHOSEN else "",
            queue="service" if act is Act.CHOSEN else "",
            lasts=lasts,
        )
        assert stepped is not None, f"{act} from {standing.state}"
        standing = stepped
    return standing


def test_a_call_from_login_to_the_next_one() -> None:
    ringing = after(*IN_A_CALL[:-1])
    assert (ringing.state, ringing.call_id, ringing.queue) == (AgentState.RINGING, "1.1", "service")
    wrapping = after(Act.JOINED, Act.ENDED, standing=ringing)
    assert (wrapping.state, wrapping.until) == (AgentState.WRAP_UP, AT + timedelta(seconds=30))
    assert wrapping.call_id == "1.1", "the disposition belongs to this call"
    free = after(Act.WRAPPED, standing=wrapping)
    assert (free.free, free.call_id, free.endpoint) == (True, "", "PJSIP/1001")


def test_every_state_is_reached_and_left() -> None:
    seen = {OFF.state}
    edge = {OFF}
    while edge:
        edge = {
            stepped
            for one in edge
            for act in allowed(one.state)
            if (stepped := step(one, act, AT, call_id="1.1", endpoint="PJSIP/1001")) is not None
            and stepped.state not in seen
        }
        seen |= {one.state for one in edge}
    assert seen == set(AgentState) == set(TABLE)


@pytest.mark.parametrize("state", AgentState)
@pytest.mark.parametrize("act", Act)
def test_what_the_table_does_not_have_changes_nothing(state: AgentState, act: Act) -> None:
    stepped = step(Standing("1001", state), act, AT)
    assert (stepped is not None) == (act in allowed(state))


def test_a_pause_asked_for_in_a_call_comes_after_its_wrap_up() -> None:
    talking = after(*IN_A_CALL, Act.PAUSE)
    assert talking.state is AgentState.TALKING
    wrapping = after(Act.ENDED, standing=talking)
    assert wrapping.state is AgentState.WRAP_UP
    paused = after(Act.WRAPPED, standing=wrapping)
    assert (paused.state, paused.reason) == (AgentState.PAUSED, "lunch")


def test_ready_takes_back_what_was_asked_for_in_the_call() -> None:
    assert after(*IN_A_CALL, Act.PAUSE, Act.READY, Act.ENDED, Act.WRAPPED).free


def test_who_logs_out_in_a_call_is_gone_at_its_end() -> None:
    gone = after(*IN_A_CALL, Act.LOGOUT, Act.ENDED)
    assert (gone.state, gone.endpoint, gone.then) == (AgentState.OFFLINE, "", Next.READY)


def test_missed_calls_count_until_one_is_answered_or_the_agent_is_ready_again() -> None:
    missing = [Act.CHOSEN, Act.RANG, Act.MISSED]
    twice = after(Act.LOGIN, Act.READY, *missing * 2)
    assert (twice.free, twice.missed) == (True, 2)
    answered = after(Act.CHOSEN, Act.RANG, Act.JOINED, Act.RELEASED, *missing, standing=twice)
    assert (answered.free, answered.missed) == (True, 1)
    paused = after(Act.PAUSE, standing=twice)
    assert paused.missed == 2, "supervisors see why"
    assert after(Act.READY, standing=paused).missed == 0


def test_no_wrap_up_where_the_queue_has_none() -> None:
    assert after(*IN_A_CALL, Act.ENDED, lasts=timedelta()).free


def test_wrap_up_is_put_off() -> None:
    wrapping = after(*IN_A_CALL, Act.ENDED)
    longer = after(Act.EXTEND, Act.EXTEND, standing=wrapping, lasts=timedelta(seconds=60))
    assert (longer.until, longer.extended) == (AT + timedelta(seconds=150), 2)
    assert after(Act.WRAPPED, standing=longer).extended == 0


def test_who_is_kept_for_a_caller_alone_with_the_machine_is_given_no_other() -> None:
    kept = after(*IN_A_CALL, Act.HANDED_OFF)
    assert (kept.state, kept.call_id, kept.free) == (AgentState.RESERVED, "1.1", False)
    assert step(kept, Act.CHOSEN, AT) is None
    assert after(Act.JOINED, standing=kept).state is AgentState.TALKING
    assert after(Act.ENDED, standing=kept).state is AgentState.WRAP_UP


def test_since_tells_when_the_state_began() -> None:
    paused = replace(after(Act.LOGIN), since=AT - timedelta(minutes=5))
    assert after(Act.PAUSE, standing=replace(paused, reason="lunch")).since == paused.since
    assert after(Act.PAUSE, standing=paused).since == AT, "another reason is another pause"


@given(st.lists(st.sampled_from(Act), max_size=40))
def test_whatever_happens_a_call_is_there_exactly_where_one_is_handled(acts: list[Act]) -> None:
    standing = OFF
    for number, act in enumerate(acts):
        stepped = step(
            standing, act, AT, endpoint="PJSIP/1001", call_id=f"1.{number}" * (act is Act.CHOSEN)
        )
        assert (stepped is None) == (act not in allowed(standing.state))
        if stepped is None:
            continue
        if standing.engaged and stepped.engaged:
            assert stepped.call_id == standing.call_id, "one agent, one call"
        standing = stepped
        handled = standing.engaged or standing.state is AgentState.WRAP_UP
        assert bool(standing.call_id) == handled
        assert bool(standing.endpoint) == (standing.state is not AgentState.OFFLINE)
        assert (standing.until is not None) == (standing.state is AgentState.WRAP_UP)
        assert standing.then is Next.READY or handled


@given(st.sampled_from(sorted(ENGAGED)), st.sampled_from(sorted(DEFERRED)))
def test_what_is_asked_for_in_a_call_never_ends_it(state: AgentState, act: Act) -> None:
    stepped = step(Standing("1001", state, call_id="1.1", endpoint="PJSIP/1"), act, AT, reason="x")
    assert stepped is not None
    assert stepped.state is state
