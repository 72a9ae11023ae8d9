"""After the call: finding calls among very many, and comparing recorded ones with other flows.

The demo's scripted callers are simulated once; their events and journals are written as often as
calls are wanted, each with an id, times and a calling number of its own.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import shutil
import sqlite3
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from bench.processes import Noise
from bench.report import Column, Report, Sample, tenth, whole
from bench.targets import Goal, Line, targets
from ivr.adapters.clock import SystemClock
from ivr.adapters.flowfile import load
from ivr.adapters.sim.callers import load_caller
from ivr.adapters.sim.simulation import CALL_ID
from ivr.adapters.store.codec import encode
from ivr.adapters.store.database import DatabaseStore
from ivr.app.against import Tally, against
from ivr.app.callers import caller_files, callers_of
from ivr.app.config import Config
from ivr.app.ledger import Ledger
from ivr.app.simulation import rehearsing
from ivr.centre.releases import State
from ivr.centre.releases.kinds.publishing import Publish
from ivr.engine.against import Verdict
from ivr.model.events import CallStarted
from ivr.model.flow import FlowSet
from ivr.ports.store import CallFilter

ROOT = Path(__file__).resolve().parents[1]
DAY = datetime(2026, 11, 23, tzinfo=UTC)
DAY_MS = 86_400_000
EVENT_MS = 700
"""Time from one event of a call to the next."""

SAME, CHANGED = "replay --against, the same flows", "replay --against, other flows"
QUERIES = {
    "calls --last 20": CallFilter(last=20),
    "calls --number of one caller": CallFilter(number="13800000077"),
    "calls --outcome failed --last 20": CallFilter(outcome="failed", last=20),
    "calls --step main.agents-holiday": CallFilter(step="main.agents-holiday"),
    "calls, all of them": CallFilter(),
}
COMPARED = Goal("A1", least=500)
LINES = (
    Line(
        "recorded calls compared a CPU second, the same flows",
        SAME,
        "per_cpu_s",
        whole,
        (CHANGED,),
        COMPARED,
    ),
    Line(
        "recorded calls compared a CPU second, other flows",
        CHANGED,
        "per_cpu_s",
        whole,
        (SAME,),
        COMPARED,
    ),
    Line(
        "calls that end the same, on the same flows",
        *(SAME, Verdict.SAME.value, whole),
        goal=Goal("A2", least=1, ratio=True),
        other=("calls", "all compared"),
    ),
    Line("finding all calls of a caller, ms", "calls --number of one caller", "ms", tenth),
)
COLUMNS = (
    Column("calls", "calls", whole),
    Column("ms", "ms", tenth),
    Column("calls\n/CPU s", "per_cpu_s", whole),
)


class Size(msgspec.Struct, frozen=True):
    """How much is measured: `calls` in the store, of which the last `compared` have a journal."""

    rounds: int = 3
    calls: int = 100_000
    compared: int = 2_000


QUICK = Size(rounds=1, calls=200, compared=150)
"""So many that every scripted caller is among them."""


class Told(msgspec.Struct, frozen=True):
    """A simulated call, as it is stored: (kind, event) pairs and journal lines."""

    events: Sequence[tuple[str, bytes]]
    journal: bytes


def steps(size: Size) -> int:
    """Return how often `progress` is called."""
    return 1 + size.rounds * (len(QUERIES) + 2)


def measure(size: Size, progress: Callable[[str], None]) -> Report:
    """Fill a store and measure."""
    return asyncio.run(_measure(size, progress))


async def _measure(size: Size, progress: Callable[[str], None]) -> Report:
    samples: list[Sample] = []
    with tempfile.TemporaryDirectory(prefix="bench-after-") as name:
        folder = Path(name)
        config = Config(state=Path()).resolved(folder)
        other = _other_flows(folder)
        await _fill(config, size)
        progress("filling the store")
        for number in range(size.rounds):
            async with _opened(config) as store:
                for query, wanted in QUERIES.items():
                    samples.append(await _asked(store, query, wanted, number))
                    progress(query)
            for what, flows in ((SAME, ROOT / "flows"), (CHANGED, other)):
                samples.append(await _compared(config, what, flows, size, number))
                progress(what)
    report = Report(f"After the call, {size.calls:,} calls in the store", samples, [], [])
    report.targets = targets(report, LINES)
    report.notes.append(f"{size.rounds} rounds; each comparison reads {size.compared:,} journals")
    return report


@contextlib.asynccontextmanager
async def _opened(config: Config) -> AsyncIterator[DatabaseStore]:
    store = await DatabaseStore.open(config.state / "onecall.sqlite", SystemClock(config.zone))
    try:
        yield store
    finally:
        await store.close()


async def _asked(store: DatabaseStore, query: str, wanted: CallFilter, number: int) -> Sample:
    with _measured() as figures:
        found = [call async for call in store.calls(wanted)]
        figures["calls"] = len(found)
    return Sample(query, number, figures.pop("noise"), figures)


async def _compared(config: Config, what: str, flows: Path, size: Size, number: int) -> Sample:
    with _measured() as figures:
        tally = await against(config, str(flows), size.compared)
        figures["calls"] = len(tally.calls)
    figures["per_cpu_s"] = figures["calls"] / figures["cpu_s"]
    figures |= _verdicts(tally)
    return Sample(what, number, figures.pop("noise"), figures)


def _verdicts(tally: Tally) -> dict[str, float]:
    return {verdict.value: len(tally.of(verdict)) for verdict in Verdict}


@contextlib.contextmanager
def _measured() -> Iterator[dict[str, float]]:
    """Measure the block, which says how many `calls` it was about."""
    figures: dict[str, float] = {}
    noise = Noise()
    begin, cpu = time.perf_counter(), time.process_time()
    yield figures
    used = time.process_time() - cpu
    wall = time.perf_counter() - begin
    figures["ms"] = wall * 1000
    figures["cpu_s"] = used
    figures["noise"] = round(noise.cores(), 3)


def _other_flows(folder: Path) -> Path:
    """Return a folder of flows in which the branches' hours are told by people."""
    other = folder / "other"
    shutil.copytree(ROOT / "flows", other)
    file = other / "main.yaml"
    text = file.read_text("utf-8")
    assert "goto: branch-hours" in text
    file.write_text(text.replace("goto: branch-hours", "goto: agent-hours"), "utf-8")
    return other


async def _fill(config: Config, size: Size) -> None:
    flows = load(ROOT / "flows")
    async with _opened(config) as store:
        ledger = Ledger(store, SystemClock(config.zone))
        await ledger.append(
            Publish(flows.version), why="bench", who="bench", after=State(), flows=flows
        )
    calls = await _simulated(flows)
    with contextlib.closing(sqlite3.connect(config.state / "onecall.sqlite")) as database:
        with database:
            database.executemany(
                "INSERT INTO events (call_id, at, kind, body) VALUES (?, ?, ?, ?)",
                _events(calls, size),
            )
            database.executemany(
                "INSERT INTO journal (call_id, entries) VALUES (?, ?)", _journals(calls, size)
            )
        database.execute("ANALYZE")


async def _simulated(flows: FlowSet) -> list[Told]:
    config = Config().resolved(ROOT)
    told: list[Told] = []
    with rehearsing(flows, config, DAY) as begin:
        for file in caller_files(callers_of(config.flows)):
            async with begin() as simulation:
                report = await simulation.play(load_caller(file))
            journal = b"\n".join(report.journal)
            # An order's id is made of its call's: such a call cannot stand under another id.
            if b"BeginOrder" not in journal:
                events = [(type(event).__name__, encode(event)) for event in report.events]
                told.append(Told(events, journal))
    return told


def _events(calls: Sequence[Told], size: Size) -> Iterator[tuple[str, int, str, bytes]]:
    for number, call in zip(range(size.calls), itertools.cycle(calls), strict=False):
        begin = round(DAY.timestamp() * 1000) + number * DAY_MS // size.calls
        for place, (kind, body) in enumerate(call.events):
            if kind == CallStarted.__name__:
                body = _called_by(number, body)
            yield _call_id(number), begin + place * EVENT_MS, kind, body


def _journals(calls: Sequence[Told], size: Size) -> Iterator[tuple[str, bytes]]:
    for number, call in zip(range(size.calls), itertools.cycle(calls), strict=False):
        if number >= size.calls - size.compared:
            yield _call_id(number), _renamed(call.journal, _call_id(number))


def _renamed(journal: bytes, call_id: str) -> bytes:
    """Give a journal another call's id; recordings are named after calls, without the dot."""
    for then, now in ((CALL_ID, call_id), (CALL_ID.replace(".", "-"), call_id.replace(".", "-"))):
        journal = journal.replace(then.encode(), now.encode())
    return journal


def _called_by(number: int, body: bytes) -> bytes:
    event = msgspec.json.decode(body, type=CallStarted)
    return encode(msgspec.structs.replace(event, ani=f"138{number % 50_000:08d}"))


def _call_id(number: int) -> str:
    return f"{1_763_800_000 + number}.{number}"
