"""Intervals of 15 minutes, and days, on the bank's clock.

An interval is known by the moment it begins, in UTC: when clocks are put back, the same hour of the
wall comes twice, and the two are different intervals. Such a day has 100 of them, the one on which
clocks are put forward 92, any other 96.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

INTERVAL = timedelta(minutes=15)


def begins(at: datetime) -> datetime:
    """Return when the interval of a moment (aware) begins, in UTC: every zone of today is whole
    quarters of an hour away from it, so that the clock on the wall shows a quarter too."""
    there = at.astimezone(UTC)
    return there.replace(minute=there.minute - there.minute % 15, second=0, microsecond=0)


def quarter(at: datetime) -> tuple[datetime, datetime]:
    """Return the interval of a moment (aware): when it begins, and when the next one does."""
    begin = begins(at)
    return begin, begin + INTERVAL


def day_of(at: datetime, zone: ZoneInfo) -> date:
    """Return the bank's day of a moment (aware)."""
    return at.astimezone(zone).date()


def span(day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return when a day of the bank begins, and when the next one does, in UTC."""
    following = day + timedelta(days=1)
    first, last = (datetime.combine(one, time(), zone) for one in (day, following))
    return first.astimezone(UTC), last.astimezone(UTC)


def intervals(day: date, zone: ZoneInfo) -> Iterator[datetime]:
    """Yield when each interval of a day begins, in UTC."""
    start, end = span(day, zone)
    while start < end:
        yield start
        start += INTERVAL
