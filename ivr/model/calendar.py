"""Calendars: when somebody is there."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time

import msgspec

from ivr.model.place import Place


class Span(msgspec.Struct, frozen=True):
    """From `opens` until `closes` (exclusive) on one day; `24:00` is `closes` of None."""

    opens: time
    closes: time | None

    def __str__(self) -> str:
        closes = f"{self.closes:%H:%M}" if self.closes else "24:00"
        return f"{self.opens:%H:%M}-{closes}"


class Override(msgspec.Struct, frozen=True):
    """On one day, in the calendar's zone, other hours hold than the calendar says.

    `hours` are those of the day (none: closed); None makes the day a holiday.
    """

    calendar: str
    day: date
    hours: tuple[Span, ...] | None

    @property
    def words(self) -> str:
        """The hours as one writes them."""
        if self.hours is None:
            return "holiday"
        return ", ".join(str(span) for span in self.hours) or "closed"


class Calendar(msgspec.Struct, frozen=True):
    """Opening hours in a named zone.

    `week` has seven entries, Monday first. A day in `exceptions` has its own hours (none: closed)
    whatever else is said; a day in `holidays` has the hours of `holiday_hours`; a day in `workdays`
    is worked although it is a weekend, with Friday's hours. `rules_holidays`: its file says
    something of holidays, even if it is that there are none. `place` is where it begins.
    """

    name: str
    zone: str
    week: tuple[tuple[Span, ...], ...]
    holidays: frozenset[date] = frozenset()
    holiday_hours: tuple[Span, ...] = ()
    workdays: frozenset[date] = frozenset()
    exceptions: Mapping[date, tuple[Span, ...]] = {}
    rules_holidays: bool = True
    place: Place | None = None
