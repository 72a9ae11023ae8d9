"""Promised calls on the disk: claimed once, found again, and safe from a kill at any instant."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from ivr.adapters.callbacks.promised import DatabaseCallbacks
from ivr.centre.callbacks import attempted
from ivr.model.errors import PortError
from ivr.ports.callbacks import Callback, Purpose, State

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
HOUR = timedelta(hours=1)


def kept(id_: str = "17.1", **changed: object) -> Callback:
    callback = Callback(
        id_, Purpose.QUEUE, "13800001111", "zh", NOW, NOW + HOUR, NOW, NOW + 2 * HOUR
    )
    return replace(callback, **changed)


def begun(callback: Callback, attempt: str) -> Callback:
    found = attempted(callback, attempt, NOW)
    assert found is not None
    return found


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[DatabaseCallbacks]:
    store = await DatabaseCallbacks.open(tmp_path / "callbacks.sqlite")
    yield store
    await store.close()


async def test_what_is_over_is_never_begun(store: DatabaseCallbacks) -> None:
    await store.put(kept(state=State.CANCELLED))
    assert not await store.claim(begun(kept(), "callback-1"))
    assert not await store.claim(begun(kept("17.9"), "callback-1")), "nobody knows it"


KILLED = """
import asyncio, os, sys
from pathlib import Path
from ivr.adapters.callbacks.promised import DatabaseCallbacks
from tests.adapters.callbacks.test_promised import begun

async def main():
    store = await DatabaseCallbacks.open(Path(sys.argv[1]))
    for callback in await store.open_ones():
        attempt = f"callback-{os.getpid()}-{callback.id.replace('.', '-')}"
        if callback.state == "kept" and await store.claim(begun(callback, attempt)):
            print(callback.id, flush=True)  # here the telephone rings
    await asyncio.sleep(60)

asyncio.run(main())
"""


@pytest.mark.proof
def test_killed_at_any_instant_no_telephone_has_rung_twice_and_no_promise_is_lost(
    tmp_path: Path,
) -> None:
    file = tmp_path / "callbacks.sqlite"
    promised = {f"17.{number}" for number in range(40)}

    async def promise() -> None:
        store = await DatabaseCallbacks.open(file)
        for id_ in sorted(promised):
            await store.put(kept(id_))
        await store.close()

    asyncio.run(promise())
    rung: list[str] = []
    for _ in range(4):
        with subprocess.Popen(
            [sys.executable, "-c", KILLED, str(file)], stdout=subprocess.PIPE, text=True
        ) as engine:
            assert engine.stdout is not None
            rung += [engine.stdout.readline().strip() for _ in range(7)]
            os.kill(engine.pid, signal.SIGKILL)
            rung += engine.stdout.read().split()
    assert len(rung) == len(set(rung))
    with closing(sqlite3.connect(file)) as database:
        states = dict(database.execute("SELECT id, state FROM callbacks"))
    assert set(states) == promised
    assert set(rung) <= {id_ for id_, state in states.items() if state == "attempted"}


async def test_another_kind_of_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "callbacks.sqlite"
    with closing(sqlite3.connect(file)) as database:
        database.execute("CREATE TABLE other (id)")
    with pytest.raises(PortError, match="holds something else"):
        await DatabaseCallbacks.open(file)
