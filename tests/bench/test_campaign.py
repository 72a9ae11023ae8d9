"""A campaign's day, by the engine's own dialling: with either pacing too many customers never find nobody."""

from __future__ import annotations

import pytest

from bench.campaign import day
from ivr.model.campaigns import Mode

pytestmark = [pytest.mark.proof, pytest.mark.timeout(120)]


async def test_predictive_pacing_drops_some_but_never_more_than_three_in_a_hundred() -> None:
    found = await day(Mode.PREDICTIVE, hours=0.8, seed=3)
    assert found["talked"] > 100
    assert found["drops"] > 0
    assert found["worst"] <= 3


async def test_progressive_pacing_drops_nobody() -> None:
    found = await day(Mode.PROGRESSIVE, hours=0.15, seed=3)
    assert found["talked"] > 15
    assert found["drops"] == 0
