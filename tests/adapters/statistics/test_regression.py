"""What explains agents' assessment, against the normal equations solved by hand."""

from __future__ import annotations

import random
import sys

import numpy as np
import pytest

from ivr.adapters.statistics.regression import NoStatistics, fit
from ivr.centre.surveyreport.assessment import EXPLANATIONS, Point


def agents(number: int = 60, collinear: bool = False) -> list[Point]:
    """Return agents whose assessment comes of quality alone."""
    drawn, found = random.Random(2), []
    for one in range(number):
        aht, settled = drawn.gauss(300, 30), drawn.gauss(0.85, 0.04)
        per_hour = 3000 / aht if collinear else drawn.gauss(11, 1)
        csat = 0.2 + 0.7 * settled + drawn.gauss(0, 0.01)
        found.append(Point(str(one), drawn.randint(30, 90), csat, aht, per_hour, settled))
    return found


def test_quality_is_what_is_rewarded() -> None:
    points = agents()
    found = fit(points)
    assert found is not None
    quality = {one.name: one for one in found.effects}["settled"]
    assert quality.low > 0.8
    assert quality.p < 1e-6
    assert {one.name for one in found.effects if one.low <= 0 <= one.high} == {
        "aht_s",
        "calls_per_hour",
    }
    assert found.collinear == ()
    assert [one.coefficient for one in found.effects] == pytest.approx(_by_hand(points))


def _by_hand(points: list[Point]) -> list[float]:
    """Solve X'WX b = X'Wy for standardised values."""
    weights = np.array([one.answers for one in points], dtype=float)
    names = ("csat", *EXPLANATIONS)
    values = np.array([[getattr(one, name) for name in names] for one in points])
    middle = (weights[:, None] * values).sum(axis=0) / weights.sum()
    spread = np.sqrt((weights[:, None] * (values - middle) ** 2).sum(axis=0) / weights.sum())
    y, x = np.split((values - middle) / spread, [1], axis=1)
    solved = np.linalg.solve(x.T @ (weights[:, None] * x), x.T @ (weights[:, None] * y))
    return [float(one) for one in solved[:, 0]]


def test_what_cannot_be_told_apart_is_said() -> None:
    found = fit(agents(collinear=True))
    assert found is not None
    assert found.collinear == ("aht_s", "calls_per_hour")


def test_without_the_libraries_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "statsmodels.regression.linear_model", None)
    with pytest.raises(NoStatistics, match=r"onecall\[reports\]"):
        fit(agents())


def test_what_is_alike_explains_nothing() -> None:
    alike = [Point(str(one), 40, 0.8 + one / 1000, 300, 10, 0.9) for one in range(40)]
    assert fit(alike) is None
