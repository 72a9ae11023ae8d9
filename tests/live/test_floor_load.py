"""Fifty callers and ten agents on a real Asterisk: callers who give up, telephones that nobody answers,
transfers, a manager interface that is cut and an engine that is killed in the middle.

Nobody is lost, nothing is stranded, and the floor's times are those of the telephones.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import pytest

from ivr.adapters.clock import SystemClock
from ivr.app.floor.diary import DATABASE, read_diary
from ivr.centre.kpi import Kpi
from ivr.model.errors import PortError
from ivr.model.floor import Answered, Ended, Joined, Left, Missed, Stamped, Transferred
from ivr.ports.agents import AgentState
from lab.phone_call import CallFailed, PhoneCall
from lab.proxy import Wire
from lab.site import AMI_USER, HOTLINE, Lab
from lab.telephone import Telephone
from tests.live.floor_kit import Floor, Seat
from tests.live.kit import ZONE

pytestmark = [pytest.mark.asterisk, pytest.mark.alone, pytest.mark.timeout(240)]
CALLERS, ARRIVING_S = 50, 22.0
AGENTS = [str(number) for number in range(1001, 1011)]
CUT_S, CUT_FOR_S, KILL_S = 5.0, 2.0, 11.0
EXACT_S = 1.0
AT_ONCE_S = 0.3
WHISPER_S = 1.5
"""What the second agent of a caller hears first: that they were transferred."""
QUEUES = """\
queues:
  service:
    agents: [anyone]
    empty: wait
    wrap_up: {time: 300ms}
    rna: {ring: 1s, skip: 500ms, pause_after: 3}
    announce: {every: 60s}
  loans: {agents: [anyone], empty: wait, wrap_up: {time: 300ms}, rna: {ring: 1s, skip: 500ms}}
"""


class Day:
    """What callers and agents do: the same for the same seed."""

    def __init__(self, floor: Floor, seed: int) -> None:
        self.chance = Random(seed)
        self.floor = floor
        self.calls: dict[str, PhoneCall] = {}
        self.over = asyncio.Event()

    async def caller(self, number: int) -> None:
        """Call, and give up after a while, or talk to the end."""
        gives_up = self.chance.random() < 0.3
        patience = self.chance.uniform(0.5, 6)
        ani = f"139{number:08d}"
        call = await self.floor.telephone.hold(HOTLINE, ani)
        self.calls[ani] = call
        if gives_up:
            with suppress(TimeoutError):
                await call.ended(patience)
            if call.cause is None:
                await call.hang_up()
        await call.ended(90)

    async def agent(self, seat: Seat) -> None:
        """Take calls, miss some, send some on; come back from a pause."""
        while not self.over.is_set():
            with suppress(TimeoutError):
                await self._serve(seat, await seat.phone.rings(0.5))
            with suppress(PortError):
                await self._ready(seat)

    async def _serve(self, seat: Seat, leg: PhoneCall) -> None:
        what = self.chance.random()
        if what < 0.12:
            await leg.ended(30)
            return
        await asyncio.sleep(self.chance.uniform(0, 0.3))
        with suppress(CallFailed):
            await seat.phone.pick_up(leg)
            with suppress(TimeoutError):
                await leg.ended(self.chance.uniform(1.5, 3))
            if what > 0.88:
                with suppress(PortError):
                    await self.floor.far.agents.transfer(seat.agent, "queue:loans")
            if leg.cause is None:
                await leg.hang_up()

    async def _ready(self, seat: Seat) -> None:
        views = {view.agent: view for view in await self.floor.far.agents.views()}
        if views[seat.agent].state is AgentState.PAUSED:
            await self.floor.far.agents.ready(seat.agent)


class Outage(NamedTuple):
    """From when to when there was no engine, in Unix time."""

    killed: float
    back: float


class Stay(NamedTuple):
    """A caller's time in a queue as the diary has it: waiting `since` and talking with an `agent` from
    `begin`, or with nobody; `sent_on` by another agent before. Unix times."""

    agent: str
    since: float
    begin: float
    end: float
    sent_on: bool


async def test_conservation_holds_to_the_last_call(
    patient_lab: Lab, tmp_path: Path, record_testsuite_property: Any
) -> None:
    loop, clock = asyncio.get_running_loop(), ZoneInfo(ZONE)
    async with Wire(patient_lab.ports.ami) as wire, Telephone(patient_lab, mute=True) as phone:
        floor = Floor(patient_lab, phone, tmp_path, {"ami": ami(patient_lab, wire.port)})
        main = tmp_path / "flows" / "main.yaml"
        main.write_text(main.read_text("utf-8").replace("[en]", "[zh]"), "utf-8")
        (tmp_path / "flows" / "queues.yaml").write_text(QUEUES, "utf-8")
        async with floor:
            day = Day(floor, 20261122)
            seats = [Seat(floor, agent) for agent in AGENTS]
            for seat in seats:
                await seat.at_work()
            agents = [asyncio.create_task(day.agent(seat)) for seat in seats]
            began = loop.time()
            arrivals = sorted(day.chance.uniform(0, ARRIVING_S) for _ in range(CALLERS))
            trouble = asyncio.create_task(troubled(floor, wire))
            callers = []
            for number, at in enumerate(arrivals):
                await asyncio.sleep(max(0.0, began + at - loop.time()))
                callers.append(asyncio.create_task(day.caller(number)))
            await asyncio.gather(*callers)
            out = await trouble
            day.over.set()
            await asyncio.gather(*agents)
            await floor.empty(within=15)
            legs = [(seat.agent, leg) for seat in seats for leg in seat.phone.calls]
            took = loop.time() - began
    events = list(read_diary(floor.engine.folder / DATABASE, clock))
    conserved(events)
    worst = exact(events, day, legs, out)
    told = Counter(type(one.event).__name__ for one in events)
    record_testsuite_property("seconds", round(took, 1))
    record_testsuite_property("events", dict(told))
    record_testsuite_property("worst differences, s", worst)
    assert told[Missed.__name__] > 0
    assert told[Transferred.__name__] > 0
    assert len(day.calls) == CALLERS


async def troubled(floor: Floor, wire: Wire) -> Outage:
    """Cut the manager interface for a while, then kill the engine and start it again; return when."""
    await asyncio.sleep(CUT_S)
    wire.cut()
    await asyncio.sleep(CUT_FOR_S)
    wire.mend()
    await asyncio.sleep(KILL_S - CUT_S - CUT_FOR_S)
    killed = now()
    floor.engine.kill()
    await floor.engine.gone()
    await floor.engine.start()
    return Outage(killed, now())


def conserved(events: list[Stamped]) -> None:
    """Every caller who was offered has left, once; nobody is counted twice or not at all."""
    waiting: dict[str, str] = {}
    for stamped in events:
        event = stamped.event
        if isinstance(event, Joined):
            assert event.call_id not in waiting, event
            waiting[event.call_id] = event.queue
        elif isinstance(event, Left):
            assert waiting.pop(event.call_id) == event.queue, event
    assert waiting == {}
    kpi = Kpi(ZoneInfo(ZONE))
    for stamped in events:
        kpi.take(stamped)
    for queue in ("service", "loans"):
        day = kpi.today(queue, events[-1].at)
        ended = day.handled + day.abandoned + day.callbacks + day.overflowed
        assert day.offered == ended, day
        assert day.waiting == 0


def exact(
    events: list[Stamped], day: Day, legs: list[tuple[str, PhoneCall]], out: Outage
) -> dict[str, float]:
    """Compare every wait and talk of the diary, and when each began and ended, with the telephones, one by
    one; return the largest differences, s."""
    worst: dict[str, float] = {}
    anis = {one.event.call_id: one.event.ani for one in events if isinstance(one.event, Joined)}
    for ani, call in day.calls.items():
        assert call.answered_on_wire is not None
        assert call.ended_on_wire is not None
        told = told_of(events, anis, ani)
        stays, since, talked = stays_of(told), call.answered_on_wire, False
        taken = [one for one in legs if one[1].caller == ani and one[1].answered_on_wire]
        for agent, leg in sorted(taken, key=lambda one: one[1].answered_on_wire or 0.0):
            answered = leg.answered_on_wire or 0.0
            ended = min(leg.ended_on_wire or answered, call.ended_on_wire)
            stay = next((one for one in stays if one.agent == agent), None)
            if stay is None:
                # Joined with nobody: the caller was gone, or the agent in the whisper.
                brief = WHISPER_S if len(taken) > 1 else AT_ONCE_S
                assert ended - answered < brief, (agent, *told_since(told, out.killed))
                continue
            stays.remove(stay)
            if talked and not stay.sent_on:  # heard goodbye as the engine was killed
                since = max(since, out.killed)
            late = WHISPER_S if stay.sent_on else 0.0
            differences = {
                "answer": max(abs(stay.begin - answered) - late, 0.0),
                "wait": max(abs(stay.begin - stay.since - (answered - since)) - late, 0.0),
                "end": abs(stay.end - ended),
                "talk": max(abs(stay.end - stay.begin - (ended - answered)) - late, 0.0),
            }
            for name, one in differences.items():
                assert one <= EXACT_S, (ani, differences, *told_since(told, out.killed))
                worst[name] = max(worst.get(name, 0.0), one)
            since, talked = ended, True
        for stay in stays:  # nobody came, and the caller gave up
            assert not stay.agent, (ani, *told_since(told, out.killed))
            if talked and not stay.sent_on:
                since = max(since, out.killed)
            gave_up = abs(stay.end - stay.since - (call.ended_on_wire - since))
            assert gave_up <= EXACT_S, (ani, gave_up, *told_since(told, out.killed))
            worst["gave up"] = max(worst.get("gave up", 0.0), gave_up)
    return {name: round(one, 3) for name, one in worst.items()}


def told_of(events: list[Stamped], anis: dict[str, str], ani: str) -> list[Stamped]:
    """Return what the diary tells of a caller."""
    return [one for one in events if anis.get(getattr(one.event, "call_id", "")) == ani]


def told_since(told: list[Stamped], zero: float) -> list[tuple[float, str]]:
    """Return it with seconds since a moment, for people to read."""
    return [(round(one.at.timestamp() - zero, 2), str(one.event)) for one in told]


def stays_of(told: list[Stamped]) -> list[Stay]:
    """Return a caller's times in queues: each ends with a conversation, or with nobody."""
    stays: list[Stay] = []
    stay = None
    sent_on = False
    for stamped in told:
        event, at = stamped.event, stamped.at.timestamp()
        if isinstance(event, Joined):
            # Who came while there was no engine has waited for longer; who is sent on waits anew.
            since = event.since.timestamp() if event.since and not sent_on else at
            stay, sent_on = Stay("", since, at, at, sent_on), False
        elif isinstance(event, Transferred):
            sent_on = True
        elif isinstance(event, Answered) and stay is not None:
            stay = stay._replace(agent=event.agent, begin=at)
        elif isinstance(event, Ended | Left) and stay is not None:
            stays.append(stay._replace(end=at))
            stay = None
    return stays


def now() -> float:
    """Return the clock's time, as Asterisk writes it."""
    return SystemClock(ZONE).now().timestamp()


def ami(lab: Lab, port: int) -> dict[str, Any]:
    """Return the engine's way to the manager interface, over a wire."""
    return {
        "host": "127.0.0.1",
        "port": port,
        "user": AMI_USER,
        "secret_file": str(lab.exchange.folder / "var" / "ami.secret"),
        "queue_log": str(lab.exchange.log / "queue_log"),
    }
