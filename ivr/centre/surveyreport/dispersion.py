"""By how much honest agents differ, and how unlikely an agent is who differs more."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np

from ivr.centre.surveyreport.betabinomial import Array, BetaBinomial, estimated, log_normal_tail
from ivr.centre.surveyreport.trials import Trial

FEWEST_AGENTS = 10
"""Of fewer agents nobody can say by how much honest ones differ."""
_CAP = 3.0
_KEPT = 0.9950104
"""E min(Z², 9) of a standard normal Z."""
_HALVINGS = 40
_MOST_RHO = 1 - 1e-9
_CLOSER = 0.05
"""Only below this does it matter what exactly a chance is."""


class Spread(msgspec.Struct, frozen=True):
    """How much honest agents differ: two calls of one agent are alike by the correlation `rho`, estimated
    with so many degrees of freedom, 2·(agents)/(κ − 1) with κ the kurtosis of the residuals."""

    rho: float
    freedom: int


def honest_spread(trials: Sequence[Trial]) -> list[Spread]:
    """Return for each agent how much the *others* differ, so that nobody widens the limits that they
    themselves are held to.

    ρ solves Σ min(r²/s(ρ), 9)/0.995 = the number of the others, r the Pearson residual, s(ρ) its
    variance: D. A. Williams' moment equation (Applied Statistics 31, 1982) with the cap of P. J. Huber's
    proposal 2 (Annals of Mathematical Statistics 35, 1964), so that a few who game do not hide each other.
    """
    squares = np.array([_residual(one) ** 2 for one in trials])
    certain = np.array([one.certain for one in trials])
    slope = np.array([one.per_rho for one in trials])
    others = 1.0 - np.eye(len(trials))
    wanted = (len(trials) - 1) * _KEPT
    low, high = np.zeros(len(trials)), np.ones(len(trials))
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        capped = _capped(squares, certain + np.outer(middle, slope))
        more = (capped * others).sum(axis=1) > wanted
        low, high = np.where(more, middle, low), np.where(more, high, middle)
    capped = _capped(squares, certain + np.outer(low, slope)) * others
    kurtosis = (capped**2).sum(axis=1) * (len(trials) - 1) / capped.sum(axis=1) ** 2
    freedom = 2 * (len(trials) - 1) / np.maximum(kurtosis - 1, 2)
    return [Spread(float(rho), int(one)) for rho, one in zip(low, freedom, strict=True)]


def _capped(squares: Array, spread: Array) -> Array:
    capped: Array = np.minimum(squares / spread, _CAP**2)
    return capped


def _residual(trial: Trial) -> float:
    expected = trial.count * trial.expected
    return float((trial.hits - expected) / np.sqrt(expected * (1 - trial.expected)))


def predicted(trial: Trial, rho: float) -> BetaBinomial:
    """Return what an honest agent's hits are distributed like, if honest agents differ by `rho`."""
    return BetaBinomial(trial.count, trial.expected, _widened(trial, rho))


def chance(trial: Trial, spread: Spread) -> float:
    """Return how likely an honest agent has so many hits, or more.

    Nobody knows what shape the rates of honest agents have: it is the larger of the chances for rates
    that vary like a beta and like a log-normal distribution.
    """
    p = predicted(trial, spread.rho).at_least(trial.hits)
    if p < _CLOSER:
        widened = _widened(trial, spread.rho)
        p = max(p, log_normal_tail(trial.hits, trial.count, trial.expected, widened))
    return estimated(p, spread.freedom)


def _widened(trial: Trial, rho: float) -> float:
    spread = trial.certain + trial.per_rho * rho
    return min((spread - 1) / (trial.count - 1), _MOST_RHO)
