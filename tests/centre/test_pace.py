"""The learnt pace: bounded, monotone, settling, and kind to whoever was cut short."""

from __future__ import annotations

from functools import reduce

from hypothesis import given
from hypothesis import strategies as st

from ivr.centre.pace import learn
from ivr.model.digits import Status
from ivr.model.pace import MOST_TIMES, Pace
from ivr.ports.channel import Collected

waits = st.integers(0, 60_000)
maybe = st.none() | waits
paces = st.builds(Pace, waits, waits)
timers = st.integers(1, 60_000)


def entry(
    first_ms: int | None = None, gap_ms: int | None = None, status: Status = Status.COMPLETE_LEN
) -> Collected:
    return Collected(status, "105", keyed=3, first_ms=first_ms, gap_ms=gap_ms)


@given(paces, st.lists(st.tuples(maybe, maybe), max_size=10), timers)
def test_timers_are_never_shorter_than_configured_nor_longer_than_three_times(
    pace: Pace, entries: list[tuple[int | None, int | None]], configured: int
) -> None:
    for first_ms, gap_ms in entries:
        pace = learn(pace, entry(first_ms, gap_ms))
    for timer in (pace.timeout(configured), pace.interdigit(configured)):
        assert configured <= timer <= configured * MOST_TIMES


@given(paces, waits, waits, st.sampled_from([Status.COMPLETE_LEN, Status.TIMEOUT_PARTIAL]))
def test_slower_keys_never_make_a_quicker_pace(
    pace: Pace, one: int, other: int, status: Status
) -> None:
    quick, slow = sorted((one, other))
    after_quick, after_slow = (learn(pace, entry(ms, ms, status)) for ms in (quick, slow))
    assert after_quick.first_ms <= after_slow.first_ms
    assert after_quick.gap_ms <= after_slow.gap_ms


@given(st.integers(0, 1_000), st.integers(0, 1_000), waits)
def test_a_slower_rhythm_stays_the_slower_one(one: int, other: int, observed: int) -> None:
    quick, slow = sorted((one, other))
    after = [learn(Pace(rhythm, rhythm), entry(observed, observed)) for rhythm in (quick, slow)]
    assert after[0].gap_ms <= after[1].gap_ms


@given(paces, waits)
def test_a_steady_caller_is_known_soon(pace: Pace, observed: int) -> None:
    settled = reduce(lambda known, _: learn(known, entry(observed, observed)), range(100), pace)
    # Quicker by less than the share that is learnt is the same to a timer.
    assert 0 <= settled.first_ms - observed < 8
    assert 0 <= settled.gap_ms - observed < 8


@given(paces)
def test_what_was_not_measured_teaches_nothing(pace: Pace) -> None:
    assert learn(pace, entry()) == pace
    assert learn(pace, entry(gap_ms=900)).first_ms == pace.first_ms
    assert learn(pace, entry(first_ms=900)).gap_ms == pace.gap_ms


@given(timers.filter(lambda ms: ms >= 2), waits)
def test_who_was_cut_short_gets_more_time(configured: int, rhythm: int) -> None:
    pace = Pace(gap_ms=rhythm)
    timer = pace.interdigit(configured)
    after = learn(pace, entry(gap_ms=timer, status=Status.TIMEOUT_PARTIAL)).interdigit(configured)
    assert after >= min(timer * 3 // 2, configured * MOST_TIMES)


def test_one_quick_key_hardly_moves_a_slow_rhythm() -> None:
    assert learn(Pace(4_000, 2_000), entry(800, 400)) == Pace(3_600, 1_800)
    assert learn(Pace(4_000, 2_000), entry(8_000, 4_000)) == Pace(6_000, 3_000)


def test_timers() -> None:
    assert Pace().timeout(5_000) == 5_000
    assert Pace(first_ms=4_000).timeout(5_000) == 6_000
    assert Pace(gap_ms=9_000).interdigit(3_000) == 9_000
