"""Control limits: the formula by hand, and what is a signal."""

from __future__ import annotations

from math import sqrt

import pytest

from ivr.centre.voc.control import limits

COUNTS = [12, 15, 11, 9, 14, 13, 10, 12, 16, 11]


def test_the_limits_are_laneys() -> None:
    centre, days = limits(COUNTS, [1.0] * 10)
    assert centre == pytest.approx(12.3)
    moves = [3, 4, 2, 5, 1, 3, 2, 4, 5]
    sigma = sum(moves) / 9 / sqrt(12.3) / 1.128
    assert days[0].high == pytest.approx(12.3 + 3 * sigma * sqrt(12.3))
    assert days[0].low == pytest.approx(12.3 - 3 * sigma * sqrt(12.3))
    assert not any(day.signal for day in days)


def test_limits_are_wider_where_there_are_fewer_calls_and_never_below_nothing() -> None:
    _, days = limits([*COUNTS, 1], [*[1.0] * 10, 0.1])
    wide, narrow = days[10], days[0]
    assert wide.high is not None
    assert narrow.high is not None
    assert wide.high > narrow.high
    assert wide.low == 0


def test_a_day_beyond_the_limits_is_a_signal() -> None:
    _, days = limits([*COUNTS, 60, *COUNTS, 0], [10.0] * 22)
    assert [place for place, day in enumerate(days) if day.signal == "above"] == [10]


def test_eight_on_one_side_are_a_signal() -> None:
    _, days = limits([9, 13, 9, 13, 9, 9, 9, 9, 9, 9, 9, 9, 13, 13, 13], [1.0] * 15)
    assert [place for place, day in enumerate(days) if day.signal == "run"] == [11]


def test_without_calls_there_is_no_rate_and_of_few_days_no_limit() -> None:
    centre, days = limits([0, 3, 0], [0.0, 1.0, 1.0])
    assert centre == 1.5
    assert [day.rate for day in days] == [None, 3.0, 0.0]
    assert {day.high for day in days} == {None}
    assert limits([0, 0], [0.0, 0.0])[0] is None
    assert limits([0] * 12, [1.0] * 12)[1][0].high is None
