"""Supervisors in a conversation of others: who hears them, and whom they hear."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from ivr.ports.agents import AgentState, Spying
from lab.phone_call import PhoneCall
from lab.site import Lab
from lab.telephone import Telephone
from tests.live.floor_kit import WITHIN, Floor, Seat, floor_of, granted, hears_words

TIMES = 6
pytestmark = [pytest.mark.asterisk, pytest.mark.alone, pytest.mark.timeout(120)]


@pytest.mark.parametrize("how", [Spying.WHISPER, Spying.BARGE])
async def test_who_hears_a_supervisor(
    lab: Lab, phone: Telephone, tmp_path: Path, how: Spying
) -> None:
    async with floor_of(lab, phone, tmp_path) as floor:
        seat, liu = Seat(floor, "1001"), Seat(floor, "1003")
        await seat.at_work()
        caller = await floor.calls()
        leg = await seat.takes()
        await seat.is_(AgentState.TALKING)
        await hear(floor, leg, caller)
        spied, supervisor = await asyncio.gather(
            floor.far.agents.spy("grace.liu", "agent1003", "1001", how), liu.takes()
        )
        granted(spied)
        heard_before = len(caller.heard)
        # ChanSpy takes part a moment after the supervisor has picked up: the words are said again.
        supervisor.speak((lab.sounds / "agent.ulaw").read_bytes() * TIMES)
        if how is Spying.BARGE:
            await asyncio.gather(hears_words(leg), hears_words(caller))
        else:
            await hears_words(leg)
            assert caller.heard[heard_before:] == []
        await leg.hang_up()
        await supervisor.ended(within=WITHIN)
        await caller.ended(within=WITHIN)
        await floor.empty()


async def hear(floor: Floor, speaks: PhoneCall, listens: PhoneCall) -> None:
    """Have two be joined: what one says, the other hears."""
    speaks.speak((floor.lab.sounds / "agent.ulaw").read_bytes())
    await hears_words(listens)
