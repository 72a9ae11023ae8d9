"""A store on a server that several engines write at once, through a restart of the server."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ivr.adapters.store import reader, writer
from ivr.adapters.store.database import DatabaseStore
from ivr.adapters.store.kind import KIND
from ivr.app.floor.diary import Diary, read_diary
from ivr.database import Server, writing
from ivr.database import postgres as database
from ivr.model.errors import PortTimeout
from ivr.model.events import CallEnded
from ivr.model.floor import Missed, Stamped
from ivr.model.secret import Secret
from lab.postgres import Cluster, cluster
from tests.adapters.store.test_coverage import broken
from tests.contracts.conftest import MONDAY, StillClock
from tests.database.lost import LostAnswer
from tests.surveys import served

pytestmark = [pytest.mark.proof, pytest.mark.timeout(120)]

BEGINNING = datetime.fromtimestamp(0, UTC)
ENGINES = 3
ROOT = Path(__file__).parents[2]


class Follower:
    """Reads on from the last mark, as the desk, the reports and other engines do."""

    def __init__(self, store: DatabaseStore) -> None:
        self._store = store
        self.events: Counter[tuple[str, str]] = Counter()
        self.ended: Counter[str] = Counter()
        self._marks = [0, 0]

    async def look(self) -> bool:
        """Read what is new; False: there was nothing."""
        was = list(self._marks)
        mark, happened = await self._store.happened(BEGINNING, self._marks[0])
        self.events.update((one.call_id, type(one.event).__name__) for one in happened)
        over, calls = await self._store.ended(BEGINNING, self._marks[1])
        self.ended.update(call.call_id for call in calls)
        self._marks = [mark, over]
        return was != self._marks


async def test_nothing_is_lost_doubled_or_missed_through_a_restart(postgres_folder: Path) -> None:
    with cluster(postgres_folder) as server:
        url = server.database()
        engines = [Engine(url, f"e{number}") for number in range(ENGINES)]
        for engine in engines:
            await asyncio.to_thread(engine.ready)
        store = await DatabaseStore.open(Server(Secret(url)), StillClock())
        follower = Follower(store)
        await follow(follower, 50)
        await asyncio.to_thread(server.restart)
        before = len(follower.ended)
        await follow(follower, before + 50)
        counts = [await asyncio.to_thread(engine.stop) for engine in engines]
        while await follower.look():
            pass
        rows = [row async for row in store.coverage.rows(BEGINNING)]
        await store.close()
    calls = {f"e{number}.{call}" for number in range(ENGINES) for call in range(counts[number])}
    kinds = [type(event).__name__ for event in served()]
    assert follower.ended == Counter(calls)
    assert follower.events == Counter((call, kind) for call in calls for kind in kinds)
    assert sorted(row.call_id for row in rows) == sorted(calls)
    assert [row.number for row in rows] == list(range(1, len(calls) + 1))
    assert broken(rows) == []


class Engine:
    """A process that tells the store of calls."""

    def __init__(self, url: str, name: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.contracts.sharing", url, name],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ready(self) -> None:
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "ready\n"

    def stop(self) -> int:
        """Have it write what it has, and return how many calls that were."""
        said, _ = self._process.communicate(timeout=60)
        return int(said)


async def follow(follower: Follower, calls: int) -> None:
    async with asyncio.timeout(60):
        while len(follower.ended) < calls:
            await follower.look()
            await asyncio.sleep(0.05)


def test_two_engines_that_begin_at_once_make_one_store(postgres: Cluster) -> None:
    url = postgres.database()

    async def both() -> None:
        stores = await asyncio.gather(
            *(DatabaseStore.open(Server(Secret(url)), StillClock()) for _ in range(3))
        )
        stores[0].events.emit("1.1", CallEnded("caller"))
        await stores[0].flush()
        for store in stores:
            assert len(await store.read_events("1.1")) == 1
            await store.close()

    asyncio.run(both())


async def test_a_call_does_not_wait_for_a_server_that_is_silent(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "GLANCE_MS", 50)
    store = await DatabaseStore.open(server, StillClock())
    with writing(server, KIND) as connection:
        connection.execute("LOCK TABLE sessions IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(PortTimeout):
            await store.sessions.load("1.1")
    assert await store.sessions.load("1.1") is None
    await store.close()


async def test_what_is_in_doubt_is_not_written_twice(
    postgres: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "WAIT_S", 0.1)
    monkeypatch.setattr(writer, "RETRY_MS", 50)
    monkeypatch.setattr("ivr.app.floor.diary._RETRY_S", 0.05)
    way = LostAnswer(postgres.port)
    place = way.to(postgres.database())
    store, diary = await DatabaseStore.open(place, StillClock()), Diary(place)

    async def lost(write: Callable[[], None], done: Callable[[], Awaitable[None]]) -> None:
        way.lost.clear()
        way.lose, way.closed_after = b"COMMIT", True
        write()
        await asyncio.to_thread(way.lost.wait)
        await asyncio.sleep(0.2)  # longer than it waits for an answer: it does not know
        way.open()
        await done()

    await lost(lambda: store.events.emit("1.1", CallEnded("caller")), store.flush)
    assert [one.event for one in await store.read_events("1.1")] == [CallEnded("caller")]
    missed = Missed("1.1", "service", "1001", "busy")
    zone = ZoneInfo("Asia/Shanghai")

    async def written() -> None:
        while not await asyncio.to_thread(lambda: list(read_diary(place, zone))):  # noqa: ASYNC110 - it is told by nobody
            await asyncio.sleep(0.02)

    await lost(lambda: diary.append(Stamped(1, MONDAY, missed)), written)
    diary.append(Stamped(2, MONDAY, missed))
    await diary.durable()
    await diary.close()
    assert [one.number for one in read_diary(place, zone)] == [1, 2]
    await store.close()
    way.close()
