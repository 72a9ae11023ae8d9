"""The beta-binomial distribution, and Student's tail: what chance alone does to rates that differ."""

from __future__ import annotations

from functools import cached_property
from math import atan, cos, log1p, pi, sin, sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
_NORMAL = NormalDist()
_LEAST_P, _MOST_P = 1e-300, 1 - 1e-16
_NO_SPREAD = 1e-9
_MOST_RATE = 1 - 1e-12
_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(64)
_WEIGHTS = _WEIGHTS / _WEIGHTS.sum()


class BetaBinomial:
    """How many hits there are in `count` tries, where the rate itself varies about `mean`.

    `rho` is the correlation of two tries of one agent, 1/(a + b + 1) of the beta distribution; 0 is the
    binomial distribution. The variance is count·mean·(1 − mean)·(1 + (count − 1)·rho).
    J. G. Skellam, Journal of the Royal Statistical Society B 10 (1948).
    """

    def __init__(self, count: int, mean: float, rho: float) -> None:
        self._count = count
        self._mean = mean
        self._rho = rho

    @cached_property
    def chances(self) -> Array:
        """The probability of each number of hits, from 0 to `count`."""
        tries = np.arange(self._count, dtype=float)
        left = self._count - tries
        steps = np.log(left / (tries + 1))
        if self._rho > _NO_SPREAD:
            whole = 1 / self._rho - 1
            hit, miss = self._mean * whole, (1 - self._mean) * whole
            steps += np.log((hit + tries) / (miss + left - 1))
        else:
            steps += np.log(self._mean / (1 - self._mean))
        logs = np.concatenate(([0.0], np.cumsum(steps)))
        weights = np.exp(logs - logs.max())
        chances: Array = weights / weights.sum()
        return chances

    def at_least(self, hits: int) -> float:
        """Return the probability of so many hits or more."""
        return min(1.0, float(self.chances[hits:].sum()))

    def quantile(self, share: float) -> int:
        """Return the least number of hits that is not exceeded with the probability `share`."""
        found = int(np.searchsorted(np.cumsum(self.chances), share))
        return min(found, self._count)


def log_normal_tail(hits: int, count: int, mean: float, rho: float) -> float:
    """Return the probability of so many hits or more, where the rate itself is log-normal (at most 1),
    with the mean and the variance that it has for `BetaBinomial`.

    More of such rates are far above the mean. Integrated by Gauss and Hermite, over 64 rates.
    """
    spread = log1p(rho * (1 - mean) / mean)
    rates = np.minimum(mean * np.exp(sqrt(spread) * _NODES - spread / 2), _MOST_RATE)
    tries = np.arange(count, dtype=float)
    ways = np.concatenate(([0.0], np.cumsum(np.log((count - tries) / (tries + 1)))))[hits:]
    many = np.arange(hits, count + 1)
    logs = ways + np.outer(np.log(rates), many) + np.outer(np.log1p(-rates), count - many)
    return float(_WEIGHTS @ np.exp(logs).sum(axis=1))


def student_tail(t: float, freedom: int) -> float:
    """Return P(T >= t) of Student's distribution with whole degrees of freedom.

    The finite series of Abramowitz and Stegun, Handbook of Mathematical Functions, 26.7.3 and 26.7.4.
    """
    angle = atan(abs(t) / sqrt(freedom))
    odd = freedom % 2
    square = cos(angle) ** 2
    term = cos(angle) if odd else 1.0
    total = term if freedom > 1 else 0.0
    for step in range(2 + odd, freedom - 1, 2):
        term *= square * (step - 1) / step
        total += term
    within = sin(angle) * total
    if odd:
        within = 2 / pi * (angle + within)
    tail = max(0.0, (1 - within) / 2)
    return tail if t >= 0 else 1 - tail


def estimated(p: float, freedom: int) -> float:
    """Return a tail probability that was found with an *estimated* spread, in honest size.

    The quantile that belongs to `p` is looked up in Student's distribution, as if the spread of normal
    values had been estimated with so many degrees of freedom: few agents make large p.
    """
    return student_tail(-_NORMAL.inv_cdf(min(max(p, _LEAST_P), _MOST_P)), freedom)
