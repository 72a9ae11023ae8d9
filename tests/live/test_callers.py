"""Every scripted caller that needs no simulator, over SIP and RTP on a real Asterisk."""

from __future__ import annotations

from pathlib import Path

import pytest

from ivr.adapters.sim.callers import load_caller
from lab.caller import LiveCaller
from lab.engine import Engine
from lab.installation import REPOSITORY
from lab.site import HOTLINE, Lab
from lab.telephone import Telephone
from tests.live.kit import bank

CALLERS = sorted((REPOSITORY / "flows" / "callers").glob("*.yaml"))
SCRIPTS = [(file, load_caller(file)) for file in CALLERS]
LIVE = [file for file, script in SCRIPTS if not script.simulated_only and script.calls == HOTLINE]
"""What was promised or asked in an earlier call, by other numbers, is simulated."""


def test_callers_that_need_no_simulator_are_live() -> None:
    """Those who say when they call, who answers, what fails or what is remembered are simulated."""
    assert len(LIVE) >= 7


@pytest.mark.asterisk
@pytest.mark.timeout(180)
@pytest.mark.parametrize("file", LIVE, ids=lambda file: file.stem)
async def test_a_scripted_caller_live(
    lab: Lab, phone: Telephone, tmp_path: Path, file: Path
) -> None:
    bank(tmp_path)
    async with Engine(lab, tmp_path) as engine:
        assert await LiveCaller(phone, engine, load_caller(file)).run() == ()
