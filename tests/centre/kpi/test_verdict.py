"""Whether simulated days meet a target: how sure one is, and how often one is wrong."""

from __future__ import annotations

import random

import pytest

from ivr.centre.kpi import Counts
from ivr.centre.kpi.target import read_target
from ivr.centre.kpi.verdict import LOOKS, State, interval, judge, student


def days(abandoned: list[int], offered: int = 100) -> list[dict[str, Counts]]:
    return [{"q": Counts(offered=offered, abandoned=one)} for one in abandoned]


@pytest.mark.parametrize(
    ("certainty", "freedom", "value"),
    [(0.975, 9, 2.262), (0.99, 9, 2.821), (0.999, 9, 4.297), (0.995, 19, 2.861), (0.9, 99, 1.290)],
)
def test_student_against_a_printed_table(certainty: float, freedom: int, value: float) -> None:
    assert student(certainty, freedom) == pytest.approx(value, rel=0.005)


def test_an_interval_by_hand() -> None:
    """R = 6/30; residuals of 1/10, 2/10, 3/10 are −1, 0, 1: error √(2/(3·2))/10 = 0.0577."""
    low, high = interval([(1, 10), (2, 10), (3, 10)], 0.975)
    assert (low + high) / 2 == pytest.approx(0.2)
    assert (high - low) / 2 == pytest.approx(student(0.975, 2) * 0.05774, rel=1e-3)


@pytest.mark.parametrize(
    ("abandoned", "state"),
    [
        ([1, 2, 1, 0] * 10, State.MET),
        ([9, 8, 9, 7] * 10, State.MISSED),
        ([5, 6, 4, 5] * 10, State.UNDECIDED),
    ],
)
def test_most(abandoned: list[int], state: State) -> None:
    assert judge(read_target("abandonment<=0.05"), days(abandoned), 0.95).state is state


def test_least_is_the_other_way_round() -> None:
    some = [{"q": Counts(offered=100, handled_in_time=one)} for one in [90, 91, 89] * 10]
    assert judge(read_target("sl20>=0.8"), some, 0.95).state is State.MET
    assert judge(read_target("sl20>=0.95"), some, 0.95).state is State.MISSED


def test_one_condition_that_fails_is_enough_and_one_undecided_is_not() -> None:
    some = days([1, 2, 1, 0] * 10)
    both = judge(read_target("abandonment<=0.05 and abandonment>=0.5"), some, 0.95)
    assert [line.state for line in both.lines] == [State.MET, State.MISSED]
    assert both.state is State.MISSED
    assert judge(read_target("abandonment<=0.05 and asa<=9"), some, 0.95).state is State.UNDECIDED


def test_of_one_queue_or_of_all() -> None:
    some = [
        {"a": Counts(offered=100, abandoned=9 + one), "b": Counts(offered=900, abandoned=one)}
        for one in (0, 1) * 20
    ]
    assert judge(read_target("a.abandonment<=0.05"), some, 0.95).state is State.MISSED
    assert judge(read_target("abandonment<=0.05"), some, 0.95).state is State.MET
    assert judge(read_target("c.abandonment<=0.05"), some, 0.95).state is State.UNDECIDED


def test_of_each_queue_by_itself_that_somebody_called() -> None:
    some = [
        {"a": Counts(offered=100, abandoned=9 + one), "b": Counts(offered=900), "c": Counts()}
        for one in (0, 1) * 20
    ]
    verdict = judge(read_target("each abandonment<=0.05 and b.asa>=0"), some, 0.95)
    named = judge(read_target("a.abandonment<=0.05, b.abandonment<=0.05, b.asa>=0"), some, 0.95)
    assert verdict == named
    assert [line.state for line in verdict.lines[:2]] == [State.MISSED, State.MET]
    nobody = judge(read_target("each asa<=9"), [{"a": Counts()}] * 10, 0.95)
    assert (nobody.state, len(nobody.lines)) == (State.UNDECIDED, 1)


def test_days_on_which_nothing_happened_prove_little() -> None:
    assert judge(read_target("abandonment<=0.05"), days([0] * 10, 5), 0.95).state is State.UNDECIDED
    assert judge(read_target("abandonment<=0.05"), days([0] * 10, 500), 0.95).state is State.MET


def test_a_target_on_its_very_border_is_seldom_decided() -> None:
    """The true rate is the bound, so either answer is wrong: at most 1 in 20 may be given."""
    chance = random.Random(7)
    target, wrong = read_target("abandonment<=0.05"), 0
    for _ in range(100):
        some = days([sum(chance.random() < 0.05 for _ in range(40)) for _ in range(LOOKS[3])], 40)
        wrong += any(
            judge(target, some[:look], 0.95).state is not State.UNDECIDED for look in LOOKS[:4]
        )
    assert wrong <= 10


def test_no_such_confidence() -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        judge(read_target("asa<=9"), [], 1)


def test_a_time_is_no_share() -> None:
    some = [{"q": Counts(handled=10, handled_wait_ms=one)} for one in (200_000, 220_000) * 10]
    verdict = judge(read_target("asa<=25 and asa>=30"), some, 0.95)
    assert [line.state for line in verdict.lines] == [State.MET, State.MISSED]
    assert verdict.lines[0].value == pytest.approx(21)


def test_least_is_missed_only_if_surely_below() -> None:
    some = [{"q": Counts(offered=100, handled_in_time=one)} for one in [74, 85] * 5]
    (line,) = judge(read_target("sl20>=0.8"), some, 0.95).lines
    assert line.value is not None
    assert line.value < 0.8 < line.high
    assert line.state is State.UNDECIDED


def test_the_more_is_asserted_at_once_the_surer_each_must_be() -> None:
    some = days([1, 9] * 10)
    (alone,) = judge(read_target("abandonment<=0.06"), some, 0.95).lines
    among, _, _ = judge(read_target("abandonment<=0.06, asa<=9, aht<=9"), some, 0.95).lines
    assert among.low < alone.low < alone.high < among.high
