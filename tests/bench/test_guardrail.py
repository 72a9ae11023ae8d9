"""Whole canaries, simulated: three metrics, blocks and all, as `python -m bench.guardrail` counts them."""

from __future__ import annotations

import random

import pytest

from bench.guardrail import Case, one
from ivr.centre.guardrail import Metric, Settings, State

pytestmark = [pytest.mark.proof, pytest.mark.timeout(120)]


def ends(case: Case) -> list[State]:
    """Return how so many canaries end."""
    chance = random.Random(95500)
    return [one(case, chance)[0] for _ in range(case.times)]


def test_harmless_canaries_are_rarely_taken_back() -> None:
    found = ends(Case("no difference", times=300, share=0.2))
    assert found.count(State.HARMFUL) <= 300 * Settings().alpha
    assert found.count(State.HARMLESS) >= 300 * 0.9


@pytest.mark.parametrize(
    "factors",
    [{Metric.ZERO_OUT: 2.0}, {Metric.ERRORS: 10.0}, {Metric.ABANDONMENT: 3.0}],
    ids=lambda factors: str(next(iter(factors))),
)
def test_harmful_ones_nearly_always(factors: dict[Metric, float]) -> None:
    found = ends(Case("harm", factors, times=60, share=0.2))
    assert found.count(State.HARMFUL) >= 60 * (1 - Settings().beta)
