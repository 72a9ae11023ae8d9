"""The whole demo hotline, with every order and payment: proved."""

from __future__ import annotations

import pytest

from ivr.adapters.flowfile import load
from ivr.app.config import Config
from ivr.app.proving import prove_flows
from lab.installation import REPOSITORY
from tests.engine.prove.kit import NOON

pytestmark = [pytest.mark.proof, pytest.mark.timeout(1200)]


def test_every_call_to_the_demo_keeps_every_promise() -> None:
    config = Config(prompts=REPOSITORY / "prompts")
    proof = prove_flows(load(REPOSITORY / "flows"), config, now=NOON)
    assert proof.problems == ()
    assert proof.statistics.steps > 140
