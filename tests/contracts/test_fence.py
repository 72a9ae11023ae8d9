"""The contract of the fence: in SQLite and in PostgreSQL."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ivr.adapters.cluster.fence import DatabaseFence
from ivr.database import Place, Server
from ivr.model.secret import Secret
from ivr.ports.cluster import Fenced


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.proof)])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    if request.param == "sqlite":
        return tmp_path / "cluster.sqlite"
    return Server(Secret(request.getfixturevalue("postgres").database()))


@pytest.fixture
async def fence(place: Place) -> AsyncIterator[DatabaseFence]:
    opened = await DatabaseFence.open(place)
    yield opened
    await opened.close()


async def test_a_token_is_shown_once_and_never_a_smaller_one(fence: DatabaseFence) -> None:
    assert await fence.seen() == 0
    assert await fence.show(4) == 0
    for token in (4, 3):
        with pytest.raises(Fenced):
            await fence.show(token)
    assert await fence.seen() == 4
    assert await fence.show(5) == 0


async def test_whom_the_database_keeps_is_waited_for_by_who_comes_next(
    fence: DatabaseFence,
) -> None:
    await fence.show(1)
    assert await fence.keep(1, 60)
    others = await fence.show(2)
    assert 50 < others <= 60
    assert not await fence.keep(1, 60)  # and from now on it is kept no more
    assert await fence.show(3) == 0


async def test_it_outlives_whoever_wrote_it(place: Place) -> None:
    first = await DatabaseFence.open(place)
    await first.show(9)
    await first.close()
    second = await DatabaseFence.open(place)
    assert await second.seen() == 9
    await second.close()
