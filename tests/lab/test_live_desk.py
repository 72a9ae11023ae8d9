"""Agents' telephones ring, are picked up or not, and dial in their own name."""

from __future__ import annotations

import asyncio

import pytest

from lab.ami import Ami
from lab.site import AMI_USER, Lab
from lab.telephone import Telephone
from tests.lab.agi import Script, engine

pytestmark = pytest.mark.asterisk


async def ring(lab: Lab, endpoint: str) -> None:
    """Have the lab's Asterisk call an agent's telephone."""
    ami = await Ami.connect(lab.ports.ami, AMI_USER, lab.ami_secret, lambda event: None)
    place = {"Context": "held", "Exten": "s", "Priority": "1", "Async": "true"}
    answer = await ami.send("Originate", {"Channel": f"PJSIP/{endpoint}", **place})
    assert answer["Response"] == "Success", answer
    await ami.close()


async def test_two_desks_ring_each_on_its_own(lab: Lab, phone: Telephone) -> None:
    first, second = phone.desk("agent1001"), phone.desk("agent1002")
    await ring(lab, "agent1002")
    call = await second.rings()
    assert not first.calls
    await second.pick_up(call)
    await ring(lab, "agent1001")
    other, _ = await asyncio.gather(first.serve(talks=0), call.hang_up())
    assert other.cause == 16


async def test_an_agent_dials_a_code_and_is_known_by_the_telephone(
    lab: Lab, phone: Telephone
) -> None:
    seen: list[tuple[str, str]] = []

    async def note(script: Script) -> None:
        seen.append((script.variables["agi_extension"], script.variables["agi_channel"]))
        await script.finish()

    async with engine(lab, note):
        call = await phone.call("*11", line="agent1003")
        await call.ended()
    [(number, channel)] = seen
    assert number == "*11"
    assert channel.startswith("PJSIP/agent1003-")
