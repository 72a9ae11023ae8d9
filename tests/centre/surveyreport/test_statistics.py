"""Own formulas against known vectors, and against scipy and statsmodels.

Those take a second to import: only where they are compared with, not wherever tests are collected.
"""

from __future__ import annotations

import random
from math import exp, log1p, sqrt
from typing import Any

import pytest

from ivr.centre.rates import Rate
from ivr.centre.surveyreport.betabinomial import (
    BetaBinomial,
    estimated,
    log_normal_tail,
    student_tail,
)
from ivr.centre.surveyreport.discovery import benjamini_hochberg
from ivr.centre.surveyreport.missing import two_proportions


@pytest.fixture(scope="module")
def stats() -> Any:
    """scipy's distributions."""
    from scipy import stats

    return stats


@pytest.mark.parametrize(
    ("rate", "low", "high"),
    [(Rate(9780, 9800), 0.99685, 0.99868), (Rate(40, 300), 0.0995, 0.1765)],
)
def test_wilson(rate: Rate, low: float, high: float) -> None:
    from statsmodels.stats.proportion import proportion_confint

    found = rate.interval()
    assert found == pytest.approx((low, high), abs=5e-5)
    assert found == pytest.approx(proportion_confint(rate.hits, rate.count, method="wilson"))


@pytest.mark.parametrize(
    ("count", "mean", "rho"),
    [(50, 0.02, 0.004), (700, 0.3, 0.01), (90, 0.9, 0.2), (1500, 0.5, 0.5)],
)
def test_beta_binomial(stats: Any, count: int, mean: float, rho: float) -> None:
    own = BetaBinomial(count, mean, rho)
    theirs = stats.betabinom(count, mean * (1 / rho - 1), (1 - mean) * (1 / rho - 1))
    for hits in (0, 1, int(count * mean), count - 1, count):
        assert own.chances[hits] == pytest.approx(theirs.pmf(hits), rel=1e-7)
        assert own.at_least(hits) == pytest.approx(theirs.sf(hits - 1), rel=1e-6)
    for share in (0.001, 0.025, 0.5, 0.975, 0.999):
        assert own.quantile(share) == theirs.ppf(share)


def test_without_correlation_it_is_binomial(stats: Any) -> None:
    own, theirs = BetaBinomial(80, 0.3, 0.0), stats.binom(80, 0.3)
    assert own.at_least(40) == pytest.approx(theirs.sf(39), rel=1e-9)


def test_the_log_normal_tail_integrates(stats: Any) -> None:
    """Against sums over quantiles of the rate."""
    mean, rho, count = 0.03, 0.004, 800
    variance = log1p(rho * (1 - mean) / mean)
    spread = stats.lognorm(sqrt(variance), scale=mean * exp(-variance / 2))
    rates = spread.ppf([(one + 0.5) / 20_000 for one in range(20_000)])
    wanted = float(stats.binom.sf(59, count, rates).mean())
    assert log_normal_tail(60, count, mean, rho) == pytest.approx(wanted, rel=0.01)
    assert log_normal_tail(60, count, mean, rho) > BetaBinomial(count, mean, rho).at_least(60)


@pytest.mark.parametrize("freedom", [1, 2, 3, 8, 9, 50, 199])
def test_student(stats: Any, freedom: int) -> None:
    for t in (-2.0, 0.0, 0.7, 3.9):
        assert student_tail(t, freedom) == pytest.approx(stats.t.sf(t, freedom), rel=1e-7)


def test_an_estimated_spread_makes_less_certain(stats: Any) -> None:
    assert estimated(1e-4, 20) == pytest.approx(stats.t.sf(stats.norm.isf(1e-4), 20), rel=1e-6)


def test_benjamini_hochberg() -> None:
    from statsmodels.stats.multitest import multipletests

    drawn = random.Random(4)
    values = [drawn.random() ** drawn.choice((1, 6)) for _ in range(60)]
    assert benjamini_hochberg(values) == pytest.approx(
        multipletests(values, method="fdr_bh")[1].tolist()
    )
    assert benjamini_hochberg([]) == []


def test_two_proportions() -> None:
    from statsmodels.stats.proportion import confint_proportions_2indep, proportions_ztest

    one, other = Rate(56, 700), Rate(190, 1500)
    found = two_proportions(one, other)
    _, p = proportions_ztest([one.hits, other.hits], [one.count, other.count])
    interval = confint_proportions_2indep(56, 700, 190, 1500, method="newcomb", compare="diff")
    assert found.p == pytest.approx(p)
    assert (found.low, found.high) == pytest.approx(interval)
    assert two_proportions(Rate(2, 40), Rate(9, 90)).p is None
    assert two_proportions(Rate(), Rate()).p is None
