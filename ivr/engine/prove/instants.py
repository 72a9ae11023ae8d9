"""Moments at which to call, one for every state that the calendars can be in together."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from ivr.centre.hours import Status, state
from ivr.model.calendar import Calendar

HORIZON_DAYS = 400
_WEEK_DAYS = 8
"""As far as is looked ahead where every week is like the next."""
_LATER = timedelta(minutes=5)
"""How long after a change of hours: no call runs into it by seconds."""


def instants(calendars: Mapping[str, Calendar], now: datetime) -> tuple[datetime, ...]:
    """Return the first moment from `now` on (aware) of each state of all calendars together."""
    found: dict[tuple[Status, ...], datetime] = {}
    most = len(Status) ** len(calendars)
    for moment in _changes(calendars, now):
        states = tuple(state(one, moment).status for one in calendars.values())
        found.setdefault(states, moment)
        if len(found) == most:
            break
    return tuple(found.values()) or (now,)


def telling_apart(
    calendars: Collection[Calendar], moments: Sequence[datetime]
) -> tuple[datetime, ...]:
    """Return the first moment of each state that some calendars are in together at some moments."""
    found: dict[tuple[Status, ...], datetime] = {}
    for moment in moments:
        found.setdefault(tuple(state(one, moment).status for one in calendars), moment)
    return tuple(found.values())


def _changes(calendars: Mapping[str, Calendar], now: datetime) -> Iterator[datetime]:
    """Yield a moment of every span of time in which no calendar changes, in order."""
    dated = any(one.holidays or one.exceptions or one.workdays for one in calendars.values())
    end = now + timedelta(days=HORIZON_DAYS if dated else _WEEK_DAYS)
    while now < end:
        yield now
        following = [change for one in calendars.values() for change in _next(one, now)]
        now = min(following, default=end).astimezone(now.tzinfo) + _LATER


def _next(calendar: Calendar, now: datetime) -> Iterator[datetime]:
    hours = state(calendar, now)
    change = hours.closes if hours.status is Status.OPEN else hours.opens
    if change is not None:
        yield change
    zone = ZoneInfo(calendar.zone)
    # With the day a holiday begins or ends.
    yield datetime.combine(now.astimezone(zone).date() + timedelta(days=1), time(0), zone)
