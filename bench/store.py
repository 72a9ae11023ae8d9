"""The store: how much of calls is on the disk in a second, in an SQLite file and on a PostgreSQL.

The store is an engine's own, with its group commit and the coverage ledger, in one process. A call is its
beginning, eight steps with a prompt, a saved session and an entry of the journal each, and its end with
its row of coverage.
"""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from pathlib import Path

import msgspec
import uvloop

from bench.processes import Noise
from bench.report import Column, Report, Sample, hundredth, tenth, whole
from bench.targets import Line
from ivr.adapters.clock import SystemClock
from ivr.adapters.store.database import DatabaseStore
from ivr.database import Place, Server
from ivr.model.events import CallEnded, CallStarted, PromptPlayed, StepEntered
from ivr.model.secret import Secret
from ivr.model.session import Frame, Session
from lab.postgres import cluster

SQLITE, POSTGRES, NODES = "SQLite", "PostgreSQL", "PostgreSQL, 3 stores"
ENGINES = {SQLITE: 1, POSTGRES: 1, NODES: 3}
"""How many stores write at once."""
COLUMNS = (
    Column("events\n/s", "events", whole),
    Column("call ends\n/s", "ends", whole),
    Column("CPU ms\na call", "cpu_ms", hundredth),
    Column("durable\np50 ms", "durable_p50", tenth),
    Column("durable\np99 ms", "durable_p99", tenth),
    Column("load\np50 ms", "load_p50", hundredth),
    Column("load\np99 ms", "load_p99", hundredth),
)
LINES = (Line("events written/s", SQLITE, "events", whole, (POSTGRES, NODES)),)
STEPS = 8


class Size(msgspec.Struct, frozen=True):
    """How much is measured: `events`, `calls` from their beginning to their end, and `times` that
    something is waited for."""

    rounds: int = 3
    events: int = 30_000
    calls: int = 3_000
    times: int = 200


QUICK = Size(rounds=1, events=300, calls=30, times=5)
NOTES = [
    "durable: from an event to the end of the commit it is in, for who waits (an idle store)",
    "load: a session that another engine saved, as a call that comes back asks for it",
    "3 stores in one process: figures of all together; they take turns at one lock",
]


def steps(size: Size) -> int:
    """Return how many steps a run has."""
    return size.rounds * len(ENGINES)


def measure(size: Size, progress: Callable[[str], None]) -> Report:
    """Measure both sorts of databases in turns."""
    samples: list[Sample] = []
    with tempfile.TemporaryDirectory(prefix="ivr-bench-") as folder:
        Path(folder).chmod(0o755)
        with cluster(Path(folder) / "cluster") as postgres:
            for number in range(1, size.rounds + 1):
                for engine, stores in ENGINES.items():
                    progress(engine)
                    place: Place = Path(folder) / f"{number}.sqlite"
                    if engine != SQLITE:
                        place = Server(Secret(postgres.database()))
                    noise = Noise()
                    figures = uvloop.run(_measured(place, stores, size))
                    samples.append(Sample(engine, number, noise.cores(), figures))
    return Report("store: on the disk", samples, [], NOTES)


async def _measured(place: Place, count: int, size: Size) -> dict[str, float]:
    clock = SystemClock("Asia/Shanghai")
    async with AsyncExitStack() as stack:
        stores = [await DatabaseStore.open(place, clock) for _ in range(count)]
        for store in stores:
            stack.push_async_callback(store.close)
        events = await _events(stores, size.events)
        used = time.process_time()
        ends = await _calls(stores, size.calls, clock)
        cpu = time.process_time() - used
        rows = await stores[0].coverage.count()
        assert rows == size.calls, f"{rows} rows of {size.calls} calls"
        durable = sorted([await _durable(stores[0], number) for number in range(size.times)])
        load = sorted([await _load(stores[0], number) for number in range(size.times)])
    return {
        "events": events,
        "ends": ends,
        "cpu_ms": cpu * 1000 / size.calls,
        "durable_p50": statistics.median(durable) * 1000,
        "durable_p99": durable[int(len(durable) * 0.99)] * 1000,
        "load_p50": statistics.median(load) * 1000,
        "load_p99": load[int(len(load) * 0.99)] * 1000,
    }


async def _events(stores: Sequence[DatabaseStore], count: int) -> float:
    began = time.monotonic()
    for number in range(count):
        store = stores[number % len(stores)]
        store.events.emit(f"e.{number // 20}", StepEntered("main", "hello", "say"))
        if number % 2_000 == 1_999:
            await asyncio.sleep(0)
    await asyncio.gather(*(store.flush(60_000) for store in stores))
    return count / (time.monotonic() - began)


async def _calls(stores: Sequence[DatabaseStore], count: int, clock: SystemClock) -> float:
    began = time.monotonic()
    for number in range(count):
        _call(stores[number % len(stores)], f"c.{number}", clock)
        # As calls do that run beside one another, and no faster than they are written.
        if number % 200 == 199:
            await asyncio.gather(*(store.flush(60_000) for store in stores))
    await asyncio.gather(*(store.flush(60_000) for store in stores))
    return count / (time.monotonic() - began)


def _call(store: DatabaseStore, call_id: str, clock: SystemClock) -> None:
    store.events.emit(call_id, CallStarted("95500", "13800001002", "v1", "main", "zh"))
    session = _session(call_id, clock)
    for number in range(STEPS):
        store.sessions.save(session)
        store.events.emit(call_id, StepEntered("main", f"step{number}", "menu"))
        store.events.emit(call_id, PromptPlayed(("main-menu",), False))
        store.journal.append(call_id, b'{"port":"channel","took_ms":1200,"answer":"3"}')
    store.events.emit(call_id, CallEnded("completed"))
    store.sessions.close(session, "completed")


async def _durable(store: DatabaseStore, number: int) -> float:
    began = time.monotonic()
    store.events.emit(f"d.{number}", StepEntered("main", "hello", "say"))
    await store.flush()
    return time.monotonic() - began


async def _load(store: DatabaseStore, number: int) -> float:
    clock = SystemClock("Asia/Shanghai")
    call_id = f"l.{number}"
    store.sessions.save(_session(call_id, clock))
    await store.flush()
    began = time.monotonic()
    assert await store.sessions.load(call_id) is not None
    return time.monotonic() - began


def _session(call_id: str, clock: SystemClock) -> Session:
    frames = (Frame("main", "menu", {"name": "王"}),)
    return Session(call_id, "v1", "95500", "13800001002", "zh", clock.now(), frames)
