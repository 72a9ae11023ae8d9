"""Errands on the floor: given once, shown while they last, and over when the caller is back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ivr.app.floor.diary import Diary
from ivr.app.floor.floor import RunningFloor
from ivr.app.floor.room import WaitingRoom
from ivr.app.floor.state import Place
from ivr.centre.kpi import Kpi
from ivr.model.floor import Answered, Ended, HandedOff, Joined
from ivr.ports.errands import Ending, ErrandEnd
from ivr.ports.waiting import Errand, Join, Joining, Turn, Wait
from tests.app.floor.hands import AT, CALL, OWN, PLAN, QUEUE

ERRAND = Errand("e1", "order", "transfer", {"amount": "12.50"})
JOINING = Joining(CALL, QUEUE, "zh", errands=True)


class Clock:
    def now(self) -> object:
        return AT


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[WaitingRoom]:
    """A room in which a caller talks with agent 1001."""
    diary = Diary(tmp_path / "floor.sqlite")
    floor = RunningFloor(lambda: PLAN, diary, Kpi(ZoneInfo("UTC"), days=1), Clock())  # type: ignore[arg-type]
    floor.emit(Joined(CALL, QUEUE))
    floor.emit(Answered(CALL, QUEUE, "1001", OWN))
    yield WaitingRoom(floor, lambda calendar: True)
    await diary.close()


async def _handed_off(room: WaitingRoom) -> Turn:
    """Have the agent hand the caller off, and return what the caller is told."""
    floor = room._floor
    floor.doors.of(CALL).directive = ERRAND
    floor.emit(HandedOff(CALL, QUEUE, "1001", ERRAND.id, ERRAND.kind, ERRAND.name, ERRAND.form))
    return await room.join(JOINING)


def _outcome(room: WaitingRoom) -> str:
    caller = room._floor.caller(CALL)
    assert caller is not None
    return caller.outcome


async def test_the_same_errand_is_given_until_it_is_over(room: WaitingRoom) -> None:
    assert await room.errand(CALL) is None
    assert await _handed_off(room) == ERRAND
    assert await room.errand(CALL) == await room.errand(CALL) == ERRAND
    await room.errand_over(CALL, Ending("another", ErrandEnd.POSTED))
    assert await room.errand(CALL) == ERRAND
    await room.errand_over(CALL, Ending("e1", ErrandEnd.POSTED, "12345670"))
    assert _outcome(room) == "posted 12345670"
    assert await room.errand(CALL) is None
    assert await room.join(JOINING) == Join(OWN, "1001")


async def test_an_engine_that_begins_anew_still_knows_it(room: WaitingRoom) -> None:
    await _handed_off(room)
    room._floor.doors.of(CALL).given = None
    assert await room.errand(CALL) == ERRAND


async def test_who_is_back_without_it_has_not_done_it(room: WaitingRoom) -> None:
    await _handed_off(room)
    assert await room.join(JOINING) == Join(OWN, "1001")
    assert _outcome(room) == "failed"


async def test_a_count_of_keys_is_shown_and_kept_nowhere(room: WaitingRoom) -> None:
    room.keyed(CALL, "pin", 3)
    assert room._floor.doors.keying(CALL) == ""
    await _handed_off(room)
    change, appended = room._floor.change, room._floor._number
    room.keyed(CALL, "pin", 3)
    assert room._floor.doors.keying(CALL) == "pin •••"
    assert (room._floor.change, room._floor._number) == (change + 1, appended)
    await room.errand_over(CALL, Ending("e1", ErrandEnd.LOCKED))
    assert room._floor.doors.keying(CALL) == ""


async def test_whose_agent_is_gone_does_it_all_the_same_and_then_waits(room: WaitingRoom) -> None:
    await _handed_off(room)
    floor = room._floor
    floor.emit(Ended(CALL, QUEUE, "1001", "agent"))
    floor.back(CALL)
    assert await room.errand(CALL) == ERRAND
    await room.errand_over(CALL, Ending("e1", ErrandEnd.INCOMPLETE, about="amount"))
    assert _outcome(room) == "incomplete amount"
    assert isinstance(await room.join(JOINING), Wait)
    caller = floor.caller(CALL)
    assert caller is not None
    assert caller.place is Place.WAITING
    assert floor.doors.of(CALL).errand is None
