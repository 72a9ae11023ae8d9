"""Agents at work on a real Asterisk: by service codes, and everything that is done with a call."""

from __future__ import annotations

from pathlib import Path

import pytest

from ivr.ports.agents import AgentState
from lab.site import Lab
from lab.telephone import Telephone
from tests.live.floor_kit import PINS, Seat, floor_of, granted

pytestmark = pytest.mark.asterisk


async def test_a_day_of_an_agent(lab: Lab, phone: Telephone, tmp_path: Path) -> None:
    async with floor_of(lab, phone, tmp_path) as floor:
        li, wang = Seat(floor, "1001"), Seat(floor, "1002")
        agents = floor.far.agents
        # By telephone: number and PIN, then ready.
        code = await phone.call("*11", line="agent1001")
        await code.hears("staff-enter-number")
        await code.press("1001#")
        await code.hears("staff-enter-pin")
        await code.press(PINS["1001"])
        await code.hears("staff-logged-in")
        await li.is_(AgentState.PAUSED)
        code = await phone.call("*12", line="agent1001")
        await code.hears("staff-ready")
        await code.ended()
        await wang.at_work()
        await agents.pause("1002", "")

        caller = await floor.calls()
        leg = await li.takes()
        await li.is_(AgentState.TALKING)
        granted(await agents.hold("1001"))
        await caller.hears("music")
        await floor.caller("held")
        granted(await agents.resume("1001"))
        await floor.caller("talking")
        print(caller.transcript, leg.transcript)
