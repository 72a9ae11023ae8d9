"""The overrides port: on which days other hours hold than the calendars say."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import ClassVar, Protocol

from ivr.model.calendar import Override
from ivr.model.commands import Instant
from ivr.model.world import Answer, World


class Overrides(Protocol):
    """What is overridden now, held in memory."""

    def overrides(self, calendar: str) -> tuple[Override, ...]:
        """Return the overrides of a calendar, those of days long past left out."""


class NoOverrides:
    """Where nobody overrides anything: the port of calls without a ledger."""

    def overrides(self, calendar: str) -> tuple[Override, ...]:
        """Return none."""
        return ()


class GetOverrides(Instant[Overrides, tuple[Override, ...]], frozen=True):
    """On which days do other hours hold than this calendar says?"""

    port: ClassVar[str] = "overrides"
    answer: ClassVar[object] = tuple[Override, ...]
    calendar: str

    def answers(self, world: World) -> Iterator[Answer]:
        # Whatever an override says, it makes a calendar open or closed: `Now` gives every such state.
        yield Answer(value=())

    def perform_now(self, port: Overrides) -> tuple[Override, ...]:
        return port.overrides(self.calendar)

    def presumed(self, now: datetime) -> tuple[Override, ...]:
        return ()
