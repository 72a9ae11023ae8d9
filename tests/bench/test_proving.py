"""The flows by which the growth of proofs is measured hold, and each of their steps is come to."""

from __future__ import annotations

import pytest

from bench.proving import Point, exponent, measure


@pytest.mark.proof
def test_made_up_flows_are_proved() -> None:
    ticks: list[int] = []
    [small, large] = measure((12, 24), 1, lambda: ticks.append(1))
    assert (small.steps, large.steps) == (12, 24)
    assert small.states < large.states
    assert len(ticks) == 2


def test_what_doubles_with_the_steps_grows_in_a_line() -> None:
    points = [Point(steps, 0, 0, steps / 100, 0) for steps in (125, 250, 500)]
    assert round(exponent(points), 6) == 1
