"""The clock port: what time it is at the bank."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import ClassVar, Protocol

from ivr.model.commands import Instant
from ivr.model.world import Answer, World


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

    def answers(self, world: World) -> Iterator[Answer]:
        only = len(world.instants) == 1
        for one in world.instants:
            yield Answer(value=one, at=None if only else one)

    def presumed(self, now: datetime) -> datetime:
        return now
