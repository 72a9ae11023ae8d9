"""Agents at work on a real Asterisk: by service codes, and everything that is done with a call."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from ivr.app.recordings import path_of, recordings
from ivr.ports.agents import AgentState, Refusal, Spying
from ivr.ports.waiting import Errand
from lab.phone_call import PhoneCall
from lab.site import Lab
from lab.sounds import melody
from lab.telephone import Telephone
from lab.tones import strength
from tests.live.floor_kit import PINS, QUEUES, WITHIN, Floor, Seat, floor_of, granted, hears_words

pytestmark = [pytest.mark.asterisk, pytest.mark.alone, pytest.mark.timeout(180)]


TONES = (620, 910, 1500, 440)
SILENCE = b"\xff" * 32_000
"""Four seconds of it in µ-law. Telephones send it; of who speaks to one that sends nothing at all, Asterisk's
recorder may drop what is short."""
LOUD, SILENT = 1000, 100
"""Amplitudes of what is in a recording, and of what is not (16 bit)."""


async def says(call: PhoneCall, hertz: int, ms: int = 600) -> None:
    """Have somebody say a tone."""
    call.speak(melody([(hertz, ms)]))
    await call.spoken()


async def joined(lab: Lab, seat: Seat) -> None:
    """Wait until an agent is in a conversation: what they say before is heard by nobody."""

    async def bridged() -> bool:
        lines = (await lab.exchange.ask("core show channels concise")).splitlines()
        legs = [line.split("!") for line in lines if line.startswith(f"PJSIP/agent{seat.agent}-")]
        return any(leg[12] for leg in legs)

    async with asyncio.timeout(WITHIN):
        while not await bridged():  # noqa: ASYNC110  # Asterisk is asked; it does not tell
            await asyncio.sleep(0.1)


async def hear_each_other(floor: Floor, one: PhoneCall, other: PhoneCall) -> None:
    """Have two say something, and the other hear it."""
    said = (floor.lab.sounds / "agent.ulaw").read_bytes()
    for speaks, listens in ((one, other), (other, one)):
        speaks.speak(said)
        await listens.hears("agent", within=WITHIN)


async def test_a_day_of_two_agents(lab: Lab, phone: Telephone, tmp_path: Path) -> None:
    async with floor_of(lab, phone, tmp_path) as floor:
        li, wang, agents = Seat(floor, "1001"), Seat(floor, "1002"), floor.far.agents

        # By telephone: number and PIN, then ready.
        code = await phone.call("*11", line="agent1001")
        await code.hears("staff-enter-number", within=WITHIN)
        await code.press("1001#")
        await code.hears("staff-enter-pin", within=WITHIN)
        await code.press(PINS["1001"])
        await code.hears("staff-logged-in", within=WITHIN)
        await li.is_(AgentState.PAUSED)
        code = await phone.call("*12", line="agent1001")
        await code.hears("staff-ready", within=WITHIN)
        await li.is_(AgentState.READY)

        # A call is taken, held, and talked with again.
        caller = await floor.calls()
        leg = await li.takes()
        await li.is_(AgentState.TALKING)
        granted(await agents.hold("1001"))
        await caller.hears("music", within=WITHIN)
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
        await leg.ended(within=WITHIN)
        await hear_each_other(floor, caller, other)
        await li.is_(AgentState.WRAP_UP)

        # And back, without talking first: the one it is for takes it as soon as ready.
        talking = (await floor.caller("talking")).since
        granted(await agents.transfer("1002", "agent:1001"))
        await other.ended(within=WITHIN)
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
        await asyncio.gather(leg.hears("agent", within=WITHIN), hears_words(ear))
        await leg.hang_up()
        await ear.ended(within=WITHIN)
        await caller.hears("goodbye", within=WITHIN)
        await caller.ended(within=WITHIN)
        await floor.empty()


async def test_a_recorded_conversation(lab: Lab, phone: Telephone, tmp_path: Path) -> None:
    floor = Floor(lab, phone, tmp_path)
    recorded = QUEUES.replace(
        "    rna:", "    recording: {policy: consent, keep_days: 30}\n    rna:", 1
    )
    (tmp_path / "flows" / "queues.yaml").write_text(recorded, "utf-8")
    async with floor:
        li, agents = Seat(floor, "1001"), floor.far.agents
        await li.at_work()
        caller = await floor.calls()
        await caller.hears("queue-recorded", within=WITHIN)
        await caller.press("1")
        leg = await li.takes()
        view = await li.is_(AgentState.TALKING)
        await leg.hears("whisper-en", within=WITHIN)
        await joined(lab, li)
        await says(caller, 620)
        caller.speak(SILENCE)
        await says(leg, 910, ms=2_500)
        granted(await agents.hand_off("1001", Errand("e1", "identity", "")))
        await caller.hears("enter-account", within=WITHIN)
        await says(caller, 1500)
        await li.is_(AgentState.TALKING, within=2 * WITHIN)
        await joined(lab, li)
        await says(caller, 440)
        await leg.hang_up()
        await caller.ended(within=WITHIN)
        (made,) = recordings(floor.config)
        assert (made.call_id, made.agent) == (view.call_id, "1001")
        assert (made.until - made.at).days == 30
        heard = {hertz: strength(path_of(floor.config, made.file), hertz) for hertz in TONES}
    assert min(heard[620], heard[910], heard[440]) > LOUD, heard
    assert heard[1500] < SILENT, heard
