"""The SQLite store's own promises: writes together, survives a bad disk and a kill."""

from __future__ import annotations

import asyncio
import logging
import resource
import sqlite3
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ivr.adapters.store import writer
from ivr.adapters.store.database import DatabaseStore
from ivr.adapters.store.pending import Batch
from ivr.model.errors import PortError, PortTimeout
from ivr.model.events import CallEnded, StepEntered
from ivr.model.session import Frame, Session
from ivr.ports.store import StoreHealth

REPOSITORY = Path(__file__).parents[3]
NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


class SetClock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.time = NOON

    def now(self) -> datetime:
        return self.time


def session(call_id: str = "1.1", step: str = "menu") -> Session:
    return Session(call_id, "v1", "95500", "138", "zh", NOON, (Frame("main", step),))


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.sqlite"


@pytest.fixture
async def store(
    path: Path, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[DatabaseStore]:
    monkeypatch.setattr(writer, "RETRY_MS", 10)
    store = await DatabaseStore.open(path, clock, most_pending=100)
    yield store
    await store.close()


def count(path: Path, table: str) -> int:
    with closing(sqlite3.connect(path)) as database:
        return int(database.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Another process keeps the database for itself."""
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


@contextmanager
def full_disk() -> Iterator[None]:
    """No file of this process can grow."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1024, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


async def impatient(store: DatabaseStore) -> None:
    """Have the writer wait for nobody."""
    database = store._writer._database
    file = isinstance(database.place, Path)
    sql = "PRAGMA busy_timeout=1" if file else "SET lock_timeout = 1"
    await database.run(lambda one: one.execute(sql).rowcount)


async def until(store: DatabaseStore, holds: Callable[[StoreHealth], bool]) -> None:
    async with asyncio.timeout(5):
        while not holds(store.health()):  # noqa: ASYNC110 - told by counters, not by an event
            await asyncio.sleep(0.005)


async def until_trouble(store: DatabaseStore) -> None:
    await until(store, lambda health: health.problem is not None)


async def test_saves_of_one_call_are_one_write(store: DatabaseStore) -> None:
    for number in range(5):
        store.sessions.save(session(step=f"s{number}"))
    await store.flush()
    assert store.health().written == 1


async def test_everything_of_many_calls_is_one_write(
    store: DatabaseStore, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writes = []
    write = writer.Writer._write

    async def spy(self: writer.Writer, batch: Batch) -> None:
        writes.append(len(batch))
        await write(self, batch)

    monkeypatch.setattr(writer.Writer, "_write", spy)
    for number in range(50):
        store.sessions.save(session(f"c{number}"))
        store.events.emit(f"c{number}", CallEnded("caller"))
        store.journal.append(f"c{number}", b"{}")
    await store.flush()
    assert writes == [150]


async def test_a_session_is_found_while_it_is_being_written(store: DatabaseStore) -> None:
    store.sessions.save(session(step="one"))
    found = [await store.sessions.load("1.1")]
    while store.health().pending:
        await asyncio.sleep(0)
        found.append(await store.sessions.load("1.1"))
    assert all(one == session(step="one") for one in found)


async def test_another_node_sees_what_is_flushed(
    store: DatabaseStore, path: Path, clock: SetClock
) -> None:
    store.sessions.save(session())
    await store.flush()
    other = await DatabaseStore.open(path, clock)
    assert await other.sessions.load("1.1") == session()
    await other.close()


async def test_saving_and_emitting_keep_no_caller_waiting(store: DatabaseStore) -> None:
    one, event = session(), StepEntered("main", "menu", "menu")

    def cost() -> float:
        began = time.thread_time()
        for _ in range(90):
            store.sessions.save(one)
            store.events.emit("1.1", event)
        return (time.thread_time() - began) / 180

    took = []
    for _ in range(10):
        took.append(cost())
        await store.flush()
    assert min(took) < 15e-6


async def test_a_locked_database_delays_and_loses_nothing(store: DatabaseStore, path: Path) -> None:
    await impatient(store)
    with locked(path):
        store.sessions.save(session(step="one"))
        store.events.emit("1.1", CallEnded("first"))
        await until_trouble(store)
        store.sessions.save(session(step="two"))
        store.events.emit("1.1", CallEnded("second"))
        assert await store.sessions.load("1.1") == session(step="two")
        with pytest.raises(PortTimeout):
            await store.flush(100)
    await store.flush()
    assert store.health().problem is None
    assert [one.event for one in await store.read_events("1.1")] == [
        CallEnded("first"),
        CallEnded("second"),
    ]
    assert await store.sessions.load("1.1") == session(step="two")


async def test_a_store_that_is_being_written_is_read_all_the_same(
    store: DatabaseStore, path: Path, clock: SetClock
) -> None:
    """Commands that only read, and engines that start, wait for no writer."""
    store.sessions.save(session())
    await store.flush()
    with locked(path):
        other = await DatabaseStore.open(path, clock)
        assert await other.sessions.load("1.1") == session()
        await other.close()


async def test_a_full_disk_is_said_once_and_recovers_alone(
    store: DatabaseStore, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store.events.emit("1.1", CallEnded("before"))
    await store.flush()
    with full_disk():
        for number in range(250):
            store.events.emit("1.1", CallEnded(f"{number}"))
            if number == 50:
                await until_trouble(store)
        for _ in range(10):
            with pytest.raises(PortTimeout):
                await store.flush(15)
        assert "disk" in (store.health().problem or "")
        await until(store, lambda health: health.lost == 150)
    await store.flush()
    kept = [one.event for one in await store.read_events("1.1")]
    assert kept == [CallEnded("before"), *(CallEnded(f"{number}") for number in range(150, 250))]
    errors = [one.getMessage() for one in caplog.records if one.levelno >= logging.WARNING]
    assert [("calls go on" in one, "dropped" in one, "150 entries" in one) for one in errors] == [
        (True, False, False),
        (False, True, False),
        (False, False, True),
    ]
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)


async def test_what_cannot_be_written_harms_nothing_else(store: DatabaseStore) -> None:
    store.events.emit("1.1", CallEnded("good"))
    store.events.emit("1.1", CallEnded("\udcff"))
    store.sessions.save(session("\udcff"))
    store.sessions.save(session("1.1"))
    store.journal.append("\udcff", b"{}")
    await store.flush()
    assert [one.event for one in await store.read_events("1.1")] == [CallEnded("good")]
    assert await store.sessions.load("1.1") == session("1.1")
    assert store.health().lost == 2


async def test_a_session_of_another_version_is_an_error_not_a_guess(
    store: DatabaseStore, path: Path
) -> None:
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("INSERT INTO sessions VALUES ('9.9', 0, CAST('{}' AS BLOB), 0)")
    with pytest.raises(PortError, match=r"session of call 9\.9 cannot be read"):
        await store.sessions.load("9.9")


async def test_closing_writes_what_is_left(path: Path, clock: SetClock) -> None:
    store = await DatabaseStore.open(path, clock)
    for number in range(1_000):
        store.events.emit("1.1", CallEnded(f"{number}"))
    await store.close()
    assert count(path, "events") == 1_000


async def test_closing_with_a_full_disk_ends_and_says_what_is_lost(
    path: Path, clock: SetClock, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ivr.adapters.store.database.CLOSE_MS", 50)
    store = await DatabaseStore.open(path, clock)
    with full_disk():
        store.events.emit("1.1", CallEnded("caller"))
        await store.close()
    assert "ended with 1 entries unwritten" in caplog.text


KILLED = """
import asyncio, sys
from pathlib import Path
from tests.adapters.store.test_sqlite import SetClock, session
from ivr.adapters.store.database import DatabaseStore
from ivr.model.events import CallEnded

async def main():
    store = await DatabaseStore.open(Path(sys.argv[1]), SetClock())
    for number in range(1_000_000):
        store.sessions.save(session(step=f"s{number}"))
        store.events.emit("1.1", CallEnded(f"{number}"))
        store.journal.append("1.1", b'%d' % number)
        await store.flush()
        print(number, flush=True)

asyncio.run(main())
"""


@pytest.mark.proof
@pytest.mark.timeout(40)  # an interpreter starts
async def test_what_was_flushed_outlives_kill_9(path: Path, clock: SetClock) -> None:
    node = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", KILLED, str(path)), stdout=asyncio.subprocess.PIPE, cwd=REPOSITORY
    )
    assert node.stdout is not None
    acknowledged = await node.stdout.readuntil(b"\n40\n")
    node.kill()
    acknowledged += await node.stdout.read()
    await node.wait()
    flushed = int(acknowledged.split()[-1])
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    store = await DatabaseStore.open(path, clock)
    found = await store.sessions.load("1.1")
    assert found is not None
    assert int(found.frame.step[1:]) >= flushed
    events = [one.event for one in await store.read_events("1.1")]
    assert events[: flushed + 1] == [CallEnded(f"{number}") for number in range(flushed + 1)]
    journal = [int(entry) for entry in await store.journal.read("1.1")]
    assert journal == list(range(len(events)))
    await store.close()
