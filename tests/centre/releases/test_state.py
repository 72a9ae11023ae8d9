"""What is in force: publish, roll back, schedule, cancel, override."""

from __future__ import annotations

from datetime import date, time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from ivr.centre.releases import Act, Release, State, fold, opened, version_for, versions
from ivr.centre.releases.kinds.hours import ClearHours, SetHours
from ivr.centre.releases.kinds.publishing import Cancel, Publish, Rollback, Schedule
from ivr.model.calendar import Override, Span
from tests.centre.releases.kit import after, ledger, minute

MONDAY, TUESDAY = date(2026, 11, 23), date(2026, 11, 24)
MORNING = (Span(time(9), time(12)),)


def numbers(state: State) -> list[int]:
    return [release.number for release in state.history]


def test_nothing_is_in_force_before_the_first_release() -> None:
    assert State().in_force is None
    assert version_for(State(), "138", "c1") is None
    assert versions(State()) == ()


def test_the_last_published_is_in_force() -> None:
    state = after(Publish(version="a"), Publish(version="b"))
    assert state.in_force == Release(2, "b")
    assert version_for(state, "138", "c1") == "b"


def test_a_rollback_goes_back_and_the_next_one_further() -> None:
    state = after(
        Publish(version="a"),
        Publish(version="b"),
        Publish(version="c"),
        Rollback(to=2, version="b"),
        Publish(version="d"),
        Rollback(to=2, version="b"),
        Rollback(to=1, version="a"),
    )
    assert numbers(state) == [1]


def test_a_rollback_forward_is_gone_back_from() -> None:
    state = after(
        Publish(version="a"),
        Publish(version="b"),
        Rollback(to=1, version="a"),
        Rollback(to=2, version="b"),
    )
    assert numbers(state) == [1, 2]


def test_a_schedule_comes_into_force_when_it_is_due_and_not_before() -> None:
    due = minute(30)
    state = after(Publish(version="a"), Schedule(version="b", due=due))
    assert numbers(state.at(due - timedelta(microseconds=1))) == [1]
    assert numbers(state.at(due)) == [1, 2]
    assert state.at(due).scheduled == ()
    assert versions(state) == ("a", "b")


def test_schedules_come_in_the_order_they_are_due() -> None:
    state = after(
        Publish(version="a"),
        Schedule(version="late", due=minute(40)),
        Schedule(version="early", due=minute(30)),
        Schedule(version="late too", due=minute(40)),
    )
    assert numbers(state.at(minute(35))) == [1, 3]
    assert numbers(state.at(minute(50))) == [1, 3, 2, 4]


def test_what_is_published_after_a_schedule_was_due_has_the_last_word() -> None:
    state = after(Schedule(version="a", due=minute(2)), Publish(version="b"), Publish(version="c"))
    assert numbers(state) == [1, 2, 3]
    assert state.scheduled == ()


def test_a_cancelled_schedule_never_comes() -> None:
    state = after(
        Publish(version="a"),
        Schedule(version="b", due=minute(30)),
        Schedule(version="c", due=minute(31)),
        Cancel(release=2),
    )
    assert numbers(state.at(minute(60))) == [1, 3]


def test_the_latest_hours_of_a_day_hold_until_they_are_cleared() -> None:
    state = after(
        SetHours(days=(Override("service", MONDAY, ()), Override("service", TUESDAY, None))),
        SetHours(days=(Override("service", MONDAY, MORNING), Override("night", MONDAY, ()))),
    )
    assert set(state.overrides) == {
        Override("service", MONDAY, MORNING),
        Override("service", TUESDAY, None),
        Override("night", MONDAY, ()),
    }
    cleared = ClearHours(calendar="service", days=(MONDAY,)).apply(state, 3)
    assert set(cleared.overrides) == {
        Override("service", TUESDAY, None),
        Override("night", MONDAY, ()),
    }


publishes = st.builds(Publish, version=st.sampled_from("abc"))
schedules = st.builds(Schedule, version=st.sampled_from("abc"), due=st.integers(0, 12).map(minute))
rollbacks = st.builds(Rollback, to=st.integers(1, 4), version=st.sampled_from("abc"))
cancels = st.builds(Cancel, release=st.integers(1, 8))
acts = st.lists(st.one_of(publishes, schedules, rollbacks, cancels), max_size=8)


@given(acts, st.integers(0, 8))
def test_looking_often_sees_what_looking_once_sees(done: list[Act], split: int) -> None:
    """An engine folds what is new, at its own moments; a command folds all of it at once."""
    entries = [opened(sealed) for sealed in ledger(done)]
    often = State()
    for entry in entries[:split]:
        often = fold([entry], often).at(entry.at)
    late = minute(20)
    assert fold(entries[split:], often).at(late) == fold(entries).at(late)


@given(acts, st.integers(0, 8), st.integers(0, 15), st.integers(0, 15))
def test_time_only_ever_brings_what_was_scheduled(
    done: list[Act], count: int, first: int, second: int
) -> None:
    state = after(*done[:count])
    early, late = sorted((minute(first), minute(second)))
    assert state.at(early).at(late) == state.at(late)
    left = len(state.scheduled) - len(state.at(late).scheduled)
    assert left == sum(one.due <= late for one in state.scheduled)
