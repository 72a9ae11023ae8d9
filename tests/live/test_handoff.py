"""The secure hand-off on a real Asterisk: a caller alone with the machine, an agent who hears music, and
each way it can end, at each stage. Nobody is left alone, and no agent hears a key.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from ivr.ports.agents import AgentState, Refusal, Spying
from ivr.ports.waiting import Errand
from lab.phone_call import PhoneCall
from lab.site import Lab
from lab.telephone import Telephone
from tests.live.floor_kit import WITHIN, Floor, Seat, floor_of, granted

pytestmark = [pytest.mark.asterisk, pytest.mark.timeout(180)]

ACCOUNT, PIN = "6222021001", "408297"
BEGIN, AT_ACCOUNT, AT_PIN = "assist-begin", "enter-account", "enter-pin"
STAGES = (BEGIN, AT_ACCOUNT, AT_PIN)
"""What the caller hears when it happens."""


class Talk(NamedTuple):
    """A caller and an agent who talk."""

    floor: Floor
    seat: Seat
    caller: PhoneCall
    leg: PhoneCall
    call_id: str

    async def alone(self, stage: str) -> None:
        """Have the caller be alone with the machine, up to a stage."""
        errand = Errand(f"of-{self.seat.agent}", "identity", "")
        granted(await self.floor.far.agents.hand_off(self.seat.agent, errand))
        await self.leg.hears("music", within=WITHIN)
        await self.go_on(BEGIN, stage)

    async def go_on(self, begin: str, stage: str) -> None:
        """Hear and key what comes from one stage to another."""
        for step in STAGES[STAGES.index(begin) : STAGES.index(stage) + 1]:
            await self.caller.hears(step, within=WITHIN)
            if step == AT_ACCOUNT and stage != AT_ACCOUNT:
                await self.caller.press(ACCOUNT + "#")

    async def shows_itself(self) -> None:
        """Key the PIN, and go back."""
        await self.caller.press(PIN + "#")
        await self.caller.hears("assist-end", within=WITHIN)

    async def talk_again(self, within: float = 5) -> None:
        """Be joined with the same agent, and hear each other."""
        await self.seat.is_(AgentState.TALKING, within)
        await self.floor.caller("talking", self.call_id)
        self.caller.speak((self.floor.lab.sounds / "agent.ulaw").read_bytes())
        await self.leg.hears("agent", within=WITHIN)

    def heard_music_only(self) -> bool:
        """Whether the agent heard nothing of what the caller keyed or was told alone."""
        others = {one.name for one in self.leg.heard} - {"agent", "zh/whisper-en"}
        return others <= {"music/music"}


async def talk(floor: Floor, agent: str) -> Talk:
    """Have a caller talk with an agent."""
    seat = Seat(floor, agent)
    await seat.at_work()
    caller = await floor.calls()
    leg = await seat.takes()
    view = await seat.is_(AgentState.TALKING)
    return Talk(floor, seat, caller, leg, view.call_id)


async def comes_back(one: Talk) -> None:
    await one.alone(AT_PIN)
    await one.caller.press(PIN[:3])
    await one.floor.shows(
        lambda board: any(each.progress == "pin •••" for each in board.callers), within=5
    )
    spied = await one.floor.far.agents.spy("grace.liu", "agent1010", one.seat.agent, Spying.LISTEN)
    assert spied.refused is Refusal.WINDOW
    await one.caller.press(PIN[3:] + "#")
    await one.caller.hears("assist-end", within=WITHIN)
    await one.talk_again()
    await one.caller.hang_up()
    await one.leg.ended(within=WITHIN)


async def says_nothing(one: Talk) -> None:
    await one.alone(AT_PIN)
    await one.talk_again(within=20)
    await one.leg.hang_up()
    await one.caller.ended(within=WITHIN)


def caller_hangs_up(stage: str) -> Callable[[Talk], Awaitable[None]]:
    async def ends(one: Talk) -> None:
        await one.alone(stage)
        await one.caller.hang_up()
        await one.seat.is_(AgentState.WRAP_UP)
        await one.leg.ended(within=WITHIN)

    return ends


def agent_hangs_up(stage: str) -> Callable[[Talk], Awaitable[None]]:
    async def ends(one: Talk) -> None:
        await one.alone(stage)
        await one.leg.hang_up()
        await one.seat.is_(AgentState.WRAP_UP)
        following = STAGES[STAGES.index(stage) + 1] if stage != AT_PIN else AT_PIN
        if stage == AT_ACCOUNT:
            await one.caller.press(ACCOUNT + "#")
        if stage != AT_PIN:
            await one.go_on(following, AT_PIN)
        await one.shows_itself()
        await one.floor.caller("waiting", one.call_id)
        await one.caller.hang_up()

    return ends


ENDS = {
    "1001": comes_back,
    "1002": says_nothing,
    **dict(zip(("1003", "1004", "1005"), map(caller_hangs_up, STAGES), strict=True)),
    **dict(zip(("1006", "1007", "1008"), map(agent_hangs_up, STAGES), strict=True)),
}
"""What happens to whose caller."""


async def test_however_it_ends_nobody_is_left_alone(
    lab: Lab, phone: Telephone, tmp_path: Path
) -> None:
    async with floor_of(lab, phone, tmp_path) as floor:
        talks = [await talk(floor, agent) for agent in ENDS]
        await asyncio.gather(*(ENDS[one.seat.agent](one) for one in talks))
        assert all(one.heard_music_only() for one in talks), [one.leg.transcript for one in talks]
        await floor.empty()


async def test_an_engine_that_is_killed_takes_the_errand_up_again(
    patient_lab: Lab, patient_phone: Telephone, tmp_path: Path
) -> None:
    async with floor_of(patient_lab, patient_phone, tmp_path) as floor:
        talks = [await talk(floor, agent) for agent in ("1001", "1002", "1003")]
        await asyncio.gather(*(one.alone(stage) for one, stage in zip(talks, STAGES, strict=True)))
        floor.engine.kill()
        await floor.engine.gone()
        await asyncio.gather(*(one.caller.hears("survivability", within=WITHIN) for one in talks))
        await floor.engine.start()

        async def goes_on(one: Talk) -> None:
            await one.go_on(AT_ACCOUNT, AT_PIN)
            await one.shows_itself()
            await one.talk_again()
            assert one.heard_music_only(), one.leg.transcript
            await one.leg.hang_up()
            await one.caller.ended(within=WITHIN)

        await asyncio.gather(*map(goes_on, talks))
        await floor.empty()
