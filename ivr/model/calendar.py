"""Calendars: when somebody is there."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time

import msgspec


class Span(msgspec.Struct, frozen=True):
    """From `opens` until `closes` (exclusive) on one day; `24:00` is `closes` of None."""

    opens: time
    closes: time | None


class Calendar(msgspec.Struct, frozen=True):
    """Opening hours in a named zone.

    `week` has seven entries, Monday first. A day in `exceptions` has its own hours (none: closed)
    whatever else is said; a day in `holidays` has the hours of `holiday_hours`; a day in `workdays`
    is worked although it is a weekend, with Friday's hours.
    """

    name: str
    zone: str
    week: tuple[tuple[Span, ...], ...]
    holidays: frozenset[date] = frozenset()
    holiday_hours: tuple[Span, ...] = ()
    workdays: frozenset[date] = frozenset()
    exceptions: Mapping[date, tuple[Span, ...]] = {}
