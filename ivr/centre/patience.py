"""Patience: how long callers would wait before they give up, from how long they did wait.

Who was answered, or called back instead, would have waited longer than they did: how much longer
nobody saw (such a wait is *censored*). Leaving them out would make callers look far less patient than
they are, as the patient ones are those who are answered. The estimator of Kaplan and Meier counts
them as long as they were there: of those who still wait at a time t, the share that gives up at t.

Source: E. L. Kaplan and P. Meier, "Nonparametric estimation from incomplete observations", Journal of
the American Statistical Association 53 (1958). For call centres: L. Brown et al., "Statistical
analysis of a telephone call center", ibid. 100 (2005).
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable
from math import inf, log

import msgspec


class Waited(msgspec.Struct, frozen=True):
    """How long a caller waited, in seconds, and whether they gave up then."""

    wait_s: float
    gave_up: bool


class Patience(msgspec.Struct, frozen=True):
    """How patient callers are: from `times` on, so many (`surviving`) would still wait.

    `rate` is how many give up in a second of anybody's waiting: abandonments by all time waited, which
    is the likeliest rate if patience is exponential. Beyond the last time at which anybody gave up, it
    is all that is known, so there patience goes on with it.
    """

    times: tuple[float, ...]
    surviving: tuple[float, ...]
    rate: float
    callers: int
    gave_up: int

    @property
    def mean_s(self) -> float:
        """Return the mean patience in seconds for Erlang A; infinite where nobody gave up."""
        return 1 / self.rate if self.rate else inf

    def survival(self, wait_s: float) -> float:
        """Return the share of callers who are more patient than this."""
        place = bisect_right(self.times, wait_s)
        return self.surviving[place - 1] if place else 1.0

    def sample(self, chance: float) -> float:
        """Return a caller's patience in seconds for a number drawn evenly from [0, 1)."""
        left = 1 - chance
        place = bisect_right(self.surviving, -left, key=float.__neg__)
        if place < len(self.times):
            return self.times[place]
        if not self.rate:
            return inf
        last, share = (self.times[-1], self.surviving[-1]) if self.times else (0.0, 1.0)
        return last + log(share / left) / self.rate


def exponential(mean_s: float) -> Patience:
    """Return exponential patience, for where nothing was recorded. Raises ValueError."""
    if not mean_s > 0:
        raise ValueError("a mean patience is positive")
    return Patience((), (), 1 / mean_s, 0, 0)


def kaplan_meier(waits: Iterable[Waited]) -> Patience:
    """Return the patience of callers of whom these waits are known."""
    ends: Counter[float] = Counter()
    losses: Counter[float] = Counter()
    for one in waits:
        ends[one.wait_s] += 1
        losses[one.wait_s] += one.gave_up
    at_risk = callers = ends.total()
    times: list[float] = []
    surviving: list[float] = []
    share = 1.0
    for wait_s in sorted(ends):
        if losses[wait_s]:
            share *= 1 - losses[wait_s] / at_risk
            times.append(wait_s)
            surviving.append(share)
        at_risk -= ends[wait_s]
    waited = sum(wait_s * number for wait_s, number in ends.items())
    gave_up = losses.total()
    rate = gave_up / waited if waited else 0.0
    return Patience(tuple(times), tuple(surviving), rate, callers, gave_up)
