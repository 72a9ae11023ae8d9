"""What the story of a call has of its conversations: who ended them, and in what silence."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from ivr.adapters.clock import SystemClock
from ivr.adapters.store.database import DatabaseStore
from ivr.app.ledger import DATABASE
from ivr.model.events import CallEnded, ConversationEnded, Event
from ivr.ports.agents import AgentState
from lab.phone_call import PhoneCall
from lab.site import Lab
from lab.sounds import melody
from lab.telephone import Telephone
from tests.live.floor_kit import WITHIN, Floor, Seat, floor_of, granted
from tests.live.kit import ZONE

pytestmark = [pytest.mark.asterisk, pytest.mark.timeout(120)]
NOTICED_S = 1.0
"""So long after the last word Asterisk says that a leg is silent."""


async def story(floor: Floor, call_id: str) -> Sequence[Event]:
    """Return what is kept of a call that is over."""
    store = await DatabaseStore.open(floor.engine.folder / DATABASE, SystemClock(ZONE))
    try:
        async with asyncio.timeout(WITHIN):
            while True:
                events = [one.event for one in await store.read_events(call_id)]
                if any(isinstance(one, CallEnded) for one in events):
                    return events
                await asyncio.sleep(0.05)
    finally:
        await store.close()


async def conversations(floor: Floor, call_id: str) -> list[ConversationEnded]:
    """Return the conversations of a call that is over: each is told before the end, and once."""
    events = await story(floor, call_id)
    assert isinstance(events[-1], CallEnded), events
    return [one for one in events if isinstance(one, ConversationEnded)]


async def says(call: PhoneCall, hertz: int) -> None:
    """Have somebody say a tone, and silence after it as telephones send it."""
    call.speak(melody([(hertz, 800)]) + b"\xff" * 16_000)
    await call.spoken()


async def test_each_agent_and_whoever_hangs_up(lab: Lab, phone: Telephone, tmp_path: Path) -> None:
    async with floor_of(lab, phone, tmp_path) as floor:
        li, wang, agents = Seat(floor, "1001"), Seat(floor, "1002"), floor.far.agents
        await li.at_work()

        # The first agent speaks last, and sends the caller on; the second one hangs up in silence.
        caller = await floor.calls()
        leg = await li.takes()
        call_id = (await floor.caller("talking")).call_id
        await li.is_(AgentState.TALKING)
        await says(leg, 620)
        await wang.at_work()
        granted(await agents.transfer("1001", "agent:1002"))
        other = await wang.takes()
        await floor.caller("talking")
        await wang.is_(AgentState.TALKING)
        await says(caller, 910)
        await other.hang_up()
        await caller.ended(within=WITHIN)
        first, second = await conversations(floor, call_id)
        assert (first.agent, first.by) == ("1001", "transfer")
        assert (second.agent, second.by, second.queue) == ("1002", "agent", "service")
        # Two seconds of silence were sent after each tone.
        for one in (first, second):
            assert one.silent_ms is not None
            assert 1_000 <= one.silent_ms <= one.ms

        # The caller hangs up first, in the middle of a word.
        granted(await agents.ready("1001"))
        caller = await floor.calls()
        leg = await li.takes()
        call_id = (await floor.caller("talking")).call_id
        await li.is_(AgentState.TALKING)
        caller.speak(melody([(620, 5_000)]))
        await asyncio.sleep(1.5)  # speaks
        await caller.hang_up()
        (one,) = await conversations(floor, call_id)
        assert (one.agent, one.by, one.silent_ms) == ("1001", "caller", 0)
        await floor.empty()
