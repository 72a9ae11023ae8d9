"""Telephones on the disk: taken once, counted by the day, let go, and so for every engine."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ivr.adapters.callbacks.ringings import DatabaseRingings
from ivr.model.errors import PortError
from ivr.ports.dialler import Dialled, Ringing

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 23, 10, tzinfo=ZONE)
DAY = timedelta(days=1)
NUMBER = "13800001111"


def ringing(id_: str, number: str = NUMBER, at: datetime = NOW) -> Ringing:
    return Ringing(id_, number, at, at + timedelta(seconds=30))


@pytest.fixture
async def ringings(tmp_path: Path) -> AsyncIterator[DatabaseRingings]:
    ringings = await DatabaseRingings.open(tmp_path / "callbacks.sqlite", ZONE)
    yield ringings
    await ringings.close()


async def test_a_telephone_is_taken_by_one_call_until_it_is_over(
    ringings: DatabaseRingings,
) -> None:
    assert await ringings.take(ringing("callback-1"), NOW - DAY, 9) is None
    assert await ringings.take(ringing("campaign-1"), NOW - DAY, 9) is Dialled.LIVE
    assert await ringings.take(ringing("survey-1", "13800002222"), NOW - DAY, 9) is None
    assert await ringings.live() == (ringing("callback-1"), ringing("survey-1", "13800002222"))
    await ringings.over("callback-1")
    await ringings.over("nobody's")
    assert await ringings.take(ringing("campaign-1"), NOW - DAY, 9) is None


async def test_it_is_rung_so_often_within_a_day(ringings: DatabaseRingings) -> None:
    for number in range(3):
        assert await ringings.take(ringing(f"c-{number}"), NOW - DAY, 3) is None
        await ringings.over(f"c-{number}")
    assert await ringings.rung(NUMBER, NOW - DAY) == 3
    assert await ringings.take(ringing("c-3"), NOW - DAY, 3) is Dialled.TOO_MANY
    assert await ringings.take(ringing("c-3", "13800002222"), NOW - DAY, 3) is None
    tomorrow = NOW + timedelta(seconds=1)
    assert await ringings.rung(NUMBER, tomorrow) == 0
    assert await ringings.take(ringing("c-4", at=NOW + DAY), tomorrow, 3) is None


async def test_an_id_is_used_once(ringings: DatabaseRingings) -> None:
    await ringings.take(ringing("c-1"), NOW - DAY, 9)
    with pytest.raises(PortError):
        await ringings.take(ringing("c-1", "13800002222"), NOW - DAY, 9)


async def test_engines_race_for_a_telephone_and_one_has_it(tmp_path: Path) -> None:
    path = tmp_path / "callbacks.sqlite"
    engines = [await DatabaseRingings.open(path, ZONE) for _ in range(3)]
    took = await asyncio.gather(
        *(one.take(ringing(f"c-{number}"), NOW - DAY, 9) for number, one in enumerate(engines))
    )
    assert sorted(took, key=str) == [None, Dialled.LIVE, Dialled.LIVE]
    for one in engines:
        await one.close()
