"""Who makes unhappy callers hang up first is found; who is honest is not, at the promised rate."""

from __future__ import annotations

from collections.abc import Callable
from statistics import fmean

import numpy as np
import pytest

from bench.surveyed import HIDING, PASSING, SILENT, Bank, call, row_of, visits
from ivr.centre.surveyreport.again import CalledAgain
from ivr.centre.surveyreport.counting import Count, Sign, SkewCounts
from ivr.centre.surveyreport.funnel import funnel, placed
from ivr.centre.surveyreport.skew import Q, compare
from ivr.centre.surveyreport.trials import against_colleagues
from tests.centre.surveyreport.honest import Rate, like_beta, like_logit_normal, month
from tests.centre.surveyreport.kit import QUESTIONS, leg
from tests.centre.surveyreport.kit import call as one_call

Shape = Callable[[np.random.Generator], Rate]


def found(counts: SkewCounts) -> set[tuple[str, Sign]]:
    return {(one.agent, one.sign) for sign in compare(counts) for one in sign.findings if one.found}


def test_an_agent_who_hides_the_unhappy_is_found_among_200_honest_ones() -> None:
    assert found(month(7, like_beta, 201, hiding=1)) == {("0000", Sign.UNHAPPY)}


def test_200_honest_agents_are_not() -> None:
    counts = month(8, like_beta, 200)
    assert found(counts) == set()
    ended = next(sign for sign in compare(counts) if sign.sign is Sign.ENDED)
    assert ended.rho == pytest.approx(0.012, rel=0.3)
    assert len(ended.findings) == 200


def test_agents_are_compared_with_colleagues_of_the_same_queue() -> None:
    """Each is expected to be what the other of the queue is, whatever other queues are like."""
    counts = {
        ("a", "service"): Count(10, 100),
        ("b", "service"): Count(20, 100),
        ("a", "loans"): Count(80, 100),
        ("c", "loans"): Count(90, 100),
        ("c", "alone"): Count(99, 100),
    }
    trials = {one.agent: one for one in against_colleagues(counts, 50)}
    assert trials["a"].expected == pytest.approx((20.5 / 101 + 90.5 / 101) / 2)
    assert (trials["a"].hits, trials["a"].count) == (90, 200)
    assert (trials["c"].hits, trials["c"].count) == (90, 100)
    assert [one.agent for one in against_colleagues(counts, 101)] == ["a"]


def test_few_agents_are_not_compared() -> None:
    for sign in compare(month(1, like_beta, 9, hiding=1)):
        assert sign.findings == ()
        assert sign.rho is None
        assert funnel(sign) == []


def test_the_funnel_narrows_to_how_honest_agents_differ() -> None:
    ended = next(sign for sign in compare(month(3, like_beta, 60)) if sign.sign is Sign.ENDED)
    limits = funnel(ended)
    assert limits[0].high - limits[0].low > limits[-1].high - limits[-1].low > 0.15
    inside = [
        one for one in ended.findings if limits[-1].low < placed(ended, one) < limits[-1].high
    ]
    assert 0.88 <= len(inside) / 60 <= 1


def test_what_is_counted_of_a_call() -> None:
    """Three legs: sent on early, sent on late, and ended by the caller after a silence."""
    counts = SkewCounts()
    counts.take(one_call(legs=(leg(ms=100_000),)))
    legs = (
        leg("transfer", "1002", ms=30_000),
        leg("transfer", "1003", ms=300_000, silent_ms=0),
        leg("caller", "1004", silent_ms=12_000),
    )
    counts.take(one_call({"satisfied": ""}, again=True, legs=legs))
    late = counts.transfers()
    assert {agent: one.hits for (agent, _), one in late.items()} == {
        "1001": 0,
        "1002": 0,
        "1003": 1,
        "1004": 0,
    }
    assert counts.ended["1004", "service"] == Count(1, 1)
    assert counts.unhappy["1004", True] == Count(1, 1)
    assert counts.silence == {("1003", "service"): Count(0, 1), ("1004", "service"): Count(1, 1)}
    assert counts.unanswered["1002", "service in_call"] == Count(1, 1)


@pytest.mark.proof
@pytest.mark.timeout(120)
@pytest.mark.parametrize("shape", [like_beta, like_logit_normal])
def test_no_more_honest_agents_are_found_than_promised(shape: Shape) -> None:
    """Over many months of 80 agents, 4 of whom hide the unhappy: the mean share of false findings is at most
    q within two standard errors, and most of those who hide are found."""
    shares, caught = [], 0
    for seed in range(40):
        some = found(month(seed, shape, 80, hiding=4))
        false = sum(agent >= "0004" for agent, _ in some)
        shares.append(false / len(some) if some else 0.0)
        caught += len({agent for agent, _ in some if agent < "0004"})
    error = float(np.std(shares)) / len(shares) ** 0.5
    assert fmean(shares) <= Q + 2 * error
    assert caught / 160 >= 0.6


@pytest.mark.proof
@pytest.mark.timeout(120)
@pytest.mark.parametrize("shape", [like_beta, like_logit_normal])
def test_among_honest_agents_alone_hardly_a_month_has_a_finding(shape: Shape) -> None:
    """200 honest agents: any finding is false, so in at most 5 % of months there is one."""
    months = [bool(found(month(seed, shape, 200))) for seed in range(16)]
    assert fmean(months) <= Q + 2 * (Q * (1 - Q) / len(months)) ** 0.5


@pytest.mark.proof
@pytest.mark.timeout(120)
def test_three_ways_of_gaming_call_by_call() -> None:
    """A bank of 30 agents for two weeks, from its calls, answers and repeat calls."""
    tricks = {"1003": HIDING, "1008": SILENT, "1013": PASSING}
    bank, again, counts = Bank(5, days=10, agents=30, tricks=tricks), CalledAgain(), SkewCounts()
    calls = list(visits(bank))
    for one in calls:
        again.take(row_of(one))
    over = calls[-1].ends.replace(year=2027)
    for one in calls:
        counts.take(call(one, QUESTIONS, again.after(row_of(one), over)))
    some = found(counts)
    assert {agent for agent, _ in some} == set(tricks)
    assert {("1003", Sign.UNHAPPY), ("1008", Sign.SILENCE), ("1013", Sign.TRANSFER)} <= some
