"""What callers are told next, in memory: the dispatcher is the real one, Asterisk is not there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ivr.app.floor.diary import Diary, read_diary
from ivr.app.floor.floor import RunningFloor
from ivr.app.floor.room import WaitingRoom
from ivr.app.floor.state import Place
from ivr.centre.agents import Act
from ivr.centre.kpi import Kpi
from ivr.model.errors import PortError
from ivr.model.floor import (
    Alerted,
    Ended,
    FloorEvent,
    Joined,
    Left,
    Missed,
    Rang,
    Recorded,
    RecordingAllowed,
    Stamped,
    Surged,
)
from ivr.model.queues import AgentDocument, QueueDocument, QueuePlan
from ivr.ports.agents import AgentState
from ivr.ports.line import DialStatus
from ivr.ports.waiting import Consent, Hold, Join, Joining, Leaving, Over, Ring, Turn, Wait

UTC = ZoneInfo("UTC")
QUEUE = {
    "agents": ["anyone"],
    "empty": "wait",
    "announce": {"every": "45s", "position": 2},
    "rna": {"ring": "15s", "skip": "10s", "pause_after": 2},
    "wrap_up": {"time": "30s"},
    "whisper": ["whisper-call"],
    "full": 3,
}
SURGE = {"above": "20%", "below": "5%", "patience": "60s", "lasts": "1s", "calm": "5s"}
PLAN = QueuePlan(
    queues={
        "service": QueueDocument.model_validate(QUEUE),
        "loans": QueueDocument.model_validate({**QUEUE, "calendar": "loans"}),
        "rushed": QueueDocument.model_validate(
            {"agents": ["anyone"], "empty": "wait", "surge": SURGE}
        ),
        "advice": QueueDocument.model_validate({**QUEUE, "recording": {"policy": "consent"}}),
    },
    agents={agent: AgentDocument(name=agent) for agent in ("1001", "1002")},
)


class Time:
    """A clock that tests move."""

    def __init__(self) -> None:
        self.at = datetime(2026, 11, 23, 9, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at

    def pass_(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


class Hall:
    """A floor with its room, and everything that happened there."""

    def __init__(self, folder: Path, time: Time) -> None:
        self.time = time
        self.file = folder / "floor.sqlite"
        self.diary = Diary(self.file)
        self.floor = RunningFloor(lambda: PLAN, self.diary, Kpi(UTC), time)
        self.floor.replay(read_diary(self.file, UTC))
        self.floor.begin()
        self.room = WaitingRoom(self.floor, lambda calendar: False)

    async def joins(self, call: str, queue: str = "service", most_s: int = 0) -> Turn:
        return await self.room.join(Joining(call, queue, "zh", most_ms=1000 * most_s))

    def works(self, agent: str) -> None:
        """Have an agent be at work and ready."""
        self.floor.act(agent, Act.LOGIN, endpoint=f"agent{agent}")
        self.floor.act(agent, Act.READY)
        self.floor.decide()

    def later(self, seconds: float) -> None:
        self.time.pass_(seconds)
        self.floor.decide()

    def agent(self, agent: str) -> AgentState:
        return self.floor.standings()[agent].state

    async def happened(self) -> list[FloorEvent]:
        await self.floor.durable()
        return [stamped.event for stamped in read_diary(self.file, UTC)]


@pytest.fixture
async def hall(tmp_path: Path) -> AsyncIterator[Hall]:
    hall = Hall(tmp_path, Time())
    yield hall
    await hall.diary.close()


@pytest.fixture
async def again(hall: Hall, tmp_path: Path) -> AsyncIterator[Callable[[], Hall]]:
    """Start the floor again on what is durable."""
    halls: list[Hall] = []

    def start() -> Hall:
        halls.append(Hall(tmp_path, hall.time))
        return halls[-1]

    yield start
    for one in halls:
        await one.diary.close()


async def talking(hall: Hall, call: str = "a", agent: str = "1001") -> None:
    """Have a caller talk with an agent."""
    hall.works(agent)
    turn = await hall.joins(call)
    assert isinstance(turn, Ring)
    hall.room.answered(call, f"PJSIP/agent{agent}-00000001")


async def test_who_waits_is_told_where_they_stand_at_first_and_then_every_so_often(
    hall: Hall,
) -> None:
    assert await hall.joins("a") == Wait(1, say=True)
    assert await hall.joins("a") == Wait(1)
    assert await hall.joins("b") == Wait(2, say=True)
    assert await hall.joins("c") == Wait(0, say=True)  # beyond what is told
    hall.later(45)
    assert await hall.joins("a") == Wait(1, say=True)
    await hall.room.leave("a", Leaving.ABANDONED)
    assert await hall.joins("b") == Wait(1, say=True)


async def test_an_agent_is_rung_with_the_queues_whisper(hall: Hall) -> None:
    hall.works("1001")
    turn = await hall.joins("a")
    assert turn == Ring("1001", "agent1001", 15_000, ("whisper-call",), language="zh")
    assert hall.agent("1001") is AgentState.RINGING
    assert hall.room.whisper("a") == turn
    assert hall.room.whisper("b") is None


@pytest.mark.parametrize("agrees", [True, False])
async def test_nobody_is_recorded_who_has_not_agreed(hall: Hall, agrees: bool) -> None:
    hall.works("1001")
    assert await hall.joins("a", "advice") == Consent(silence=True)
    assert await hall.joins("a", "advice") == Consent(silence=True)  # not answered yet
    assert hall.agent("1001") is AgentState.READY  # kept for nobody meanwhile
    await hall.room.consented("a", agrees, "key")
    ring = await hall.joins("a", "advice")
    assert isinstance(ring, Ring)
    assert ring.record == ("a-1001.wav" if agrees else "")
    hall.room.answered("a")
    events = await hall.happened()
    assert bool([one for one in events if isinstance(one, Recorded)]) is agrees
    assert [one for one in events if isinstance(one, RecordingAllowed)] == [
        RecordingAllowed("a", "advice", agrees, "key")
    ]


async def test_who_is_asked_keeps_their_place_and_is_asked_once(
    hall: Hall, again: Callable[[], Hall]
) -> None:
    await hall.joins("a", "advice")
    hall.time.pass_(1)
    await hall.joins("b", "advice")
    await hall.room.consented("b", True, "silence")
    await hall.room.consented("a", True, "silence")
    hall.works("1001")
    assert isinstance(await hall.joins("a", "advice"), Ring)
    assert isinstance(await hall.joins("b", "advice"), Wait)
    await hall.floor.durable()
    assert isinstance(await again().joins("b", "advice"), Wait)
    hall.floor.back("b", "advice")  # as by a transfer
    assert isinstance(await hall.joins("b", "advice"), Wait)


async def test_what_is_new_is_told_at_once_but_not_that_time_has_passed(hall: Hall) -> None:
    await hall.joins("a")
    news = asyncio.ensure_future(hall.room.news("a"))
    await asyncio.sleep(0)
    hall.later(60)
    await asyncio.sleep(0)
    assert not news.done()
    hall.works("1001")
    await asyncio.wait_for(news, 1)


async def test_the_queues_limits_are_told_and_count_as_offered(hall: Hall) -> None:
    assert await hall.joins("x", "loans") == Over(Leaving.CLOSED)
    for call in "abc":
        await hall.joins(call)
    assert await hall.joins("d") == Over(Leaving.FULL)
    events = await hall.happened()
    assert len([one for one in events if isinstance(one, Joined)]) == 5
    assert [one.how for one in events if isinstance(one, Left)] == ["closed", "full"]


async def test_the_flows_own_longest_wait(hall: Hall) -> None:
    await hall.joins("a", most_s=60)
    hall.later(59)
    assert isinstance(await hall.joins("a", most_s=60), Wait)
    hall.later(1)
    assert await hall.joins("a", most_s=60) == Over(Leaving.TIMEOUT)
    assert hall.floor.caller("a") is None


async def test_an_agent_who_misses_a_call_rests_and_is_paused_in_the_end(hall: Hall) -> None:
    hall.works("1001")
    for number in (1, 2):
        assert isinstance(await hall.joins("a"), Ring)
        await hall.room.rung("a", "1001", DialStatus.NO_ANSWER)
        hall.floor.decide()
        assert isinstance(await hall.joins("a"), Wait), number
        hall.later(10)
    assert hall.agent("1001") is AgentState.PAUSED
    assert hall.floor.standings()["1001"].reason == "missed"
    events = await hall.happened()
    assert len([one for one in events if isinstance(one, Missed)]) == 2
    (alert,) = [one for one in events if isinstance(one, Alerted)]
    assert alert.story("en") == "agent 1001 is paused: 2 calls in a row not answered"
    hall.works("1002")
    assert isinstance(await hall.joins("a"), Ring)


async def test_who_hangs_up_on_the_ringing_lets_the_agent_go(hall: Hall) -> None:
    hall.works("1001")
    await hall.joins("a")
    assert await hall.room.leave("a", Leaving.ABANDONED) is Leaving.ABANDONED
    assert hall.agent("1001") is AgentState.READY
    assert hall.room.gone("a") is Leaving.ABANDONED


@pytest.mark.parametrize("by", ["agent", "caller"])
async def test_who_ends_a_conversation_first_is_told(hall: Hall, by: str) -> None:
    await talking(hall)
    if by == "agent":
        await hall.room.rung("a", "1001", DialStatus.ANSWERED)
        assert await hall.joins("a") == Over(Leaving.SERVED)
    else:
        assert await hall.room.leave("a", Leaving.ABANDONED) is Leaving.SERVED
    assert hall.agent("1001") is AgentState.WRAP_UP
    hall.later(30)
    assert hall.agent("1001") is AgentState.READY
    assert [one.by for one in await hall.happened() if isinstance(one, Ended)] == [by]


async def test_an_agent_who_does_not_take_the_call_has_not_talked(hall: Hall) -> None:
    hall.works("1001")
    await hall.joins("a")
    hall.room.declined("a")
    await hall.room.rung("a", "1001", DialStatus.ANSWERED)
    assert [one.why for one in await hall.happened() if isinstance(one, Missed)] == ["declined"]
    assert isinstance(await hall.joins("a"), Wait)


async def test_what_a_caller_is_to_do_next_comes_before_all_else(hall: Hall) -> None:
    await talking(hall)
    with pytest.raises(PortError, match="without `ami`"):
        await hall.floor.direct("a", Hold())
    hall.floor.move = moved = Moved()
    await hall.floor.direct("a", Hold())
    assert moved.asked == [("a", True)]
    await hall.room.rung("a", "1001", DialStatus.ANSWERED)  # the conversation was only left
    assert await hall.joins("a") == Hold()
    channel = "PJSIP/agent1001-00000001"
    await hall.floor.direct("a", Join(channel, "1001"))
    assert await hall.joins("a") == Join(channel, "1001")


class Moved:
    """Notes who was moved."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, bool]] = []

    async def __call__(self, call_id: str, *, keep_agent: bool) -> None:
        self.asked.append((call_id, keep_agent))


async def test_a_caller_for_one_agent_waits_for_that_one(hall: Hall) -> None:
    await talking(hall)
    await hall.joins("b")
    hall.floor.parted("a", "transfer")
    hall.floor.back("a", agent="1002")
    hall.works("1002")
    hall.floor.decide()
    first, second = hall.floor.caller("a"), hall.floor.caller("b")
    assert first is not None
    assert (first.agent, first.place) == ("1002", Place.CHOSEN)
    assert second is not None
    assert second.place is Place.WAITING


async def test_a_place_is_kept_for_who_arranges_a_call_back(hall: Hall) -> None:
    for call in "ab":
        await hall.joins(call)
        hall.time.pass_(1)
    assert await hall.room.leave("a", Leaving.CALLBACK) is Leaving.CALLBACK
    hall.works("1001")
    assert isinstance(await hall.joins("b"), Ring)  # not the one who is aside
    hall.works("1002")
    await hall.joins("a")
    hall.floor.decide()
    assert isinstance(await hall.joins("a"), Ring)


async def test_a_floor_that_starts_again_goes_on(hall: Hall, again: Callable[[], Hall]) -> None:
    await hall.joins("w")
    hall.time.pass_(5)
    await talking(hall, "w")
    await hall.joins("x")
    hall.floor.act("1002", Act.LOGIN, endpoint="agent1002")
    await hall.floor.durable()
    state = hall.floor.state
    started = again()
    assert started.floor.state.callers == state.callers
    assert started.floor.state.standings == state.standings
    assert await started.joins("w") == Over(Leaving.SERVED)  # the agent has hung up meanwhile
    assert isinstance(await started.joins("x"), Wait)
    started.floor.act("1002", Act.READY)
    started.floor.decide()
    assert isinstance(await started.joins("x"), Ring)


async def test_who_was_served_before_a_kill_is_not_served_twice(
    hall: Hall, again: Callable[[], Hall]
) -> None:
    await talking(hall, "w")
    await hall.room.rung("w", "1001", DialStatus.ANSWERED)
    assert hall.floor.caller("w") is None
    await hall.joins("x")
    await hall.room.leave("x", Leaving.ABANDONED)
    await hall.floor.durable()
    started = again()
    stale = Joining("w", "service", "zh", again=True)  # the session was not on the disk yet
    assert await started.room.join(stale) == Over(Leaving.SERVED)
    assert isinstance(await started.joins("w"), Wait), "the flow sends them here once more"
    lost = Joining("x", "service", "zh", again=True)
    assert isinstance(await started.room.join(lost), Wait), "they are there after all"


async def test_a_surge_goes_on_after_a_start(hall: Hall, again: Callable[[], Hall]) -> None:
    hall.works("1001")
    hall.floor.act("1001", Act.CHOSEN)  # busy with something else
    await hall.joins("a", "rushed")
    await hall.joins("b", "rushed")
    for _ in range(3):
        hall.later(1)
    await hall.floor.durable()
    reason = hall.floor.state.surges["rushed"]
    started = again()
    assert started.floor.dispatcher.outlook("rushed", started.floor.now()).surge == reason
    for call in "ab":
        await started.room.leave(call, Leaving.ABANDONED)
    started.floor.act("1001", Act.RELEASED)
    for _ in range(7):
        started.later(1)
    told = [one for one in await started.happened() if isinstance(one, Surged)]
    assert [one.on for one in told] == [True, False]
    assert started.floor.state.surges == {}


async def test_a_surge_is_over_where_the_queue_has_none_any_more(
    hall: Hall, again: Callable[[], Hall]
) -> None:
    hall.floor.emit(Surged("loans", "second line", on=True, reason="too many"))
    await hall.floor.durable()
    started = again()
    started.later(1)
    told = [one for one in await started.happened() if isinstance(one, Surged)]
    assert [(one.on, one.reason) for one in told] == [
        (True, "too many"),
        (False, "the plan has changed"),
    ]


async def test_numbers_go_on_after_a_start(hall: Hall, again: Callable[[], Hall]) -> None:
    await hall.joins("a")
    started = again()
    await started.joins("b")
    await started.floor.durable()
    numbers = [one.number for one in read_diary(started.file, UTC)]
    assert numbers == list(range(1, len(numbers) + 1))


async def test_a_session_that_comes_back_in_the_ringing_rings_again(hall: Hall) -> None:
    hall.works("1001")
    assert await hall.joins("a") == await hall.joins("a")
    assert len([one for one in await hall.happened() if isinstance(one, Rang)]) == 1


def test_an_event_is_told_in_words() -> None:
    joined = Stamped(1, Time().at, Joined("1.1", "service"))
    assert joined.event.story("en") == "1.1 joined the queue service"
    assert "service" in joined.event.story("zh")
