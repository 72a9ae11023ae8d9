"""Months of many agents as counts: quick enough to be drawn by the hundred."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ivr.centre.surveyreport.counting import Count, SkewCounts

QUEUES = {"service": 0.25, "loans": 0.30, "wealth": 0.35, "cards": 0.40}
"""In how many conversations the caller hangs up first: queues differ."""
_UNHAPPY, _AGAIN = 0.22, (0.10, 0.55)
_LENGTHS = range(60, 600)
_LATE_S = 400

Rate = Callable[[float, float], float]
"""Draws an agent's own rate, about a mean with a variance."""


def like_beta(drawn: np.random.Generator) -> Rate:
    """Rates of a beta distribution, as the report supposes."""

    def rate(mean: float, rho: float) -> float:
        whole = 1 / rho - 1
        return float(drawn.beta(mean * whole, (1 - mean) * whole))

    return rate


def like_logit_normal(drawn: np.random.Generator) -> Rate:
    """Rates whose logits are normal: more agents are far out, and the report does not know."""

    def rate(mean: float, rho: float) -> float:
        logit = np.log(mean / (1 - mean)) + np.sqrt(rho / (mean * (1 - mean))) * drawn.normal()
        return float(1 / (1 + np.exp(-logit)))

    return rate


def month(
    seed: int, shape: Callable[[np.random.Generator], Rate], agents: int, hiding: int = 0
) -> SkewCounts:
    """Return a month of agents who differ on every sign; the first `hiding` make nearly all of their unhappy
    callers hang up first, and are honest otherwise."""
    drawn = np.random.default_rng(seed)
    rate, counts = shape(drawn), SkewCounts()
    for queue in QUEUES:
        counts.lengths[queue].update(_LENGTHS)
    for number in range(agents):
        agent, queue = f"{number:04}", list(QUEUES)[number % len(QUEUES)]
        calls = int(drawn.integers(500, 1600))
        ends = rate(QUEUES[queue], 0.012)
        _conversations(counts, drawn, (agent, queue), calls, ends, number < hiding)
        counts.silence[agent, queue] = Count(int(drawn.binomial(calls, rate(0.03, 0.004))), calls)
        counts.talks[agent, queue] = calls
        counts.sent_on[agent, queue, _LATE_S] = int(drawn.binomial(calls, rate(0.02, 0.003)))
        silent = int(drawn.binomial(calls, rate(0.55, 0.006)))
        counts.unanswered[agent, f"{queue} in_call"] = Count(silent, calls)
    return counts


def _conversations(
    counts: SkewCounts,
    drawn: np.random.Generator,
    key: tuple[str, str],
    calls: int,
    ends: float,
    hiding: bool,
) -> None:
    """Unhappy callers hang up first more often by themselves, at odds of 1.4; not all of them are known."""
    unhappy = int(drawn.binomial(calls, _UNHAPPY))
    first = 0.9 if hiding else 1.4 * ends / (1 - ends + 1.4 * ends)
    sides = {True: Count(), False: Count()}
    for some, often, known in ((calls - unhappy, ends, _AGAIN[0]), (unhappy, first, _AGAIN[1])):
        shown = int(drawn.binomial(some, known))
        for side, tries in ((True, shown), (False, some - shown)):
            sides[side].hits += int(drawn.binomial(tries, often))
            sides[side].count += tries
    counts.ended[key] = Count(sum(one.hits for one in sides.values()), calls)
    for side, one in sides.items():
        counts.unhappy[key[0], side] = one
