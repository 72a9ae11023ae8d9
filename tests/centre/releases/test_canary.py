"""Trials in the ledger: who hears what after each entry."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ivr.centre.canary import Stage, place
from ivr.centre.guardrail import Settings
from ivr.centre.releases import Act, Entry, State, fold, opened, seal, version_for, versions
from ivr.centre.releases.kinds.canary import EndCanary, Ending, RaiseCanary, StartCanary
from ivr.centre.releases.kinds.publishing import Publish, Rollback, Schedule

MONDAY = datetime(2026, 11, 23, 10, tzinfo=UTC)
HOUR = timedelta(hours=1)
CALLERS = [f"138{n:08d}" for n in range(400)]


def after(*acts: Act) -> State:
    """Return the state after these acts, an hour apart, as they are read back from the ledger."""
    state = State()
    for number, act in enumerate(acts, 1):
        sealed = seal(Entry(number, MONDAY + number * HOUR, "anna", "why", act, state.head))
        state = fold([opened(sealed)], state)
    return state


def hearing(state: State) -> dict[str, set[str]]:
    """Return the callers that hear each version."""
    heard: dict[str, set[str]] = {}
    for ani in CALLERS:
        heard.setdefault(version_for(state, ani, "") or "none", set()).add(ani)
    return heard


START = StartCanary("v2", share=0.25, since=MONDAY + 2 * HOUR, settings=Settings(hours=5))


def test_the_share_hears_the_canary_and_the_others_do_not() -> None:
    state = after(Publish("v1"), START)
    heard = hearing(state)
    assert heard.keys() == {"v1", "v2"}
    assert 60 < len(heard["v2"]) < 140
    assert state.canary is not None
    assert heard["v2"] == {ani for ani in CALLERS if place(state.canary.salt, ani, "") < 0.25}
    assert state.canary.settings == Settings(hours=5)
    assert (state.canary.number, state.canary.since) == (2, MONDAY + 2 * HOUR)
    assert versions(state) == ("v1", "v2")


def test_a_raise_keeps_those_who_are_in() -> None:
    before = hearing(after(Publish("v1"), START))
    state = after(Publish("v1"), START, RaiseCanary(0.75, MONDAY + 3 * HOUR))
    assert before["v2"] < hearing(state)["v2"]
    assert state.canary is not None
    assert state.canary.stages == (Stage(MONDAY + 2 * HOUR, 0.25), Stage(MONDAY + 3 * HOUR, 0.75))


@pytest.mark.parametrize("ending", Ending)
def test_after_the_end_everybody_hears_one_version(ending: Ending) -> None:
    state = after(Publish("v1"), START, EndCanary(2, ending))
    winner = "v2" if ending is Ending.PROMOTED else "v1"
    assert hearing(state).keys() == {winner}
    assert versions(state) == (winner,)
    assert state.canary is None


@pytest.mark.parametrize(
    ("act", "winner"),
    [
        (Publish("v3"), "v3"),
        (Rollback(1, "v1"), "v1"),
        (Schedule("v3", due=MONDAY + 3 * HOUR), "v3"),
    ],
)
def test_what_else_comes_into_force_ends_the_trial(act: Act, winner: str) -> None:
    state = after(Publish("v1"), START, act).at(MONDAY + 9 * HOUR)
    assert hearing(state).keys() == {winner}
    assert state.canary is None


def test_two_trials_of_the_same_flows_take_other_callers() -> None:
    first = after(Publish("v1"), START)
    second = after(Publish("v1"), START, EndCanary(2, Ending.ABORTED), START)
    assert hearing(first)["v2"] != hearing(second)["v2"]


def test_the_end_of_another_trial_is_no_end_and_without_one_nothing_is_raised() -> None:
    assert after(Publish("v1"), START, EndCanary(9, Ending.PROMOTED)).canary is not None
    nothing = after(Publish("v1"), EndCanary(1, Ending.ABORTED), RaiseCanary(0.5, MONDAY))
    assert hearing(nothing).keys() == {"v1"}


def test_words() -> None:
    acts = START, RaiseCanary(0.125, MONDAY), EndCanary(2, Ending.ROLLED_BACK)
    assert [act.words for act in acts] == [
        "canary 25 %",
        "canary raised to 12.5 %",
        "canary 2 rolled back",
    ]
