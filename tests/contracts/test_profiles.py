"""What every keeper of profiles must do."""

from __future__ import annotations

import asyncio

from msgspec.structs import replace

from ivr.model.pace import Pace
from ivr.model.profile import Move, Profile
from ivr.ports.store import Store
from tests.contracts.conftest import MONDAY

FULL = Profile(
    "C1002",
    language="zh",
    entries=("main.menu.balance", "main.menu.transfer"),
    learning=True,
    uses={"main.menu.balance": {"2026-10": 3, "2026-11": 14}},
    arranged_at=MONDAY,
    moved=Move("main.menu.balance", "main.menu.transfer", 1, 2, MONDAY, 17, 0),
    pace=Pace(2_100, 900),
)


async def test_nothing_is_remembered_of_a_new_customer(store: Store) -> None:
    assert await store.profiles.get("C1002") is None


async def test_a_profile_comes_back_as_it_was(store: Store) -> None:
    stored = await store.profiles.put(FULL)
    assert stored == replace(FULL, revision=1)
    assert await store.profiles.get("C1002") == stored


async def test_profiles_of_customers_are_kept_apart(store: Store) -> None:
    for number in range(20):
        await store.profiles.put(Profile(f"C{number}", entries=(f"e{number}",)))
    for number in range(20):
        profile = await store.profiles.get(f"C{number}")
        assert profile is not None
        assert profile.entries == (f"e{number}",)


async def test_a_change_of_what_is_not_stored_any_more_is_refused(store: Store) -> None:
    first = await store.profiles.put(FULL)
    assert first is not None
    second = await store.profiles.put(replace(first, language="en"))
    assert second is not None
    assert second.revision == 2
    assert await store.profiles.put(replace(first, language="fr")) is None
    assert await store.profiles.get("C1002") == second


async def test_who_read_nothing_does_not_write_over_something(store: Store) -> None:
    stored = await store.profiles.put(FULL)
    assert await store.profiles.put(Profile("C1002")) is None
    assert await store.profiles.get("C1002") == stored


async def test_a_revision_that_never_was_is_refused(store: Store) -> None:
    assert await store.profiles.put(replace(FULL, revision=7)) is None
    assert await store.profiles.get("C1002") is None


async def test_of_many_changes_at_once_none_is_lost(store: Store) -> None:
    async def add(entry: str) -> None:
        while True:
            read = await store.profiles.get("C1002") or Profile("C1002")
            if await store.profiles.put(replace(read, entries=(*read.entries, entry))):
                return

    entries = [f"e{number}" for number in range(8)]
    await asyncio.gather(*(add(entry) for entry in entries))
    profile = await store.profiles.get("C1002")
    assert profile is not None
    assert sorted(profile.entries) == entries
    assert profile.revision == len(entries)
