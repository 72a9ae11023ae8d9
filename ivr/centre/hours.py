"""Opening hours: is somebody there now, and if not, when?

A span of a day is one interval of real time, from the first moment its opening is on the clock to
the first moment its closing is. An hour that a clock change skips counts as the moment of the change.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import msgspec
from msgspec.structs import replace

from ivr.model.calendar import Calendar, Override, Span

HORIZON_DAYS = 400
"""How far ahead the next opening is looked for."""

_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)
_FRIDAY = 4


class Status(enum.StrEnum):
    """Whether somebody is there. HOLIDAY: nobody, because today is a holiday."""

    OPEN = "open"
    CLOSED = "closed"
    HOLIDAY = "holiday"


class Hours(msgspec.Struct, frozen=True):
    """What a calendar says of a moment, in the calendar's zone.

    `opens` is the next opening while it is not open; `closes` the next closing while it is. Either is
    None when there is none within `HORIZON_DAYS`.
    """

    status: Status
    opens: datetime | None = None
    closes: datetime | None = None


def state(calendar: Calendar, now: datetime) -> Hours:
    """Return whether the calendar is open at `now` (aware). Raises ValueError for a naive time."""
    if now.tzinfo is None:
        raise ValueError("a time without a zone")
    zone = _zone(calendar.zone)
    today = now.astimezone(zone).date()
    closes: datetime | None = None
    for start, end in _intervals(calendar, today - _DAY, zone):
        if start <= (closes or now) < end:
            closes = end
        elif start > (closes or now):
            break
    if closes is not None:
        endless = closes - now > timedelta(days=HORIZON_DAYS - 2)
        return Hours(Status.OPEN, closes=None if endless else closes.astimezone(zone))
    opens = next((start for start, _ in _intervals(calendar, today, zone) if start > now), None)
    return Hours(
        Status.HOLIDAY if is_holiday(calendar, today) else Status.CLOSED,
        opens=opens.astimezone(zone) if opens else None,
    )


def overridden(calendar: Calendar, overrides: Iterable[Override]) -> Calendar:
    """Return the calendar with these days of it changed; an override comes before all it says."""
    mine = [one for one in overrides if one.calendar == calendar.name]
    if not mine:
        return calendar
    named = {one.day for one in mine}
    exceptions = {day: of for day, of in calendar.exceptions.items() if day not in named}
    exceptions |= {one.day: one.hours for one in mine if one.hours is not None}
    holidays = calendar.holidays | {one.day for one in mine if one.hours is None}
    return replace(calendar, exceptions=exceptions, holidays=holidays)


def spans(calendar: Calendar, day: date) -> tuple[Span, ...]:
    """Return the opening hours of a day: exceptions before holidays before worked weekends."""
    if day in calendar.exceptions:
        return calendar.exceptions[day]
    if day in calendar.holidays:
        return calendar.holiday_hours
    return calendar.week[_FRIDAY if day in calendar.workdays else day.weekday()]


def until(hours: Iterable[Span], closes: time) -> tuple[Span, ...]:
    """Return the hours of a day that is closed from `closes` on."""
    return tuple(
        span if span.closes and span.closes <= closes else replace(span, closes=closes)
        for span in hours
        if span.opens < closes
    )


def is_holiday(calendar: Calendar, day: date) -> bool:
    """Whether the day is a holiday with nothing else said about it."""
    return day in calendar.holidays and day not in calendar.exceptions


def _intervals(
    calendar: Calendar, first: date, zone: ZoneInfo
) -> Iterator[tuple[datetime, datetime]]:
    """Yield the open intervals in UTC from day `first` on, in order."""
    for ahead in range(HORIZON_DAYS):
        day = first + ahead * _DAY
        for span in sorted(spans(calendar, day), key=lambda span: span.opens):
            start = _instant(day, span.opens, zone)
            end = (
                _instant(day + _DAY, time(0), zone)
                if span.closes is None
                else _instant(day, span.closes, zone)
            )
            if start < end:
                yield start, end


def _instant(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """Return when a clock in `zone` first shows this time or, if it is skipped, a later one."""
    wall = datetime.combine(day, clock, zone)
    instant = wall.astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) == wall.replace(tzinfo=None):
        return instant
    before, after = wall.replace(fold=1).astimezone(UTC), instant
    offset = before.astimezone(zone).utcoffset()
    while after - before > _SECOND:
        middle = before + (after - before) // 2
        middle = middle.replace(microsecond=0)
        if middle.astimezone(zone).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return after


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)
