"""Without an engine callers wait in a plain queue, and agents at work take their calls."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from ivr.ports.agents import AgentState
from lab.site import Lab
from lab.telephone import Telephone
from tests.live.floor_kit import Floor, Seat, floor_of

pytestmark = pytest.mark.asterisk


@pytest_asyncio.fixture
async def floor(patient_lab: Lab, patient_phone: Telephone, tmp_path: Path) -> AsyncIterator[Floor]:
    """A hotline on a lab whose plain queue keeps callers."""
    async with floor_of(patient_lab, patient_phone, tmp_path) as floor:
        yield floor


async def killed(floor: Floor) -> None:
    """Let Asterisk know who is at work, then kill the engine."""
    asterisk = floor.lab.exchange
    async with asyncio.timeout(5):
        while "PJSIP/agent1001" not in await asterisk.ask("queue show service"):  # noqa: ASYNC110
            await asyncio.sleep(0.05)  # Asterisk tells nobody
    floor.engine.kill()
    await floor.engine.gone()


async def test_callers_keep_their_time_and_agents_at_work_take_calls(floor: Floor) -> None:
    first, second = Seat(floor, "1001"), Seat(floor, "1002")
    await first.at_work()
    await floor.far.agents.pause("1001", "")
    call = await floor.calls()
    since = (await floor.caller("waiting")).since
    await killed(floor)
    await call.hears("survivability", within=10)
    await call.hears("music", within=10)
    await floor.engine.start()
    assert (await floor.caller("waiting")).since == since
    await second.at_work()
    leg = await second.takes()
    await floor.caller("talking")
    await leg.hang_up()
    await call.hears("goodbye")
    await floor.empty()


async def test_agents_at_work_take_calls(floor: Floor) -> None:
    seat = Seat(floor, "1001")
    await seat.at_work()
    await killed(floor)
    call = await floor.calls()
    leg = await seat.takes(within=30)
    call.speak((floor.lab.sounds / "agent.ulaw").read_bytes())
    await leg.hears("agent")
    await leg.hang_up()
    await call.hears("goodbye", within=10)
    await call.ended()
    await floor.engine.start()
    await seat.is_(AgentState.READY)
    await floor.empty()
