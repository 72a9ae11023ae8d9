"""Profiles in a file that engines and nodes share."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from ivr.adapters.store.database import DatabaseStore
from ivr.model.errors import PortError
from ivr.model.profile import Profile
from tests.contracts.conftest import StillClock


async def test_another_node_reads_it_at_once_and_a_later_engine_too(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    one = await DatabaseStore.open(path, StillClock())
    other = await DatabaseStore.open(path, StillClock())
    stored = await one.profiles.put(Profile("C1", entries=("main.menu.balance",)))
    assert await other.profiles.get("C1") == stored
    await one.close()
    await other.close()
    later = await DatabaseStore.open(path, StillClock())
    assert await later.profiles.get("C1") == stored
    await later.close()


async def test_of_two_nodes_that_change_a_profile_one_is_refused(tmp_path: Path) -> None:
    stores = [await DatabaseStore.open(tmp_path / "store.sqlite", StillClock()) for _ in range(2)]
    put = await asyncio.gather(
        *(store.profiles.put(Profile("C1", language=str(n))) for n, store in enumerate(stores))
    )
    assert sorted(one is None for one in put) == [False, True]
    for store in stores:
        await store.close()


async def test_a_profile_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    store = await DatabaseStore.open(path, StillClock())
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("INSERT INTO profiles VALUES ('C1', 1, 0, x'7b')")
    with pytest.raises(PortError, match="profiles: a profile cannot be read"):
        await store.profiles.get("C1")
    await store.close()
