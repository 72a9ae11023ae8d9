"""Whether those who say nothing are others than those who answer."""

from __future__ import annotations

from math import sqrt
from statistics import NormalDist

import msgspec

from ivr.centre.rates import Rate

_NORMAL = NormalDist()
FEWEST = 5
"""Fewer calls with or without a repeat in either group, and the test says nothing."""


class Difference(msgspec.Struct, frozen=True):
    """Two rates and how far apart they are: `low` to `high` with 95 % certainty; `p` is how likely so
    great a difference is, either way, where there is none. None: too few calls for a test."""

    one: Rate
    other: Rate
    value: float
    low: float
    high: float
    p: float | None


def two_proportions(one: Rate, other: Rate) -> Difference:
    """Compare two rates: the interval is Newcombe's, of Wilson's (method 10, Statistics in Medicine 17,
    1998), the test the z test with the pooled rate, z = (p₁ − p₂)/√(p(1 − p)(1/n₁ + 1/n₂))."""
    value = one.value - other.value
    (low_one, high_one), (low_other, high_other) = one.interval(), other.interval()
    low = value - sqrt((one.value - low_one) ** 2 + (high_other - other.value) ** 2)
    high = value + sqrt((high_one - one.value) ** 2 + (other.value - low_other) ** 2)
    return Difference(one, other, value, low, high, _p(one, other))


def _p(one: Rate, other: Rate) -> float | None:
    counts = (one.hits, one.count - one.hits, other.hits, other.count - other.hits)
    if min(counts) < FEWEST:
        return None
    pooled = (one.hits + other.hits) / (one.count + other.count)
    error = sqrt(pooled * (1 - pooled) * (1 / one.count + 1 / other.count))
    return 2 * _NORMAL.cdf(-abs(one.value - other.value) / error)
