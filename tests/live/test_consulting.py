"""Hold, consultation and transfer on a real Asterisk: each way they can end leaves nobody alone."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from ivr.ports.agents import AgentState, Refusal
from lab.phone_call import PhoneCall
from lab.site import Lab
from lab.telephone import Telephone
from tests.live.floor_kit import WITHIN, Floor, Seat, floor_of, granted

pytestmark = [pytest.mark.asterisk, pytest.mark.timeout(180)]


class Talk(NamedTuple):
    """A caller and an agent who talk, and a colleague who is ready."""

    floor: Floor
    seat: Seat
    colleague: Seat
    caller: PhoneCall
    leg: PhoneCall
    call_id: str

    async def hold(self) -> None:
        granted(await self.floor.far.agents.hold(self.seat.agent))
        await self.leg.hears("music", within=WITHIN)

    async def consult(self) -> None:
        target = f"agent:{self.colleague.agent}"
        granted(await self.floor.far.agents.consult(self.seat.agent, target))

    async def talk_with_colleague(self) -> PhoneCall:
        await self.consult()
        other = await self.colleague.takes()
        await self.colleague.is_(AgentState.TALKING)
        await self.hear(self.leg, other)
        return other

    async def together(self) -> None:
        """Caller and agent talk again, until the agent hangs up."""
        await self.seat.is_(AgentState.TALKING, within=WITHIN)
        await self.floor.caller("talking", self.call_id)
        await self.hear(self.caller, self.leg)
        await self.leg.hang_up()
        await self.caller.ended(within=WITHIN)

    async def waiting(self) -> None:
        """The caller waits again, until they hang up."""
        await self.floor.caller("waiting", self.call_id)
        await self.caller.hang_up()

    async def hear(self, speaks: PhoneCall, listens: PhoneCall) -> None:
        speaks.speak((self.floor.lab.sounds / "agent.ulaw").read_bytes())
        await listens.hears("agent", within=WITHIN)


async def talk(floor: Floor, agent: str, colleague: str) -> Talk:
    seat, other = Seat(floor, agent), Seat(floor, colleague)
    await seat.at_work()
    caller = await floor.calls()
    leg = await seat.takes()
    view = await seat.is_(AgentState.TALKING)
    return Talk(floor, seat, other, caller, leg, view.call_id)


async def holding_the_agent_hangs_up(one: Talk) -> None:
    await one.hold()
    await one.leg.hang_up()
    await one.seat.is_(AgentState.WRAP_UP)
    await one.waiting()


async def holding_the_caller_hangs_up(one: Talk) -> None:
    await one.hold()
    await one.caller.hang_up()
    await one.seat.is_(AgentState.WRAP_UP)
    await one.leg.ended(within=WITHIN)


async def nobody_answers(one: Talk) -> None:
    await one.consult()
    await one.colleague.phone.rings(within=WITHIN)
    await one.together()
    assert (await one.colleague.is_(AgentState.READY)).missed == 1


async def the_caller_hangs_up_while_it_rings(one: Talk) -> None:
    await one.consult()
    rung = await one.colleague.phone.rings(within=WITHIN)
    await one.caller.hang_up()
    await asyncio.gather(rung.ended(within=WITHIN), one.leg.ended(within=WITHIN))
    await one.colleague.is_(AgentState.READY)


async def the_colleague_hangs_up(one: Talk) -> None:
    other = await one.talk_with_colleague()
    await other.hang_up()
    await one.together()
    await one.colleague.is_(AgentState.READY)


async def the_agent_hangs_up(one: Talk) -> None:
    other = await one.talk_with_colleague()
    await one.leg.hang_up()
    await one.seat.is_(AgentState.WRAP_UP)
    await one.hear(one.caller, other)
    await other.hang_up()
    await one.caller.ended(within=WITHIN)
    await one.colleague.is_(AgentState.WRAP_UP)


async def to_a_branch(one: Talk) -> None:
    granted(await one.floor.far.agents.transfer(one.seat.agent, "branch:101"))
    await one.leg.ended(within=WITHIN)
    await one.caller.hears("agent", within=WITHIN)
    await one.caller.ended(within=WITHIN)


Ends = dict[str, Callable[[Talk], Awaitable[None]]]
"""What happens to whose caller; the colleague is the agent five numbers further."""

HOLDS: Ends = {"1001": holding_the_agent_hangs_up, "1002": holding_the_caller_hangs_up}
CONSULTATIONS: Ends = {
    "1001": nobody_answers,
    "1002": the_caller_hangs_up_while_it_rings,
    "1003": the_colleague_hangs_up,
    "1004": the_agent_hangs_up,
    "1005": to_a_branch,
}


async def all_of(floor: Floor, ends: Ends) -> list[Talk]:
    """Have all callers talk with their agents."""
    return [await talk(floor, agent, str(int(agent) + 5)) for agent in ends]


async def test_however_it_ends_nobody_is_left_alone(
    lab: Lab, phone: Telephone, tmp_path: Path
) -> None:
    async with floor_of(lab, phone, tmp_path) as floor:
        talks = await all_of(floor, HOLDS)
        await asyncio.gather(*(HOLDS[one.seat.agent](one) for one in talks))
        talks = await all_of(floor, CONSULTATIONS)
        for one in talks:
            await one.colleague.at_work()
        await asyncio.gather(*(CONSULTATIONS[one.seat.agent](one) for one in talks))
        await floor.empty()


async def test_a_consultation_outlives_the_engine(
    patient_lab: Lab, patient_phone: Telephone, tmp_path: Path
) -> None:
    async with floor_of(patient_lab, patient_phone, tmp_path) as floor:
        one = await talk(floor, "1001", "1002")
        await one.colleague.at_work()
        other = await one.talk_with_colleague()
        floor.engine.kill()
        await floor.engine.gone()
        await one.hear(other, one.leg)
        await floor.engine.start()
        await floor.shows(lambda board: [each.state for each in board.callers] == ["consulting"])
        async with asyncio.timeout(5):
            # Until the floor has been compared with Asterisk, the consultation is not known of.
            while (await floor.far.agents.complete("1001")).refused is Refusal.STATE:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        await one.leg.ended(within=WITHIN)
        await one.hear(one.caller, other)
        await one.caller.hang_up()
        await other.ended(within=WITHIN)
        await floor.empty()
