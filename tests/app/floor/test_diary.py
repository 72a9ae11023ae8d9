"""The floor's diary: what happened is there in order, whoever wrote it."""

from __future__ import annotations

import asyncio
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ivr.app.floor.diary import Diary, read_diary
from ivr.database import Place
from ivr.model.floor import CameBack, Missed, Stamped
from ivr.ports.cluster import Fenced

ZONE = ZoneInfo("Asia/Shanghai")
AT = datetime(2026, 11, 22, 9, 30, tzinfo=ZONE)


def missed(number: int, call_id: str) -> Stamped:
    return Stamped(number, AT, Missed(call_id, "service", "1001", "busy"))


async def test_events_are_read_as_they_happened(place: Place) -> None:
    assert list(read_diary(place, ZONE)) == []
    diary = Diary(place)
    wanted = [missed(number, f"1.{number}") for number in range(1, 4)]
    for one in wanted:
        diary.append(one)
    await diary.durable()
    assert list(read_diary(place, ZONE)) == wanted
    assert list(read_diary(place, ZONE, kinds=[CameBack])) == []
    assert list(read_diary(place, ZONE, AT + timedelta(seconds=1))) == []
    await diary.close()


async def test_a_full_disk_keeps_nobody_waiting_and_loses_nothing(tmp_path: Path) -> None:
    diary = Diary(tmp_path / "floor.sqlite")
    wanted = [missed(number, f"1.{number}") for number in range(1, 4)]
    with full_disk():
        for one in wanted:
            diary.append(one)
            async with asyncio.timeout(5):
                await diary.durable()
    await diary.close()
    assert list(read_diary(tmp_path / "floor.sqlite", ZONE)) == wanted


@contextmanager
def full_disk() -> Iterator[None]:
    """No file of this process can grow."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1024, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


async def test_two_processes_may_write_at_the_same_time(place: Place) -> None:
    """As for a moment while one engine follows another: nobody waits for ever for what cannot be written."""
    one, other = (Diary(place) for _ in range(2))
    try:
        for number in range(1, 11):
            one.append(missed(number, f"1.{number}"))
            other.append(missed(number, f"2.{number}"))
        async with asyncio.timeout(5):
            await asyncio.gather(one.durable(), other.durable())
        found = list(read_diary(place, ZONE))
        assert [stamped.number for stamped in found] == list(range(1, 21))
        calls = {stamped.event.call_id for stamped in found if isinstance(stamped.event, Missed)}
        assert len(calls) == 20
    finally:
        await asyncio.gather(one.close(), other.close())


async def test_once_another_leads_nothing_more_is_written(place: Place) -> None:
    old = Diary(place, token=4)
    told: list[str] = []
    old.fenced = lambda: told.append("out")
    old.append(missed(1, "1.1"))
    await old.durable()
    new = Diary(place, token=5)
    assert new.last == 1
    old.append(missed(2, "1.2"))
    with pytest.raises(Fenced):
        await old.durable()
    new.append(missed(2, "2.1"))
    await new.durable()
    assert told == ["out"]
    found = [one.event for one in read_diary(place, ZONE)]
    assert [one.call_id for one in found if isinstance(one, Missed)] == ["1.1", "2.1"]
    with pytest.raises(Fenced):
        Diary(place, token=4)
    await asyncio.gather(old.close(), new.close())
