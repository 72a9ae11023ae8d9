"""What the step `agent` does with a PIN."""

from __future__ import annotations

import pytest

from ivr.ports.agents import LogIn
from ivr.steps.agent import Agent
from tests.steps import kit


@pytest.mark.parametrize("case", kit.load("agent").cases, ids=lambda case: str(case.case))
def test_a_pin_is_wiped_however_it_ends(case: kit.Case) -> None:
    keyed = [asked.pin for asked in kit.run(Agent, case).asked if isinstance(asked, LogIn)]
    assert all(len(pin) == 0 for pin in keyed)
