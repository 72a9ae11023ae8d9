"""A clock that goes only when it is told to."""

from __future__ import annotations

from datetime import datetime, timedelta


class VirtualClock:
    """The bank's clock in a simulation. `ms` counts from the beginning of the call."""

    def __init__(self, start: datetime) -> None:
        if start.tzinfo is None:
            raise ValueError("a time without a zone")
        self._start = start
        self.ms = 0

    def now(self) -> datetime:
        """Return the time, in the zone of the start."""
        return self._start + timedelta(milliseconds=self.ms)

    def advance_to(self, ms: int) -> None:
        """Let time pass until `ms`; a time that has passed already changes nothing."""
        self.ms = max(self.ms, ms)
