"""What every store must do with the ledger of releases."""

from __future__ import annotations

import asyncio

import pytest

from ivr.centre.releases import Entry, State, fold, opened, seal
from ivr.centre.releases.kinds.publishing import Publish
from ivr.ports.releases import FIRST, Kept, LedgerMoved, Sealed
from ivr.ports.store import Store
from tests.contracts.conftest import MONDAY

FILES = {"main.yaml": "flow: main\n# 你好\n"}


def entry(number: int, previous: str, version: str = "v1") -> Sealed:
    return seal(Entry(number, MONDAY, "anna@node1", "why", Publish(version=version), previous))


async def test_an_empty_ledger(store: Store) -> None:
    assert await store.releases.head() == (0, FIRST)
    assert await store.releases.since() == []
    assert await store.version_files("v1") is None


async def test_entries_come_back_in_order_and_to_the_byte(store: Store) -> None:
    written: list[Sealed] = []
    for number in range(1, 13):
        sealed = entry(number, written[-1].hash if written else FIRST, f"v{number}")
        await store.releases.append(sealed, written[-1].hash if written else FIRST)
        written.append(sealed)
    assert await store.releases.since() == written
    assert await store.releases.since(10) == written[10:]
    assert await store.releases.since(12) == []
    assert await store.releases.head() == (12, written[-1].hash)
    state = fold(map(opened, written), State())
    assert state.in_force is not None
    assert state.in_force.version == "v12"


async def test_of_two_publishers_at_once_one_wins(store: Store) -> None:
    first = entry(1, FIRST)
    await store.releases.append(first, FIRST)
    rivals = [entry(2, first.hash, f"v{number}") for number in range(5)]
    done = await asyncio.gather(
        *(store.releases.append(rival, first.hash) for rival in rivals), return_exceptions=True
    )
    assert [type(one) for one in done if one is not None] == [LedgerMoved] * 4
    winner = rivals[done.index(None)]
    assert await store.releases.since() == [first, winner]


async def test_flows_are_kept_with_their_entry_or_not_at_all(store: Store) -> None:
    first = entry(1, FIRST)
    await store.releases.append(first, FIRST, Kept("v1", FILES))
    assert await store.version_files("v1") == FILES
    with pytest.raises(LedgerMoved):
        await store.releases.append(entry(2, "0" * 64, "v2"), "0" * 64, Kept("v2", FILES))
    assert await store.version_files("v2") is None


async def test_publishing_a_version_again_mends_its_files(store: Store) -> None:
    first = entry(1, FIRST)
    await store.releases.append(first, FIRST, Kept("v1", {"main.yaml": "damaged"}))
    await store.releases.append(entry(2, first.hash), first.hash, Kept("v1", FILES))
    assert await store.version_files("v1") == FILES
