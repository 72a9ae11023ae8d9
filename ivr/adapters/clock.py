"""The system's clock, read in the bank's zone."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ivr.model.errors import PortError
from ivr.ports.clock import Clock


class SystemClock:
    """The Clock port on the machine's own clock.

    `zone` is an IANA name such as `Asia/Shanghai`. Raises PortError for an unknown one.
    """

    def __init__(self, zone: str) -> None:
        try:
            self._zone = ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise PortError(
                "clock", f"no time zone is named {zone!r}: write an IANA name such as Asia/Shanghai"
            ) from error

    def now(self) -> datetime:
        """Return the time, aware, in the bank's zone."""
        return datetime.now(self._zone)


class SteadyClock:
    """Starts with another clock, and then goes as time passes, whatever that one is set to: for waits and
    timers that a clock put forward must not end, nor one put back prolong. `passed` returns seconds."""

    def __init__(self, clock: Clock, passed: Callable[[], float] | None = None) -> None:
        began = clock.now()
        self._zone = began.tzinfo
        self._began = began.astimezone(UTC)
        self._passed = passed or _uptime
        self._at = self._passed()

    def now(self) -> datetime:
        """Return the time, aware, in the bank's zone."""
        since = timedelta(seconds=self._passed() - self._at)
        return (self._began + since).astimezone(self._zone)


def _uptime() -> float:
    """Return seconds since the machine was started, those of its sleep as well."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def monotonic_ms() -> int:
    """Return milliseconds that only ever grow, for timers and measurements."""
    return time.monotonic_ns() // 1_000_000
