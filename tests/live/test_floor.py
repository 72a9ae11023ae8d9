"""Callers and agents on a real Asterisk: waiting, ringing, talking, and what survives what."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ivr.app.floor.diary import DATABASE, read_diary
from ivr.model.floor import Alerted, Answered, Ended, FloorEvent, Left, Missed, Stamped
from ivr.ports.agents import AgentState
from lab.site import Lab
from lab.telephone import NotHeard, Telephone
from tests.live.floor_kit import Floor, Seat
from tests.live.kit import ZONE

pytestmark = pytest.mark.asterisk
RING_WITHIN_S = 1.2
EXACT = timedelta(seconds=1)
EXACT_S = 1.0
QUEUES = """\
queues:
  service:
    agents: [anyone]
    wrap_up: {time: 1s}
    rna: {ring: 1s, skip: 300ms, pause_after: 3}
    announce: {every: 5s}
    whisper: [whisper-vip]
"""


@asynccontextmanager
async def hotline(
    lab: Lab, phone: Telephone, folder: Path, queues: str = QUEUES
) -> AsyncIterator[Floor]:
    """Run a hotline with these queues."""
    floor = Floor(lab, phone, folder)
    (folder / "flows" / "queues.yaml").write_text(queues, "utf-8")
    async with floor:
        yield floor


def happened(floor: Floor) -> list[FloorEvent]:
    """Return what is in the diary."""
    return [one.event for one in stamped(floor)]


def stamped(floor: Floor) -> list[Stamped]:
    """Return what is in the diary, and when it was."""
    return list(read_diary(floor.engine.folder / DATABASE, ZoneInfo(ZONE)))


async def test_a_caller_waits_talks_and_goes_on_when_the_agent_hangs_up(
    lab: Lab,
    phone: Telephone,
    tmp_path: Path,
    record_testsuite_property: Callable[[str, object], None],
) -> None:
    async with hotline(lab, phone, tmp_path) as floor:
        seat = Seat(floor, "1001")
        await seat.at_work()
        await floor.far.agents.pause("1001", "")
        call = await floor.calls()
        await call.hears("queue-next")
        await call.hears("music")
        loop = asyncio.get_running_loop()
        free = loop.time()
        await floor.far.agents.ready("1001")
        ringing = await seat.phone.rings()
        took = loop.time() - free
        record_testsuite_property("ring start after both are free, s", round(took, 2))
        assert took <= RING_WITHIN_S
        await seat.phone.pick_up(ringing)
        await ringing.hears("whisper-vip")
        await floor.caller("talking")
        await seat.is_(AgentState.TALKING)
        await ringing.hang_up()
        await call.hears("goodbye")
        await seat.is_(AgentState.WRAP_UP)
        await seat.is_(AgentState.READY)
        await floor.empty()
    events = happened(floor)
    assert [one.by for one in events if isinstance(one, Ended)] == ["agent"]
    assert [one.how for one in events if isinstance(one, Left)] == ["served"]
    with pytest.raises(NotHeard):  # only the agent hears it
        await call.hears("whisper-vip", within=0.1)


async def test_an_announcement_keeps_no_agent_waiting(
    lab: Lab, phone: Telephone, tmp_path: Path
) -> None:
    async with hotline(lab, phone, tmp_path) as floor:
        busy, seat = Seat(floor, "1001"), Seat(floor, "1002")
        await busy.at_work()
        other = await floor.calls()
        leg = await busy.takes()
        await busy.is_(AgentState.TALKING)
        await seat.at_work()
        await floor.far.agents.pause("1002", "")
        call = await floor.calls()
        await call.hears("queue-estimate")  # it takes 1.6 s, and then comes the time
        loop = asyncio.get_running_loop()
        free = loop.time()
        await floor.far.agents.ready("1002")
        ringing = await seat.phone.rings()
        assert loop.time() - free <= RING_WITHIN_S
        await seat.phone.pick_up(ringing)
        await seat.is_(AgentState.TALKING)
        for one in (leg, ringing):
            await one.hang_up()
        for one in (other, call):
            await one.ended()
        await floor.empty()
    with pytest.raises(NotHeard):  # it was cut short
        await call.hears("s-minute", within=0.1)


async def test_an_agent_who_does_not_answer_is_skipped_and_then_paused(
    lab: Lab, phone: Telephone, tmp_path: Path
) -> None:
    async with hotline(lab, phone, tmp_path) as floor:
        absent, present = Seat(floor, "1001"), Seat(floor, "1002")
        await absent.at_work()
        call = await floor.calls()
        for _ in range(3):
            await absent.phone.rings()
        paused = await absent.is_(AgentState.PAUSED)
        assert (paused.reason, paused.missed) == ("missed", 3)
        caller = await floor.caller("waiting")
        await present.at_work()
        leg = await present.takes()
        talking = await floor.caller("talking")
        assert talking.agent == "1002"
        await call.hang_up()
        await leg.ended()
        await floor.empty()
    events = happened(floor)
    assert [one.agent for one in events if isinstance(one, Missed)] == ["1001"] * 3
    assert [one.about for one in events if isinstance(one, Alerted)] == ["agent:1001"]
    assert [one.by for one in events if isinstance(one, Ended)] == ["caller"]
    assert caller.call_id == talking.call_id


async def test_a_caller_hangs_up_while_the_telephone_rings(
    lab: Lab, phone: Telephone, tmp_path: Path
) -> None:
    async with hotline(lab, phone, tmp_path, QUEUES.replace("ring: 1s", "ring: 9s")) as floor:
        seat = Seat(floor, "1001")
        await seat.at_work()
        call = await floor.calls()
        leg = await seat.phone.rings()
        await seat.is_(AgentState.RINGING)
        await call.hang_up()
        await seat.is_(AgentState.READY, within=1)
        await leg.ended()
        await floor.empty()
    assert [one.how for one in happened(floor) if isinstance(one, Left)] == ["abandoned"]


async def test_an_agent_takes_a_call_by_a_key_or_not_at_all(
    lab: Lab, phone: Telephone, tmp_path: Path
) -> None:
    queues = QUEUES.replace("ring: 1s", "ring: 9s") + "    accept: true\n"
    async with hotline(lab, phone, tmp_path, queues) as floor:
        seat = Seat(floor, "1001")
        await seat.at_work()
        call = await floor.calls()
        leg = await seat.takes()
        await leg.hears("whisper-accept")
        await leg.press("2")
        await leg.ended()
        again = await seat.takes()
        await again.hears("whisper-accept")
        await again.press("1")
        await floor.caller("talking")
        await call.hang_up()
        await floor.empty()
    assert [one.why for one in happened(floor) if isinstance(one, Missed)] == ["declined"]


async def test_a_conversation_outlives_the_engine_and_is_found_again(
    lab: Lab, phone: Telephone, tmp_path: Path
) -> None:
    async with hotline(lab, phone, tmp_path) as floor:
        seat = Seat(floor, "1001")
        await seat.at_work()
        call = await floor.calls()
        leg = await seat.takes()
        since = (await floor.caller("talking")).since
        floor.engine.kill()
        await floor.engine.gone()
        call.speak((lab.sounds / "agent.ulaw").read_bytes())
        await leg.hears("agent")
        await floor.engine.start()
        # The kill may have been quicker than the disk: then it is since when by Asterisk.
        assert abs((await floor.caller("talking")).since - since) <= EXACT
        await seat.is_(AgentState.TALKING)
        await leg.hang_up()
        await call.hears("goodbye")
        await seat.is_(AgentState.READY)
        await floor.empty()
    assert len([one for one in happened(floor) if isinstance(one, Answered)]) == 1


async def test_who_ended_a_conversation_is_known_although_no_engine_saw_it(
    lab: Lab, phone: Telephone, tmp_path: Path
) -> None:
    async with hotline(lab, phone, tmp_path) as floor:
        seats = [Seat(floor, "1001"), Seat(floor, "1002")]
        talks = []
        for seat in seats:
            await seat.at_work()
            call = await floor.calls()
            talks.append((call, await seat.takes()))
            await seat.is_(AgentState.TALKING)
        floor.engine.kill()
        await floor.engine.gone()
        (call, leg), (other, other_leg) = talks
        await call.hang_up()
        await leg.ended(within=5)
        await other_leg.hang_up()
        await other.hears("goodbye", within=10)
        await other.ended(within=10)
        await floor.engine.start()
        await floor.empty()
    ended = {
        one.event.agent: (one.event.by, one.at.timestamp())
        for one in stamped(floor)
        if isinstance(one.event, Ended)
    }
    wire = {"1001": call.ended_on_wire, "1002": other_leg.ended_on_wire}
    assert {agent: by for agent, (by, _) in ended.items()} == {"1001": "caller", "1002": "agent"}
    assert all(abs(at - (wire[agent] or 0)) < EXACT_S for agent, (_, at) in ended.items())
