"""The floor and Asterisk: what a login tells of the time without an engine, and what happens before callers of the
plain queue are back. The floor is the real one; the manager interface is what a test says."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from panoramisk.message import Message

from ivr.adapters.ami.messages import AmiMessage
from ivr.adapters.ami.queue_log import QueueLogEntry
from ivr.adapters.ami.snapshot import Snapshot
from ivr.app.floor.diary import read_diary
from ivr.app.floor.presence import Presence
from ivr.app.floor.survival import Survival
from ivr.model.errors import PortTimeout
from ivr.model.floor import Answered, Ended, FloorEvent, Joined, Left, Stamped
from ivr.ports.line import DialStatus
from ivr.ports.switch import ChannelInfo
from tests.app.floor.test_room import UTC, Hall, Time

CALL, ANI = "exchange-1700000000.1", "13900000014"
LEG = "PJSIP/agent1001-00000007"


class Line:
    """A manager interface that tells what a test has it tell; `slow` are channels it does not answer for."""

    name = ""

    def __init__(self) -> None:
        self.ready = asyncio.Event()
        self.slow: set[str] = set()
        self.redirected: list[str] = []
        self.looked = 0
        self.alone = ""
        self._events: dict[str, list[Any]] = {}
        self.snapshot: Any = None

    def elsewhere(self, uniqueid: str, asterisk: str) -> bool:
        return False

    def on_event(self, name: str, handler: Any) -> None:
        self._events.setdefault(name, []).append(handler)

    def on_snapshot(self, handler: Any) -> None:
        self.snapshot = handler

    def tells(self, name: str, at: datetime, **fields: str) -> None:
        told = {"Event": name, "Timestamp": f"{at.timestamp():.6f}", **fields}
        for handler in self._events[name]:
            handler(AmiMessage(Message(told)))

    async def hang_up(self, channel: str) -> None: ...

    async def look(self) -> None:
        self.looked += 1

    async def getvar(self, channel: str, name: str) -> str:
        if channel in self.slow:
            raise PortTimeout("ami", 3000)
        return self.alone if name == "IVR_ALONE" else ""

    async def redirect(self, channel: str, context: str, exten: str, priority: int = 1) -> None:
        self.redirected.append(channel)


class Engine:
    """An engine and its manager interface; `killed` puts another in its place, on the diary that it left."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.time = folder, Time()
        self.start()

    def start(self) -> None:
        self.hall, self.line = Hall(self.folder, self.time), Line()
        line: Any = self.line
        self.presence = Presence(self.hall.floor, self.hall.room, line, "service")

    async def killed(self) -> None:
        await self.hall.diary.close()
        self.start()

    def login(self, log: list[QueueLogEntry], *channels: ChannelInfo) -> None:
        self.line.snapshot(Snapshot(channels, (), tuple(log)))

    def told(self, *kinds: type[FloorEvent]) -> list[tuple[str, float]]:
        """Return what happened of these kinds, and when: in seconds after nine."""
        return [
            (type(one.event).__name__, round((one.at - Time().at).total_seconds(), 3))
            for one in self.events()
            if isinstance(one.event, kinds)
        ]

    def events(self) -> list[Stamped]:
        return list(read_diary(self.hall.file, UTC))


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[Engine]:
    engine = Engine(tmp_path)
    yield engine
    await engine.hall.diary.close()


def logged(second: float, event: str, *data: str, agent: str = "NONE") -> QueueLogEntry:
    """Return a line of queue_log. What our dialplan writes tells its own time."""
    at = Time().at + timedelta(seconds=second)
    ours = () if event in _ASTERISKS else (f"{at.timestamp():.3f}",)
    return QueueLogEntry(int(at.timestamp()), CALL, "service", agent, event, (*ours, *data))


_ASTERISKS = {"ENTERQUEUE", "CONNECT", "COMPLETEAGENT", "ABANDON"}
APART = (Joined, Answered, Ended, Left)


def channel(
    bridge: str = "", context: str = "survivability", name: str = "PJSIP/trunk-1"
) -> ChannelInfo:
    return ChannelInfo(name, CALL, CALL, "Up", context, "s", "Queue", bridge=bridge)


async def served(engine: Engine) -> None:
    """Have a caller talk with an agent who hangs up, nine seconds after nine."""
    hall, time = engine.hall, engine.time
    hall.works("1001")
    await hall.joins(CALL)
    time.pass_(2)
    hall.room.answered(CALL, LEG)
    time.pass_(7)
    await hall.room.rung(CALL, "1001", DialStatus.ANSWERED)


async def test_who_was_served_and_is_served_again_has_waited_since_the_engine_was_gone(
    engine: Engine,
) -> None:
    await served(engine)
    await engine.killed()
    engine.time.pass_(20)
    log = [
        logged(9, "PARTED", LEG, agent=LEG),
        logged(10.5, "ALONE"),
        logged(15.7, "ENTERQUEUE", "", ANI, "1"),
        logged(21.25, "ANSWERED", agent="PJSIP/agent1002-00000008"),
        logged(21.25, "CONNECT", "6", agent="1002"),
        logged(25.25, "COMPLETEAGENT", agent="1002"),
        logged(25.125, "PARTED", agent="PJSIP/agent1002-00000008"),
    ]
    engine.login(log)
    await engine.hall.floor.durable()
    again = engine.events()[-6:]
    since = next(one.event.since for one in again if isinstance(one.event, Joined))
    assert since == Time().at + timedelta(seconds=10.5)
    assert engine.told(*APART)[-4:] == [
        ("Joined", 10.5), ("Answered", 21.25), ("Ended", 25.125), ("Left", 25.125),
    ]  # fmt: skip


async def test_who_gave_up_without_an_engine_did_so_when_they_went(engine: Engine) -> None:
    await engine.hall.joins(CALL)
    await engine.killed()
    engine.time.pass_(30)
    engine.login([logged(3, "ALONE"), logged(6.5, "GONE")])
    await engine.hall.floor.durable()
    assert engine.told(*APART) == [("Joined", 0), ("Left", 6.5)]


async def test_a_hang_up_counts_when_it_happened_not_when_it_is_read(engine: Engine) -> None:
    await engine.hall.joins(CALL)
    engine.time.pass_(9)
    went = engine.time.at - timedelta(seconds=4.5)
    engine.line.tells("HangupRequest", went, Uniqueid=CALL, Channel="PJSIP/trunk-1")
    await engine.hall.floor.durable()
    assert engine.told(*APART) == [("Joined", 0), ("Left", 4.5)]


async def test_an_agent_may_have_who_is_to_be_taken_out_of_the_plain_queue(engine: Engine) -> None:
    engine.hall.works("1001")
    engine.time.pass_(10)
    engine.login([logged(1, "ALONE"), logged(4, "ENTERQUEUE", "", ANI, "1")], channel())
    assert engine.hall.floor.caller(CALL) is None, "joins by themselves"
    joined = engine.time.at
    bridge = {"BridgeUniqueid": "b"}
    engine.line.tells("BridgeEnter", joined, Uniqueid=CALL, Channel="PJSIP/trunk-1", **bridge)
    engine.line.tells("BridgeEnter", joined, Uniqueid="x.2", Channel=LEG, **bridge)
    engine.line.tells("HangupRequest", joined + timedelta(seconds=3), Uniqueid="x.2", Channel=LEG)
    await engine.hall.floor.durable()
    assert engine.told(*APART) == [("Joined", 1), ("Answered", 10), ("Ended", 13)]


async def test_an_agent_may_have_who_is_to_be_asked_back(engine: Engine) -> None:
    """The plain queue is quicker than we are: it counts all the same, since the engine was gone."""
    engine.hall.works("1001")
    engine.login([])
    came = engine.time.at + timedelta(seconds=6)
    line = engine.line
    line.tells("QueueCallerJoin", came, Uniqueid=CALL, Queue="service", CallerIDNum=ANI)
    engine.hall.room.remember(CALL, engine.time.at + timedelta(seconds=1))
    bridge = {"BridgeUniqueid": "b"}
    line.tells("BridgeEnter", came, Uniqueid=CALL, Channel="PJSIP/trunk-1", **bridge)
    line.tells("BridgeEnter", came, Uniqueid="x.2", Channel=LEG, **bridge)
    await engine.hall.floor.durable()
    assert engine.told(*APART) == [("Joined", 1), ("Answered", 6)]
    assert engine.hall.floor.state.callers[CALL].joined.ani == ANI


async def test_who_gives_up_before_they_are_taken_out_counts(engine: Engine) -> None:
    engine.login([logged(1, "ALONE"), logged(4, "ENTERQUEUE", "", ANI, "1")], channel())
    gone = engine.time.at + timedelta(seconds=5)
    engine.line.tells("Hangup", gone, Uniqueid=CALL, Channel="PJSIP/trunk-1")
    await engine.hall.floor.durable()
    assert engine.told(*APART) == [("Joined", 1), ("Left", 5)]


async def test_who_is_sent_back_to_hear_goodbye_has_not_waited_again(engine: Engine) -> None:
    await served(engine)
    engine.time.pass_(1)
    line: Any = engine.line
    survival = Survival(engine.hall.floor, line, "service", engine.presence.latecomers)
    await survival.recover(Snapshot((), (), ()))
    line.alone = f"{engine.time.at.timestamp():.3f}"
    came = {"Uniqueid": CALL, "Channel": "PJSIP/trunk-1"}
    line.tells("QueueCallerJoin", engine.time.at, Queue="service", CallerIDNum=ANI, **came)
    for _ in range(5):
        await asyncio.sleep(0)
    assert line.redirected == ["PJSIP/trunk-1"]
    line.tells("Hangup", engine.time.at + timedelta(seconds=2), **came)
    await engine.hall.floor.durable()
    assert [name for name, _ in engine.told(*APART)] == ["Joined", "Answered", "Ended", "Left"]


async def test_whom_this_engine_has_had_stays_in_the_plain_queue(engine: Engine) -> None:
    line: Any = engine.line
    Survival(engine.hall.floor, line, "service", engine.presence.latecomers)
    engine.login([])
    await served(engine)
    engine.time.pass_(1)
    line.alone = f"{engine.time.at.timestamp():.3f}"
    came = {"Uniqueid": CALL, "Channel": "PJSIP/trunk-1"}
    line.tells("QueueCallerJoin", engine.time.at, Queue="service", CallerIDNum=ANI, **came)
    for _ in range(5):
        await asyncio.sleep(0)
    assert line.redirected == []
    line.tells("Hangup", engine.time.at + timedelta(seconds=9), **came)
    await engine.hall.floor.durable()
    assert [name for name, _ in engine.told(*APART)] == ["Joined", "Answered", "Ended", "Left"]


async def test_one_of_whom_asterisk_does_not_answer_keeps_nobody_in_the_plain_queue(
    engine: Engine,
) -> None:
    line: Any = engine.line
    line.slow = {"PJSIP/trunk-1"}
    other = channel(name="PJSIP/trunk-2")
    await Survival(engine.hall.floor, line, "service", engine.presence.latecomers).recover(
        Snapshot((channel(), other), (), ())
    )
    assert (line.redirected, line.looked) == (["PJSIP/trunk-2"], 1)


@pytest.mark.parametrize(("after_s", "asked_back"), [(-3, True), (3, True), (30, False)])
async def test_who_comes_to_the_plain_queue_as_the_engine_is_back_is_asked_back(
    engine: Engine, after_s: int, asked_back: bool
) -> None:
    """But not whom an engine has refused that has long been there."""
    line: Any = engine.line
    await Survival(engine.hall.floor, line, "service", engine.presence.latecomers).recover(
        Snapshot((), (), ())
    )
    alone = engine.time.at + timedelta(seconds=after_s)
    line.alone = f"{alone.timestamp():.3f}"
    came = {"Uniqueid": CALL, "Channel": "PJSIP/trunk-1"}
    line.tells("QueueCallerJoin", alone, Queue="another", **came)
    line.tells("QueueCallerJoin", alone, Queue="service", **came)
    for _ in range(5):
        await asyncio.sleep(0)
    assert line.redirected == ["PJSIP/trunk-1"] * asked_back
    assert engine.hall.floor.doors.of(CALL).since == (alone if asked_back else None)
