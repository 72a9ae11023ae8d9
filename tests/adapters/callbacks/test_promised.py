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
from ivr.model.session import Frame, Session
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


async def test_what_was_put_is_found_in_the_order_of_places(store: DatabaseCallbacks) -> None:
    later = kept("17.2", entered=NOW + HOUR, facts={"segment": "vip", "level": 1})
    await store.put(later)
    await store.put(kept())
    await store.put(kept("17.3", state=State.FAILED))
    assert [one.id for one in await store.open_ones()] == ["17.1", "17.2"]
    assert (await store.open_ones())[1] == later
    assert len(await store.since(NOW)) == 3
    assert await store.since(NOW + 3 * HOUR) == ()


async def test_an_attempt_is_begun_by_one(store: DatabaseCallbacks) -> None:
    await store.put(kept())
    assert await store.claim(begun(kept(), "callback-1"))
    assert not await store.claim(begun(kept(), "callback-2")), "the other engine was first"
    found = await store.of_attempt("callback-1")
    assert found is not None
    assert (found.state, found.attempts) == (State.ATTEMPTED, 1)
    assert await store.of_attempt("callback-2") is None


async def test_what_is_over_is_never_begun(store: DatabaseCallbacks) -> None:
    await store.put(kept(state=State.CANCELLED))
    assert not await store.claim(begun(kept(), "callback-1"))
    assert not await store.claim(begun(kept("17.9"), "callback-1")), "nobody knows it"


async def test_the_call_that_goes_on_is_kept_with_it(store: DatabaseCallbacks) -> None:
    session = Session("17.1", "v", "95500", "", "zh", NOW, (Frame("main", "order"),), auth=2)
    await store.put_with(kept(), session)
    await store.put(kept(state=State.ATTEMPTED))
    assert await store.session("17.1") == session
    await store.put(kept("17.2"))
    assert await store.session("17.2") is None


async def test_two_engines_race_for_every_callback_and_one_wins_each(tmp_path: Path) -> None:
    stores = [await DatabaseCallbacks.open(tmp_path / "callbacks.sqlite") for _ in range(2)]
    callbacks = [kept(f"17.{number}") for number in range(20)]
    try:
        for callback in callbacks:
            await stores[0].put(callback)
        won = await asyncio.gather(
            *(
                store.claim(begun(callback, f"callback-{node}-{callback.id}"))
                for callback in callbacks
                for node, store in enumerate(stores)
            )
        )
    finally:
        for store in stores:
            await store.close()
    assert sum(won) == len(callbacks)


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
