"""The clock port: what time it is at the bank."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Protocol

from ivr.model.commands import Instant


class Clock(Protocol):
    """The bank's clock."""

    def now(self) -> datetime:
        """Return the time, aware, in the bank's zone."""


class Now(Instant[Clock, datetime], frozen=True):
    """What time is it?"""

    port: ClassVar[str] = "clock"
    answer: ClassVar[type] = datetime

    def perform_now(self, port: Clock) -> datetime:
        return port.now()

    def presumed(self, now: datetime) -> datetime:
        return now
