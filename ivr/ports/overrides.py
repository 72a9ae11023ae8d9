"""The overrides port: on which days other hours hold than the calendars say."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import ClassVar, Protocol

from ivr.model.calendar import Override, Span
from ivr.model.commands import Instant
from ivr.model.world import Answer, World

ALL_DAY = (Span(time(0), None),)


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

    steady: ClassVar[bool] = True
    port: ClassVar[str] = "overrides"
    answer: ClassVar[object] = tuple[Override, ...]
    calendar: str

    def perform_now(self, port: Overrides) -> tuple[Override, ...]:
        return port.overrides(self.calendar)

    def answers(self, world: World) -> Iterator[Answer]:
        """Return: none; and every day closed, a holiday, or open, as no calendar may say itself."""
        around = (timedelta(days=-1), timedelta(0), timedelta(days=1))
        days = sorted({at.date() + span for at in world.instants for span in around})
        yield Answer(value=())
        for hours in ((), None, ALL_DAY):
            value = tuple(Override(self.calendar, day, hours) for day in days)
            yield Answer(value=value, sure=False)

    def presumed(self, now: datetime) -> tuple[Override, ...]:
        return ()
