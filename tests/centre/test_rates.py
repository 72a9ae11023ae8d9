"""Rates and Wilson's interval."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.centre.rates import Rate

rates = st.integers(1, 10_000).flatmap(
    lambda count: st.builds(Rate, st.integers(0, count), st.just(count))
)


@pytest.mark.parametrize(
    ("hits", "count", "low", "high"),
    [
        # The first two are vectors of the field notes, the third is Newcombe's (1998), table I.
        (9_780, 9_800, 0.99685, 0.99868),
        (40, 300, 0.0995, 0.1765),
        (81, 263, 0.2553, 0.3662),
        (0, 0, 0.0, 1.0),
    ],
)
def test_wilson(hits: int, count: int, low: float, high: float) -> None:
    assert Rate(hits, count).interval() == pytest.approx((low, high), abs=6e-5)


@given(rates)
def test_the_rate_is_in_its_interval_and_the_interval_in_the_unit(rate: Rate) -> None:
    low, high = rate.interval()
    assert 0 <= low <= rate.value + 1e-12
    assert rate.value - 1e-12 <= high <= 1


def test_nothing_of_nothing() -> None:
    assert Rate().value == 0
