"""The system's clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ivr.adapters.clock import SystemClock, monotonic_ms
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
