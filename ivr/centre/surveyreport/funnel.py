"""The funnel of a sign: between which rates honest agents are, by how often it was counted of them.

D. J. Spiegelhalter, "Funnel plots for comparing institutional performance", Statistics in Medicine 24 (2005).
"""

from __future__ import annotations

import msgspec
import numpy as np

from ivr.centre.surveyreport.betabinomial import BetaBinomial
from ivr.centre.surveyreport.skew import LEAST, Compared, Finding

_TAILS = (0.025, 0.975, 0.001, 0.999)
_STEPS = 24


class Limits(msgspec.Struct, frozen=True):
    """Of `count`: 95 % of honest agents are from `low` to `high`, 99.8 % from `lowest` to `highest`."""

    count: int
    low: float
    high: float
    lowest: float
    highest: float


def placed(sign: Compared, one: Finding) -> float:
    """Return where an agent is: the rate of all, and by how much the agent's differs from what is expected of
    the same calls."""
    return max(0.0, (sign.rate or 0.0) + one.hits / one.count - one.expected)


def funnel(sign: Compared) -> list[Limits]:
    """Return the limits from the least count to the greatest of an agent; none without agents."""
    if not sign.findings or not sign.rate or sign.rho is None:
        return []
    most = max(one.count for one in sign.findings)
    counts = np.unique(np.geomspace(LEAST, max(most, LEAST + 1), _STEPS).astype(int))
    return [_limits(int(count), sign.rate, sign.rho) for count in counts]


def _limits(count: int, rate: float, rho: float) -> Limits:
    honest = BetaBinomial(count, min(rate, 1 - 1e-9), rho)
    return Limits(count, *(honest.quantile(tail) / count for tail in _TAILS))
