"""Hot topics: the test by hand, many tests at once, and rates of months with other numbers of calls."""

from __future__ import annotations

from fractions import Fraction
from math import comb

import pytest

from ivr.centre.voc.rising import Count, topics


@pytest.mark.parametrize(
    "count",
    [Count(9, 3, 1000, 1000), Count(3, 9, 1000, 1000), Count(5, 0, 800, 1200), Count(0, 4, 1, 1)],
)
def test_p_is_that_of_coins(count: Count) -> None:
    total = count.now + count.before
    share = Fraction(count.calls_now, count.calls_now + count.calls_before)
    exact = sum(
        comb(total, hits) * share**hits * (1 - share) ** (total - hits)
        for hits in range(count.now, total + 1)
    )
    assert topics({"t": count})["t"].p == pytest.approx(float(exact), rel=1e-12)


def test_the_ratio_is_per_call() -> None:
    topic = topics({"t": Count(30, 10, 3000, 1000)})["t"]
    assert topic.ratio == pytest.approx(1.0)
    assert topic.high is not None
    assert topic.low < 1 < topic.high
    assert not topic.hot


def test_one_of_many_must_be_clearer_to_be_hot() -> None:
    alone = {"rose": Count(17, 6, 1000, 1000)}
    assert topics(alone)["rose"].hot
    others = {f"same {number}": Count(10, 10, 1000, 1000) for number in range(20)}
    assert not topics({**alone, **others})["rose"].hot


def test_what_nobody_said_is_not_tested() -> None:
    found = topics({"a": Count(0, 0, 9, 9), "b": Count(1, 0, 9, 0), "c": Count(4, 0, 9, 9)})
    assert list(found) == ["c"]
    assert found["c"].ratio is None
    assert found["c"].high is None


def test_large_counts_are_no_trouble() -> None:
    found = topics({"a": Count(30_500, 30_000, 10**6, 10**6)})["a"]
    assert 0.01 < found.p < 0.05
