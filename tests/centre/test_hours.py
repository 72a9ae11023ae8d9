"""Opening hours: weeks, holidays, exceptions, and clocks that change."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.centre.hours import Status, is_holiday, overridden, spans, state, until
from ivr.model.calendar import Calendar, Override, Span

SHANGHAI = ZoneInfo("Asia/Shanghai")
NEW_YORK = ZoneInfo("America/New_York")
OFFICE = (Span(time(9), time(17, 30)),)
SATURDAY = (Span(time(10), time(12)), Span(time(13), time(16)))
NATIONAL_DAY = date(2026, 10, 1)
SERVICE = Calendar(
    name="service",
    zone="Asia/Shanghai",
    week=(*(OFFICE for _ in range(5)), SATURDAY, ()),
    holidays=frozenset({NATIONAL_DAY, date(2026, 12, 25)}),
    workdays=frozenset({date(2026, 9, 20)}),
    exceptions={date(2026, 12, 31): (Span(time(9), time(15)),), date(2026, 11, 24): ()},
)


def shanghai(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("now", "status"),
    [
        ("2026-11-23T08:59:59", Status.CLOSED),
        ("2026-11-23T09:00:00", Status.OPEN),
        ("2026-11-23T17:29:59", Status.OPEN),
        ("2026-11-23T17:30:00", Status.CLOSED),
        ("2026-11-24T10:00:00", Status.CLOSED),  # closed by an exception
        ("2026-11-28T12:30:00", Status.CLOSED),  # Saturday's lunch
        ("2026-11-28T13:00:00", Status.OPEN),
        ("2026-11-29T10:00:00", Status.CLOSED),  # Sunday
        ("2026-10-01T10:00:00", Status.HOLIDAY),
        ("2026-09-20T17:00:00", Status.OPEN),  # a Sunday worked for a holiday: Friday's hours
        ("2026-12-31T14:59:00", Status.OPEN),
        ("2026-12-31T15:00:00", Status.CLOSED),
    ],
)
def test_status(now: str, status: Status) -> None:
    assert state(SERVICE, shanghai(now)).status is status


@pytest.mark.parametrize(
    ("now", "opens"),
    [
        ("2026-11-23T08:00:00", "2026-11-23T09:00:00"),
        ("2026-11-23T17:30:00", "2026-11-25T09:00:00"),  # the 24th is closed
        ("2026-11-28T12:30:00", "2026-11-28T13:00:00"),
        ("2026-11-28T16:00:00", "2026-11-30T09:00:00"),  # over Sunday
        ("2026-10-01T10:00:00", "2026-10-02T09:00:00"),
    ],
)
def test_next_opening(now: str, opens: str) -> None:
    assert state(SERVICE, shanghai(now)).opens == shanghai(opens)


def test_the_zone_is_the_calendars_whatever_zone_now_is_in() -> None:
    hours = state(SERVICE, datetime(2026, 11, 23, 1, 0, tzinfo=UTC))
    assert hours.status is Status.OPEN
    assert hours.closes == shanghai("2026-11-23T17:30:00")
    assert hours.closes.tzinfo is SHANGHAI


def test_holiday_hours_replace_the_days_hours() -> None:
    short = Calendar(
        name="x",
        zone="Asia/Shanghai",
        week=SERVICE.week,
        holidays=frozenset({NATIONAL_DAY}),
        holiday_hours=(Span(time(10), time(11)),),
    )
    assert state(short, shanghai("2026-10-01T10:30:00")).status is Status.OPEN
    assert state(short, shanghai("2026-10-01T11:00:00")).status is Status.HOLIDAY


def test_hours_over_midnight_have_one_closing() -> None:
    night = Calendar(
        name="night",
        zone="Asia/Shanghai",
        week=tuple((Span(time(0), time(2)), Span(time(20), None)) for _ in range(7)),
    )
    hours = state(night, shanghai("2026-11-23T23:00:00"))
    assert hours.closes == shanghai("2026-11-24T02:00:00")


def test_always_open_never_closes_and_never_open_never_opens() -> None:
    always = Calendar("a", "Asia/Shanghai", tuple((Span(time(0), None),) for _ in range(7)))
    never = Calendar("n", "Asia/Shanghai", tuple(() for _ in range(7)))
    now = shanghai("2026-11-23T12:00:00")
    assert (state(always, now).status, state(always, now).closes) == (Status.OPEN, None)
    assert (state(never, now).status, state(never, now).opens) == (Status.CLOSED, None)


def test_a_naive_time_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        state(SERVICE, datetime(2026, 11, 23, 10, 0))  # noqa: DTZ001


def new_york(*spans: Span) -> Calendar:
    return Calendar("ny", "America/New_York", tuple(spans for _ in range(7)))


def test_an_opening_skipped_by_the_clock_is_the_moment_of_the_change() -> None:
    calendar = new_york(Span(time(2, 30), time(4)))
    hours = state(calendar, datetime(2026, 3, 8, 1, 0, tzinfo=NEW_YORK))
    assert hours.opens == datetime(2026, 3, 8, 7, 0, tzinfo=UTC)  # 03:00 EDT


def test_a_span_that_the_clock_skips_whole_is_not_there() -> None:
    calendar = new_york(Span(time(2, 10), time(2, 50)))
    hours = state(calendar, datetime(2026, 3, 8, 1, 0, tzinfo=NEW_YORK))
    assert hours.opens == datetime(2026, 3, 9, 2, 10, tzinfo=NEW_YORK)


def test_a_repeated_hour_opens_once() -> None:
    calendar = new_york(Span(time(1, 30), time(2, 30)))
    first = datetime(2026, 11, 1, 1, 30, tzinfo=NEW_YORK).astimezone(UTC)
    assert state(calendar, first).status is Status.OPEN
    assert state(calendar, first + timedelta(minutes=45)).status is Status.OPEN  # 01:15 again
    opens = state(calendar, first - timedelta(seconds=1)).opens
    assert opens is not None
    assert opens.astimezone(UTC) == first


clocks = st.integers(0, 24 * 4 - 1).map(lambda quarter: time(quarter // 4, quarter % 4 * 15))


@st.composite
def days(draw: st.DrawFn) -> tuple[Span, ...]:
    marks = sorted(draw(st.lists(clocks, max_size=4, unique=True)))
    pairs = zip(marks[::2], marks[1::2], strict=False)
    return tuple(Span(opens, closes) for opens, closes in pairs)


dates = st.dates(date(2026, 1, 1), date(2026, 12, 31))
calendars = st.builds(
    Calendar,
    name=st.just("any"),
    zone=st.sampled_from(
        ["Asia/Shanghai", "America/New_York", "Australia/Lord_Howe", "Africa/Cairo", "UTC"]
    ),
    week=st.tuples(*(days() for _ in range(7))),
    holidays=st.frozensets(dates, max_size=3),
    workdays=st.frozensets(dates, max_size=3),
    exceptions=st.dictionaries(dates, days(), max_size=3),
)
moments = st.datetimes(
    datetime(2026, 1, 2),  # noqa: DTZ001
    datetime(2026, 12, 30),  # noqa: DTZ001
    timezones=st.just(UTC),
).map(lambda moment: moment.replace(microsecond=0))


@given(calendars, moments)
def test_an_opening_is_where_closed_becomes_open(calendar: Calendar, now: datetime) -> None:
    hours = state(calendar, now)
    if hours.opens is not None:
        opens = hours.opens.astimezone(UTC)
        assert hours.status is not Status.OPEN
        assert opens > now
        assert state(calendar, opens).status is Status.OPEN
        assert state(calendar, opens - timedelta(seconds=1)).status is not Status.OPEN


@given(calendars, moments, st.floats(0, 1))
def test_between_now_and_the_change_nothing_changes(
    calendar: Calendar, now: datetime, part: float
) -> None:
    hours = state(calendar, now)
    until = hours.closes or hours.opens
    if until is not None:
        between = now + (until.astimezone(UTC) - now) * part
        is_open = state(calendar, between).status is Status.OPEN
        assert is_open == ((hours.status is Status.OPEN) == (between < until))


@given(calendars, moments, days())
def test_an_override_comes_before_all_that_the_calendar_says(
    calendar: Calendar, now: datetime, hours: tuple[Span, ...]
) -> None:
    day = now.astimezone(ZoneInfo(calendar.zone)).date()
    said = Override(calendar.name, day, hours)
    changed = overridden(calendar, (said, Override("another", day, ())))
    assert spans(changed, day) == hours
    assert not is_holiday(changed, day)
    assert spans(changed, day + timedelta(days=1)) == spans(calendar, day + timedelta(days=1))


def test_a_day_is_made_a_holiday_even_if_it_was_an_exception() -> None:
    day = date(2026, 12, 31)
    changed = overridden(SERVICE, (Override("service", day, None),))
    assert state(changed, shanghai("2026-12-31T10:00:00")).status is Status.HOLIDAY


def test_closed_early_says_when_it_opens_again() -> None:
    until_three = Override("service", date(2026, 11, 23), (Span(time(9), time(15)),))
    changed = overridden(SERVICE, (until_three,))
    assert state(changed, shanghai("2026-11-23T14:59:59")).closes == shanghai("2026-11-23T15:00:00")
    after = state(changed, shanghai("2026-11-23T15:00:00"))
    assert after.status is Status.CLOSED
    assert after.opens == shanghai("2026-11-25T09:00:00")


@given(days(), clocks, clocks)
def test_closed_early_is_open_before_and_at_no_time_after(
    hours: tuple[Span, ...], closes: time, now: time
) -> None:
    def is_open(spans: tuple[Span, ...]) -> bool:
        return any(one.opens <= now and (one.closes is None or now < one.closes) for one in spans)

    closed = until((*hours, Span(time(23, 50), None)), closes)
    assert is_open(closed) == (now < closes and is_open(hours))
    assert all(one.closes is not None and one.opens < one.closes for one in closed)
