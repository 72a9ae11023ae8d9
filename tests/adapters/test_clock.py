"""The system's clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from ivr.adapters.clock import SteadyClock, SystemClock, monotonic_ms
from ivr.model.errors import PortError


def test_the_time_is_now_in_the_banks_zone() -> None:
    now = SystemClock("Asia/Shanghai").now()
    assert now.utcoffset() == timedelta(hours=8)
    assert abs(now - datetime.now(UTC)) < timedelta(seconds=5)  # noqa: TID251 - the oracle


@pytest.mark.parametrize("zone", ["Mars/Olympus", "", "../etc/passwd"])
def test_no_such_zone(zone: str) -> None:
    with pytest.raises(PortError, match="IANA name"):
        SystemClock(zone)


def test_monotonic() -> None:
    times = [monotonic_ms() for _ in range(1000)]
    assert times == sorted(times)


class Wall:
    """A clock that people set."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at


@pytest.mark.parametrize("hours", [1, -1])
def test_a_clock_that_is_set_changes_no_wait(hours: int) -> None:
    passed = [100.0]
    wall = Wall(datetime(2026, 11, 23, 9, tzinfo=ZoneInfo("Asia/Shanghai")))
    steady = SteadyClock(wall, lambda: passed[0])
    began = steady.now()
    assert (began, began.tzinfo) == (wall.at, wall.at.tzinfo)
    wall.at += timedelta(hours=hours)
    passed[0] += 30
    assert steady.now() - began == timedelta(seconds=30)


def test_a_wait_over_the_change_to_winter_time_is_as_long_as_it_is() -> None:
    passed = [0.0]
    before = datetime(2026, 10, 25, 2, 59, tzinfo=ZoneInfo("Europe/Berlin"))
    steady = SteadyClock(Wall(before), lambda: passed[0])
    passed[0] = 120
    after = steady.now()
    assert after.timestamp() - before.timestamp() == 120
    assert (after.hour, after.minute, after.fold) == (2, 1, 1)


def test_time_passes_by_itself() -> None:
    steady = SteadyClock(SystemClock("Asia/Shanghai"))
    assert timedelta(0) <= steady.now() - SystemClock("Asia/Shanghai").now() + timedelta(seconds=1)
