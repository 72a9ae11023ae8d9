"""Own menus: edits by hand, and the learnt order, which is opt-in, slow and one move at a time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from ivr.centre.entries import (
    MONTH,
    Edit,
    Edited,
    add,
    learn,
    move,
    remove,
    set_learning,
    use,
    used,
)
from ivr.model.profile import MOST_ENTRIES, Profile

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
SERVICES = ("a", "b", "c", "d", "e", "f", "g", "h")
ABC = Profile("C1", entries=("a", "b", "c"), learning=True)

names = st.sampled_from((*SERVICES, "unknown"))
edits = st.lists(
    st.one_of(
        names.map(lambda name: lambda p: add(p, name, SERVICES, NOW)),
        names.map(lambda name: lambda p: remove(p, name, NOW)),
        st.tuples(names, st.integers(-1, 9)).map(lambda one: lambda p: move(p, *one, NOW)),
        st.booleans().map(lambda on: lambda p: set_learning(p, on)),
        names.map(lambda name: lambda p: Edited(use(p, name, NOW), Edit.DONE)),
    ),
    max_size=20,
)


@given(edits)
def test_whatever_is_edited_it_stays_a_menu(steps: list[object]) -> None:
    profile = Profile("C1")
    for step in steps:
        edited = step(profile)  # type: ignore[operator]
        if edited.result is not Edit.DONE:
            assert edited.profile == profile
        profile = edited.profile
        assert len(profile.entries) <= MOST_ENTRIES
        assert len(set(profile.entries)) == len(profile.entries)
        assert set(profile.entries) <= set(SERVICES)
        assert set(profile.uses) <= set(profile.entries)
        assert profile.learning or not profile.uses


def test_the_seventh_is_refused() -> None:
    full = Profile("C1", entries=SERVICES[:6])
    assert add(full, "g", SERVICES, NOW) == Edited(full, Edit.FULL)
    assert add(full, "a", SERVICES, NOW).result is Edit.ALREADY
    assert add(full, "unknown", SERVICES, NOW).result is Edit.NOT_OFFERED


def test_what_no_menu_has_any_more_makes_room() -> None:
    full = Profile("C1", entries=("a", "old", "b", "c", "older", "d"))
    added = add(full, "e", SERVICES, NOW)
    assert added.result is Edit.DONE
    assert added.profile.entries == ("a", "b", "c", "older", "d", "e")


def test_move_and_remove() -> None:
    assert move(ABC, "c", 1, NOW).profile.entries == ("c", "a", "b")
    assert move(ABC, "a", 2, NOW).profile.entries == ("b", "a", "c")
    assert move(ABC, "a", 9, NOW).profile.entries == ("b", "c", "a")
    assert move(ABC, "b", 2, NOW).result is Edit.ALREADY
    assert move(ABC, "h", 1, NOW).result is Edit.MISSING
    assert remove(ABC, "b", NOW).profile.entries == ("a", "c")
    assert remove(ABC, "h", NOW).result is Edit.MISSING


def test_uses_are_counted_only_for_who_opted_in_and_forgotten_afterwards() -> None:
    silent = replace(ABC, learning=False)
    assert use(silent, "a", NOW) == silent
    assert use(ABC, "h", NOW) == ABC
    counted = use(use(ABC, "a", NOW), "a", NOW)
    assert used(counted, "a", NOW) == 2
    off = set_learning(counted, False)
    assert off.profile == replace(ABC, learning=False)
    assert set_learning(off.profile, False).result is Edit.ALREADY


def test_uses_count_for_three_months_by_the_calendar() -> None:
    profile = ABC
    for month in (9, 10, 11, 12):
        profile = use(profile, "a", datetime(2026, month, 28, tzinfo=UTC))
    assert profile.uses == {"a": {"2026-10": 1, "2026-11": 1, "2026-12": 1}}
    assert used(profile, "a", datetime(2027, 1, 1, tzinfo=UTC)) == 2
    assert used(profile, "a", datetime(2027, 3, 1, tzinfo=UTC)) == 0


def counted(**uses: int) -> Profile:
    return replace(ABC, uses={name: {"2026-11": n} for name, n in uses.items()})


def test_the_entry_that_is_clearly_more_used_changes_places() -> None:
    profile, moved = learn(counted(a=2, b=1, c=7), NOW)
    assert profile.entries == ("a", "c", "b")
    assert moved is not None
    assert (moved.choice, moved.other, moved.rose, moved.fell) == ("c", "b", 2, 3)
    assert (moved.used, moved.other_used, moved.at) == (7, 1, NOW)
    assert profile.moved == moved


def test_the_largest_difference_first_and_only_it() -> None:
    profile, _ = learn(counted(a=0, b=4, c=9), NOW)
    assert profile.entries == ("c", "b", "a")


def test_slightly_more_is_not_clearly_more() -> None:
    for uses in ({"a": 4, "b": 7, "c": 7}, {"a": 0, "b": 2, "c": 2}, {"a": 9, "b": 4, "c": 1}):
        assert learn(counted(**uses), NOW) == (counted(**uses), None)


def test_nothing_moves_without_having_opted_in() -> None:
    profile = replace(counted(a=0, b=0, c=99), learning=False)
    assert learn(profile, NOW) == (profile, None)


def test_nothing_moves_within_a_month_of_a_change_by_hand() -> None:
    edited = move(counted(a=0, b=0, c=99), "b", 1, NOW).profile
    assert learn(edited, NOW + MONTH - timedelta(seconds=1))[1] is None
    assert learn(edited, NOW + MONTH)[1] is not None


def test_after_a_change_by_hand_the_order_is_not_a_learnt_one() -> None:
    moved, _ = learn(counted(c=9), NOW)
    assert move(moved, "b", 1, NOW).profile.moved is None


days = st.lists(
    st.tuples(st.integers(0, 9), st.lists(st.sampled_from("abc"), max_size=6)), max_size=30
)


@settings(max_examples=60)
@given(days)
def test_an_item_moves_at_most_once_a_month(days: list[tuple[int, list[str]]]) -> None:
    profile, now = ABC, NOW
    last: dict[str, datetime] = {}
    for later, uses in days:
        now += timedelta(days=later)
        for name in uses:
            profile = use(profile, name, now)
        before = profile.entries
        profile, moved = learn(profile, now)
        assert learn(profile, now) == (profile, None)
        changed = {name for name in before if before.index(name) != profile.entries.index(name)}
        assert changed == ({moved.choice, moved.other} if moved else set())
        for name in changed:
            assert now - last.get(name, now - MONTH) >= MONTH
            last[name] = now
