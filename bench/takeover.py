"""The floor of whoever leads next: how long it takes to know what the last one knew.

A busy day is in the diary: everybody waits, is rung for, talks, and an agent wraps up. The next leader goes on
from the last checkpoint; its peer folds the whole diary, as was done before there were checkpoints.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from bench.dispatch import NAMES, plan_of
from bench.processes import Noise
from bench.report import Column, Report, Sample, hundredth, whole
from bench.targets import Goal, Line, targets
from ivr.adapters.clock import SystemClock
from ivr.app.floor.diary import DATABASE, KIND, Diary
from ivr.app.floor.floor import RunningFloor
from ivr.app.floor.happenings import KEEP_EVERY
from ivr.app.floor.whole import recalled
from ivr.centre.kpi import Kpi
from ivr.database import writing
from ivr.model.floor import (
    AgentChanged,
    Answered,
    AnyFloorEvent,
    Ended,
    Joined,
    Left,
    Matched,
    Rang,
    Stamped,
)

ZONE = ZoneInfo("Asia/Shanghai")
DAY = timedelta(days=1)
END = datetime(2026, 11, 23, 18, tzinfo=ZONE)
CHECKPOINT, WHOLE = "from the checkpoint", "the whole diary"
ENGINES = (CHECKPOINT, WHOLE)
COLUMNS = (
    Column("calls\na day", "calls", whole),
    Column("events\nof the day", "events", whole),
    Column("CPU s", "cpu", hundredth),
)
WANTED_S = 1.0
"""The lease of the last leader lasts 2 s, and the next one is to be there within 3."""
LINES = (
    Line(
        "the next leader's floor, CPU s",
        CHECKPOINT,
        "cpu",
        hundredth,
        (WHOLE,),
        Goal("N1", most=WANTED_S),
    ),
)
NOTES = [
    f"a call: eleven events; a checkpoint: every {KEEP_EVERY:,} events, and the diary ends just before the next",
    "the peer is the same code without a checkpoint",
]


class Size(msgspec.Struct, frozen=True):
    """How many wait for an agent within a day, and how many agents there are."""

    rounds: int = 2
    calls: int = 100_000
    agents: int = 1_000


QUICK = Size(rounds=1, calls=600, agents=20)


def steps(size: Size) -> int:
    """Return how many steps a run has."""
    return size.rounds * len(ENGINES)


def measure(size: Size, progress: Callable[[str], None]) -> Report:
    """Write a day once, and take it over in turns."""
    report = Report("floor: the next leader", [], [], NOTES)
    with tempfile.TemporaryDirectory(prefix="onecall-bench-") as folder:
        place = Path(folder) / DATABASE
        events = asyncio.run(_written(place, size))
        for number in range(1, size.rounds + 1):
            for engine in ENGINES:
                progress(engine)
                noise = Noise()
                figures: dict[str, float] = {"calls": size.calls, "events": events}
                figures["cpu"] = asyncio.run(_took_over(place, size, whole=engine == WHOLE))
                report.samples.append(Sample(engine, number, noise.cores(), figures))
    report.targets = targets(report, LINES)
    return report


async def _written(place: Path, size: Size) -> int:
    """Write a day's diary with its checkpoint; return how many events it has."""
    diary = Diary(place)
    floor = _floor(diary, size)
    for number, one in enumerate(events := list(_day(size)), 1):
        floor.replay((one,))
        diary.append(one)
        if number == len(events) - KEEP_EVERY + 1:
            floor.keep()
        if number % KEEP_EVERY == 0:
            await diary.durable()
    await diary.close()
    return len(events)


async def _took_over(place: Path, size: Size, *, whole: bool) -> float:
    """Run the floor anew; return the CPU seconds until it knows everything."""
    with writing(place, KIND) as connection:
        kept = connection.execute("SELECT number, body FROM checkpoint").fetchall()
        if whole:
            connection.execute("DELETE FROM checkpoint")
    diary = Diary(place)
    floor = _floor(diary, size)
    began = time.process_time()
    await recalled(floor, place, ZONE, END - 2 * DAY)
    took = time.process_time() - began
    await diary.close()
    with writing(place, KIND) as connection:
        connection.execute("DELETE FROM checkpoint")
        connection.executemany("INSERT INTO checkpoint VALUES (?, ?)", kept)
    return took


def _floor(diary: Diary, size: Size) -> RunningFloor:
    plan = plan_of(size.agents, skills=False)
    return RunningFloor(lambda: plan, diary, Kpi(ZONE, days=2), SystemClock(ZONE.key))


def _day(size: Size) -> Iterator[Stamped]:
    number = 0
    for call in range(size.calls):
        at = END - DAY + call * DAY / size.calls
        for event in _call(call, str(1000 + call % size.agents)):
            number += 1
            yield Stamped(number, at, event)


def _call(number: int, agent: str) -> Iterator[AnyFloorEvent]:
    call, queue = f"ast1-{number}.1", NAMES[number % len(NAMES)]
    yield Joined(call, queue, "zh", f"138{number:08}", str(number), 2, facts={"segment": "vip"})
    yield Matched(call, queue, agent)
    yield AgentChanged(agent, "login", "paused", endpoint=f"agent{agent}")
    yield AgentChanged(agent, "ready", "ready")
    yield AgentChanged(agent, "chosen", "reserved", call_id=call, queue=queue)
    yield Rang(call, queue, agent)
    yield Answered(call, queue, agent, f"PJSIP/agent{agent}-{number:08x}")
    yield AgentChanged(agent, "joined", "talking", call_id=call, queue=queue)
    yield Ended(call, queue, agent, "caller")
    yield AgentChanged(agent, "ended", "wrap_up", call_id=call, queue=queue)
    yield Left(call, queue, "served")
