"""Clocks of cases: when the customer must have been answered, and when a case goes up the ladder.

Days are counted as laws do: the day of the opening is not counted, and the last one counts to its end.
A working day is one on which the calendar has hours: a worked weekend is one, a holiday is none.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

from ivr.centre.hours import spans
from ivr.model.calendar import Calendar
from ivr.model.cases import CasesDocument, Kind, Term, Unit
from ivr.ports.cases import Rung, Terms

FARTHEST_DAYS = 4_000
"""So far ahead a calendar's days are looked at; working days of one that never opens end there."""

_DAY = timedelta(days=1)
_LAST = time(23, 59, 59)


def deadline(term: Term, start: datetime, calendar: Calendar | None = None) -> datetime:
    """Return the last second of a time that runs from `start` (aware), in the zone of the calendar, or
    of `start` without one. Working days without a calendar are days."""
    zone: tzinfo | None = ZoneInfo(calendar.zone) if calendar else start.tzinfo
    if term.unit is Unit.HOURS:
        return (start.astimezone(UTC) + timedelta(hours=term.count)).astimezone(zone)
    first = start.astimezone(zone).date()
    if term.unit is Unit.WORKING_DAYS and calendar is not None:
        return _end(_working_day(calendar, first, term.count), zone)
    return _end(first + term.count * _DAY, zone)


def terms(
    document: CasesDocument | None, calendars: Mapping[str, Calendar], kind: str, at: datetime
) -> Terms:
    """Return what a kind's rules come to for a case opened at that time; a kind that nobody has written
    down has no clock."""
    rules = document.cases.get(kind) if document else None
    if rules is None:
        return Terms()
    calendar = calendars.get(rules.calendar or "")

    def by(term: Term | None, start: datetime = at) -> datetime | None:
        return deadline(term, start, calendar) if term else None

    complex_ = by(rules.complex)
    return Terms(
        due=by(rules.answer),
        complex=complex_,
        extended=by(rules.extension, complex_) if complex_ else None,
        reminders=tuple(sorted(deadline(one, at, calendar) for one in rules.remind)),
        ladder=_ladder(rules, at, calendar),
        answered=rules.answered,
        survey=rules.survey,
        says_opened=rules.notices.opened or "",
        says_closed=rules.notices.closed or "",
    )


def _ladder(rules: Kind, at: datetime, calendar: Calendar | None) -> tuple[Rung, ...]:
    rungs = (Rung(deadline(step.after, at, calendar), step.to) for step in rules.escalate)
    return tuple(sorted(rungs, key=lambda rung: rung.at))


def _working_day(calendar: Calendar, first: date, count: int) -> date:
    day = first
    for _ in range(FARTHEST_DAYS):
        day += _DAY
        count -= bool(spans(calendar, day))
        if not count:
            break
    return day


def _end(day: date, zone: tzinfo | None) -> datetime:
    # Where clocks are put back at midnight, the second 23:59:59 is the last one.
    return datetime.combine(day, _LAST, zone).replace(fold=1)
