"""Agents at work on a real Asterisk: by service codes, and everything that is done with a call."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from ivr.ports.agents import AgentState, Refusal, Spying
from lab.heard import UNKNOWN
from lab.phone_call import PhoneCall
from lab.site import Lab
from lab.telephone import Telephone
from tests.live.floor_kit import PINS, Floor, Seat, floor_of, granted

pytestmark = pytest.mark.asterisk


async def hear_each_other(floor: Floor, one: PhoneCall, other: PhoneCall) -> None:
    """Have two say something, and the other hear it."""
    said = (floor.lab.sounds / "agent.ulaw").read_bytes()
    for speaks, listens in ((one, other), (other, one)):
        speaks.speak(said)
        await listens.hears("agent")


async def test_a_day_of_two_agents(lab: Lab, phone: Telephone, tmp_path: Path) -> None:
    async with floor_of(lab, phone, tmp_path) as floor:
        li, wang, agents = Seat(floor, "1001"), Seat(floor, "1002"), floor.far.agents

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
        await li.is_(AgentState.READY)

        # A call is taken, held, and talked with again.
        caller = await floor.calls()
        leg = await li.takes()
        await li.is_(AgentState.TALKING)
        granted(await agents.hold("1001"))
        await caller.hears("music")
        granted(await agents.resume("1001"))
        await floor.caller("talking")
        await hear_each_other(floor, caller, leg)

        # A colleague is asked first, then takes the caller over.
        assert (await agents.consult("1001", "agent:1002")).refused is Refusal.TARGET
        await wang.at_work()
        granted(await agents.consult("1001", "agent:1002"))
        other = await wang.takes()
        await wang.is_(AgentState.TALKING)
        await hear_each_other(floor, leg, other)
        granted(await agents.complete("1001"))
        await leg.ended()
        await hear_each_other(floor, caller, other)
        await li.is_(AgentState.WRAP_UP)

        # And back, without talking first: the one it is for takes it as soon as ready.
        talking = (await floor.caller("talking")).since
        granted(await agents.transfer("1002", "agent:1001"))
        await other.ended()
        assert (await floor.caller("waiting")).since < talking, "nobody's wait begins anew"
        granted(await agents.ready("1001"))
        leg = await li.takes()
        await li.is_(AgentState.TALKING)
        await hear_each_other(floor, caller, leg)

        # A supervisor listens; the agent hangs up, and nobody is left over.
        liu = Seat(floor, "1003")
        spied, ear = await asyncio.gather(
            agents.spy("grace.liu", "agent1003", "1001", Spying.LISTEN), liu.takes()
        )
        granted(spied)
        caller.speak((lab.sounds / "agent.ulaw").read_bytes())
        # ChanSpy mixes what both say: it is heard, but no recording bit for bit.
        await asyncio.gather(leg.hears("agent"), ear.hears(UNKNOWN))
        await leg.hang_up()
        await ear.ended()
        await caller.hears("goodbye")
        await caller.ended()
        await floor.empty()
