"""Linear regression, by statsmodels."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf

import numpy as np
from numpy.typing import NDArray

from ivr.centre.surveyreport.assessment import EXPLANATIONS, Effect, Fit, Point
from ivr.model.errors import OneCallError

Array = NDArray[np.float64]
_LEVEL = 0.05


class NoStatistics(OneCallError):
    """The libraries are not installed."""


def fit(points: Sequence[Point]) -> Fit | None:
    """Explain the assessment of agents by what they did: weighted least squares on standardised values, a
    weight being an agent's answers, with errors that allow for unequal spread (HC3).

    None where an explanation, or the assessment, is the same for all. Raises NoStatistics.
    """
    try:
        from statsmodels.regression.linear_model import WLS
    except ImportError:
        raise NoStatistics(
            "regression needs statsmodels; install OneCall with its extra: onecall[reports]"
        ) from None
    weights = np.array([one.answers for one in points], dtype=float)
    names = ("csat", *EXPLANATIONS)
    values = np.array([[getattr(one, name) for name in names] for one in points], dtype=float)
    middle = np.average(values, axis=0, weights=weights)
    spread = np.sqrt(np.average((values - middle) ** 2, axis=0, weights=weights))
    if not spread.all():
        return None
    standard = (values - middle) / spread
    design = np.column_stack((np.ones(len(points)), standard[:, 1:]))
    found = WLS(standard[:, 0], design, weights=weights).fit(cov_type="HC3", use_t=True)
    intervals = found.conf_int(_LEVEL)
    inflation = _inflation(standard[:, 1:], weights)
    effects = tuple(
        Effect(
            name,
            float(found.params[at]),
            float(intervals[at][0]),
            float(intervals[at][1]),
            float(found.pvalues[at]),
            factor,
        )
        for at, (name, factor) in enumerate(zip(EXPLANATIONS, inflation, strict=True), 1)
    )
    return Fit(len(points), float(found.rsquared), effects)


def _inflation(standard: Array, weights: Array) -> list[float]:
    """Return the variance inflation factors: the diagonal of the inverse of the correlations."""
    correlations = np.average(standard[:, :, None] * standard[:, None, :], axis=0, weights=weights)
    try:
        return [float(one) for one in np.diag(np.linalg.inv(correlations))]
    except np.linalg.LinAlgError:
        return [inf] * len(correlations)
