"""Hot topics: what is complained about clearly more than in the month before, of everything that was asked."""

from __future__ import annotations

from collections.abc import Mapping
from math import exp, lgamma, log, log1p

import msgspec

from ivr.centre.rates import Rate
from ivr.centre.surveyreport.discovery import benjamini_hochberg

Q = 0.05
"""The share of false alarms among the topics that are called hot, at most."""
_NOTHING = 1e-17
"""A part of a sum that no figure shows."""


class Count(msgspec.Struct, frozen=True):
    """Matters now and before, and the calls of both months among which they were."""

    now: int
    before: int
    calls_now: int
    calls_before: int


class Topic(msgspec.Struct, frozen=True):
    """How much a rate rose: `ratio` with its 95 % interval (None: without an end), the one-sided `p`, `q`
    after Benjamini and Hochberg over all topics, and whether it is `hot` (q ≤ 0.05)."""

    count: Count
    ratio: float | None
    low: float
    high: float | None
    p: float
    q: float
    hot: bool


def topics(counts: Mapping[str, Count]) -> dict[str, Topic]:
    """Return the topics by their names, in the order given. Nothing was heard of most: those are left out,
    and not tested.

    Of c₁ + c₀ matters, c₁ fall into the month by chance like coins with π = n₁ / (n₁ + n₀) if the rate
    is the same, so p = P(X ≥ c₁), X ~ Bin(c₁ + c₀, π). J. Przyborowski, H. Wilenski, "Homogeneity of
    results in testing samples from Poisson series", Biometrika 31 (1940). The ratio's interval is
    Wilson's of the share, as odds, over n₁ / n₀.
    """
    asked = {
        name: one
        for name, one in counts.items()
        if one.now + one.before and one.calls_now and one.calls_before
    }
    levels = [_tail(one) for one in asked.values()]
    adjusted = benjamini_hochberg(levels)
    return {
        name: _topic(one, p, q)
        for (name, one), p, q in zip(asked.items(), levels, adjusted, strict=True)
    }


def _topic(one: Count, p: float, q: float) -> Topic:
    scale = one.calls_before / one.calls_now
    low, high = Rate(one.now, one.now + one.before).interval()
    return Topic(
        one,
        one.now / one.before * scale if one.before else None,
        low / (1 - low) * scale if low < 1 else 0.0,
        high / (1 - high) * scale if one.before and high < 1 else None,
        p,
        q,
        q <= Q,
    )


def _tail(one: Count) -> float:
    """Return P(X ≥ now), summed on the shorter side."""
    share = one.calls_now / (one.calls_now + one.calls_before)
    total = one.now + one.before
    if one.now > total * share:
        return min(1.0, _sum(total, share, range(one.now, total + 1)))
    return max(0.0, 1.0 - _sum(total, share, range(one.now - 1, -1, -1)))


def _sum(total: int, share: float, hits: range) -> float:
    """Return the binomial probability of some numbers of hits, the likeliest first."""
    whole, summed = lgamma(total + 1), 0.0
    for hit in hits:
        way = lgamma(hit + 1) + lgamma(total - hit + 1)
        term = exp(whole - way + hit * log(share) + (total - hit) * log1p(-share))
        summed += term
        if term < _NOTHING * summed:
            break
    return summed
