"""When a customer must have been answered."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.adapters.flowfile.loader import load_files
from ivr.centre.cases.clocks import FARTHEST_DAYS, deadline, terms
from ivr.centre.hours import spans
from ivr.model.calendar import Calendar, Span
from ivr.model.cases import Term, Unit
from ivr.ports.cases import Terms
from tests.centre.cases.kit import MONDAY, SHANGHAI

FLOWS = Path(__file__).parents[3] / "flows"
DEMO = load_files(
    {
        name: (FLOWS / name).read_text("utf-8")
        for name in ("office.yaml", "cases.yaml", "branches.yaml")
    }
)
OFFICE = DEMO.calendars["office"]
NEVER = Calendar("never", "Asia/Shanghai", ((),) * 7)


def days(count: int) -> Term:
    return Term(count, Unit.DAYS)


def working(count: int) -> Term:
    return Term(count, Unit.WORKING_DAYS)


@pytest.mark.parametrize(
    ("term", "opened", "last"),
    [
        (days(15), "2026-11-23T10:00", "2026-12-08T23:59:59"),
        (days(15), "2026-11-23T23:59:59", "2026-12-08T23:59:59"),
        (days(15), "2026-11-24T00:00", "2026-12-09T23:59:59"),
        # Of a leap year, and of none.
        (days(15), "2028-02-20T12:00", "2028-03-06T23:59:59"),
        (days(15), "2027-02-20T12:00", "2027-03-07T23:59:59"),
        (days(1), "2028-02-28T12:00", "2028-02-29T23:59:59"),
        # The National Day week is no working time; the Saturday after it is worked for it.
        (working(1), "2026-09-30T12:00", "2026-10-08T23:59:59"),
        (working(2), "2026-09-30T12:00", "2026-10-09T23:59:59"),
        (working(3), "2026-09-30T12:00", "2026-10-10T23:59:59"),
        (working(1), "2026-11-27T12:00", "2026-11-30T23:59:59"),
        (working(5), "2026-11-23T12:00", "2026-11-30T23:59:59"),
        (Term(4, Unit.HOURS), "2026-11-23T22:00", "2026-11-24T02:00:00"),
    ],
)
def test_days_are_counted_as_laws_count_them(term: Term, opened: str, last: str) -> None:
    start = datetime.fromisoformat(opened).replace(tzinfo=SHANGHAI)
    assert deadline(term, start, OFFICE).isoformat().removesuffix("+08:00") == last


@pytest.mark.parametrize(
    ("zone", "opened", "hours"),
    [("Europe/Berlin", "2026-03-28T12:00", 35), ("Europe/Berlin", "2026-10-24T12:00", 37)],
)
def test_a_day_of_a_clock_change_has_23_hours_or_25(zone: str, opened: str, hours: int) -> None:
    start = datetime.fromisoformat(opened).replace(tzinfo=ZoneInfo(zone))
    last = deadline(days(1), start)
    assert (last.hour, last.minute) == (23, 59)
    assert round((last.astimezone(UTC) - start.astimezone(UTC)) / timedelta(hours=1)) == hours
    four = deadline(Term(24, Unit.HOURS), start)
    assert four.astimezone(UTC) - start.astimezone(UTC) == timedelta(hours=24)


def test_a_calendar_counts_in_its_own_zone() -> None:
    start = datetime(2026, 11, 22, 20, 0, tzinfo=UTC)  # Monday already in Shanghai
    assert deadline(working(1), start, OFFICE).isoformat() == "2026-11-24T23:59:59+08:00"


def test_working_days_of_a_calendar_that_never_opens_have_an_end() -> None:
    last = deadline(working(3), MONDAY, NEVER)
    assert last.date() == MONDAY.date() + timedelta(days=FARTHEST_DAYS)


@given(
    after=st.integers(0, 4_000),
    count=st.integers(1, 60),
    week=st.lists(st.booleans(), min_size=7, max_size=7).filter(any),
    shut=st.sets(st.integers(0, 200)),
)
def test_exactly_so_many_working_days_pass(
    after: int, count: int, week: list[bool], shut: set[int]
) -> None:
    start = MONDAY + timedelta(days=after)
    hours = (Span(time(9), time(17)),)
    holidays = frozenset(start.date() + timedelta(days=one) for one in shut)
    calendar = Calendar(
        "c", "Asia/Shanghai", tuple(hours if on else () for on in week), holidays=holidays
    )
    last = deadline(working(count), start, calendar).date()
    assert spans(calendar, last)
    assert sum(bool(spans(calendar, day)) for day in _between(start.date(), last)) == count


def _between(first: date, last: date) -> list[date]:
    return [first + timedelta(days=one) for one in range(1, (last - first).days + 1)]


def test_the_demo_says_15_days_30_and_30_more() -> None:
    found = terms(DEMO.cases.document if DEMO.cases else None, DEMO.calendars, "complaint", MONDAY)
    told = [at and at.date() for at in (found.due, found.complex, found.extended)]
    assert told == [date(2026, 12, 8), date(2026, 12, 23), date(2027, 1, 22)]
    ladder = [(rung.at.date(), rung.to) for rung in found.ladder]
    assert ladder == [(date(2026, 12, 2), "hotline-lead"), (date(2026, 12, 6), "head-office")]
    assert [at.date() for at in found.reminders] == [date(2026, 11, 30), date(2026, 12, 5)]
    assert (found.answered, found.survey, found.says_opened) == (True, True, "case-registered")


def test_a_kind_that_nobody_has_written_down_has_no_clock() -> None:
    assert terms(DEMO.cases.document if DEMO.cases else None, {}, "other", MONDAY) == Terms()
    assert terms(None, {}, "complaint", MONDAY) == Terms()
