"""Callbacks in one line with callers: the floor, its dispatcher and the desk are real, telephones are not."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ivr.adapters.callbacks.promised import DatabaseCallbacks
from ivr.adapters.callbacks.ringings import DatabaseRingings
from ivr.app.callbacks.guard import Guard
from ivr.app.callbacks.onfloor import FloorLine
from ivr.app.callbacks.outgoing import OutgoingCalls
from ivr.app.floor.diary import Diary
from ivr.app.floor.floor import RunningFloor
from ivr.app.floor.room import WaitingRoom
from ivr.centre.agents import Act
from ivr.centre.kpi import Kpi
from ivr.model.queues import AgentDocument, QueueDocument, QueuePlan
from ivr.ports.agents import AgentState
from ivr.ports.callbacks import State, Wanted, Wish
from ivr.ports.dialler import Dialled
from ivr.ports.line import DialStatus
from ivr.ports.waiting import Joining, Leaving, Ring, Turn, Wait
from tests.app.callbacks.kit import CONFIG, Bank, Calls, Clock, Rules, Telephones, settled

CUSTOMER = "13800001111"
UTC = ZoneInfo("UTC")


class Hall:
    """A floor with one agent, and the desk that calls its customers."""

    def __init__(
        self, folder: Path, store: DatabaseCallbacks, ringings: DatabaseRingings, mode: str
    ) -> None:
        self.clock, self.phones = Clock(), Telephones()
        queue = {
            "agents": ["anyone"],
            "empty": "wait",
            "callbacks": {"estimate": "0s", "mode": mode},
        }
        plan = QueuePlan(
            queues={"service": QueueDocument.model_validate({**queue, "wrap_up": {"time": "0s"}})},
            agents={"1001": AgentDocument(name="1001")},
        )
        self.diary = Diary(folder / "floor.sqlite")
        self.floor = RunningFloor(lambda: plan, self.diary, Kpi(UTC), self.clock)
        self.room = WaitingRoom(self.floor, lambda calendar: True)
        self._store = store
        self._ringings = ringings
        self.begin()

    def begin(self) -> None:
        """Have a desk, as after a restart: it knows what is on the disk, and the floor."""
        self.calls = OutgoingCalls(
            self._store,
            Guard(self.phones, self._ringings, self.clock, CONFIG.numbers(), CONFIG.per_day),
            FloorLine(self.floor),
            Rules(self.clock),
            Bank(),  # type: ignore[arg-type]
            Calls(),  # type: ignore[arg-type]
            self.clock,
            CONFIG.ring,
        )
        self.floor.on_turn = self.calls.desk.turn
        self.room.promises = self.calls.desk

    async def joins(self, call: str, ani: str = "") -> Turn:
        return await self.room.join(Joining(call, "service", "zh", ani=ani, callbacks=True))

    def agent(self, *acts: Act) -> AgentState:
        """Have the agent do something; return how they stand."""
        for act in acts:
            self.floor.act("1001", act, endpoint="agent1001")
        self.floor.decide()
        return self.floor.standings()["1001"].state

    async def later(self, seconds: float) -> None:
        self.clock.at += timedelta(seconds=seconds)
        await self.calls.look()
        self.floor.decide()
        await settled()

    async def accepts(self, call: str) -> None:
        """Have a caller who waits be called back instead."""
        assert await self.room.leave(call, Leaving.CALLBACK) is Leaving.CALLBACK
        kept = await self.calls.keep(Wanted(call, "service", CUSTOMER, "zh"))
        assert kept.refused is None


@pytest.fixture
def mode() -> str:
    return "agent_first"


@pytest.fixture
async def hall(tmp_path: Path, mode: str) -> AsyncIterator[Hall]:
    store = await DatabaseCallbacks.open(tmp_path / "callbacks.sqlite")
    ringings = await DatabaseRingings.open(tmp_path / "callbacks.sqlite", UTC)
    hall = Hall(tmp_path, store, ringings, mode)
    yield hall
    await hall.calls.stop()
    await ringings.close()
    await store.close()
    await hall.diary.close()


async def test_it_neither_overtakes_nor_is_overtaken(hall: Hall) -> None:
    came = {}
    for call in ("a", "b", "c"):
        came[call] = hall.clock.at
        await hall.joins(call, CUSTOMER if call == "b" else "")
        await hall.later(10)
    await hall.accepts("b")
    assert [hall.floor.dispatcher.position(call) for call in ("a", "b", "c")] == [1, 2, 3]
    assert hall.floor.caller("b") is None
    hall.agent(Act.LOGIN, Act.READY)
    assert isinstance(await hall.joins("a"), Ring)
    assert hall.phones.rung == [], "the first in line was first"
    await hall.room.rung("a", "1001", DialStatus.ANSWERED)
    hall.floor.decide()
    await settled()
    assert hall.agent() is AgentState.RESERVED
    assert isinstance(await hall.joins("c"), Wait), "the agent is kept for the second"
    call = await hall.phones.becomes(Dialled.ANSWERED)
    await hall.calls.wish(call, Wish.NOW)
    turn = await hall.joins(call, CUSTOMER)
    assert isinstance(turn, Ring)
    assert "whisper-callback" in turn.whisper
    caller = hall.floor.caller(call)
    assert caller is not None
    assert (caller.joined.callback, caller.since) == ("b", came["b"])
    hall.room.answered(call)
    assert await hall.calls.find() == ()
    (told,) = await hall.calls.find(past=True)
    assert told.state is State.BRIDGED
    await hall.room.rung(call, "1001", DialStatus.ANSWERED)
    hall.floor.decide()
    assert isinstance(await hall.joins("c"), Ring), "and then comes who came then"


async def test_a_telephone_that_nobody_answers_frees_the_agent_for_the_next(hall: Hall) -> None:
    await hall.joins("b", CUSTOMER)
    await hall.later(10)
    await hall.joins("c")
    await hall.accepts("b")
    hall.agent(Act.LOGIN, Act.READY)
    await hall.phones.becomes(Dialled.NO_ANSWER)
    hall.floor.decide()
    assert isinstance(await hall.joins("c"), Ring)
    await hall.room.rung("c", "1001", DialStatus.ANSWERED)
    await hall.later(599)
    assert len(hall.phones.rung) == 1
    await hall.later(2)
    assert len(hall.phones.rung) == 2, "and later it is rung again, in its old place"


@pytest.mark.parametrize("answered", [True, False])
async def test_after_a_restart_the_agent_is_still_kept_for_it(hall: Hall, answered: bool) -> None:
    await hall.joins("b", CUSTOMER)
    await hall.later(10)
    await hall.joins("c")
    await hall.accepts("b")
    hall.agent(Act.LOGIN, Act.READY)
    call = (await hall.phones.rings()).id
    await hall.calls.stop()
    hall.begin()
    await hall.calls.load()
    await hall.later(60)
    assert hall.agent() is AgentState.RESERVED, "the customer may be on the line"
    if answered:
        await hall.calls.wish(call, Wish.NOW)
        assert isinstance(await hall.joins(call, CUSTOMER), Ring)
    else:
        hall.phones.there.clear()
        await hall.later(1)
        assert isinstance(await hall.joins("c"), Ring)


async def test_who_rings_again_goes_on_waiting_since_then(hall: Hall) -> None:
    await hall.joins("b", CUSTOMER)
    since = hall.clock.at
    await hall.later(10)
    await hall.joins("c")
    await hall.accepts("b")
    await hall.later(60)
    await hall.joins("d", CUSTOMER)
    caller = hall.floor.caller("d")
    assert caller is not None
    assert caller.since == since
    assert [hall.floor.dispatcher.position(call) for call in ("d", "c")] == [1, 2]
    assert await hall.calls.find() == ()


async def test_who_does_not_want_it_after_all_has_lost_nothing(hall: Hall) -> None:
    await hall.joins("b")
    await hall.later(10)
    await hall.joins("c")
    await hall.room.leave("b", Leaving.CALLBACK)
    await hall.later(30)
    turn = await hall.joins("b")
    assert isinstance(turn, Wait)
    assert hall.floor.dispatcher.position("b") == 1


@pytest.mark.parametrize("mode", ["customer_first"])
async def test_a_customer_who_is_rung_first_waits_at_the_old_place(hall: Hall) -> None:
    for call in ("b", "c"):
        await hall.joins(call, CUSTOMER if call == "b" else "")
        await hall.later(10)
    await hall.accepts("b")
    hall.agent(Act.LOGIN, Act.READY)
    await hall.later(1)
    call = await hall.phones.becomes(Dialled.ANSWERED)
    await hall.calls.wish(call, Wish.NOW)
    turn = await hall.joins(call, CUSTOMER)
    assert isinstance(turn, Ring | Wait)
    assert hall.floor.caller(call) is not None
    assert hall.agent() is not AgentState.READY
