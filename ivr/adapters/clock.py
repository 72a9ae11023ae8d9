"""The system's clock, read in the bank's zone."""

from __future__ import annotations

import time
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ivr.model.errors import PortError


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


def monotonic_ms() -> int:
    """Return milliseconds that only ever grow, for timers and measurements."""
    return time.monotonic_ns() // 1_000_000
