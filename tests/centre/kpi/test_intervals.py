"""Intervals and days on the bank's clock: midnight, and both changes of the clock."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from ivr.centre.kpi import AgentTimes, Doing, Work, begins, day_of, intervals
from ivr.model.floor import Answered, AnyFloorEvent, Joined, Left
from tests.centre.kpi.kit import DAY, ZONE, agent, diary, on, stamped, taken

BERLIN = ZoneInfo("Europe/Berlin")
BACK = date(2026, 10, 25)
"""At 03:00 it is 02:00 again."""
FORWARD = date(2026, 3, 29)
"""At 02:00 it is 03:00."""


@pytest.mark.parametrize(
    ("day", "zone", "number"),
    [(DAY, ZONE, 96), (BACK, BERLIN, 100), (FORWARD, BERLIN, 92), (BACK, ZONE, 96)],
)
def test_how_many_a_day_has(day: date, zone: ZoneInfo, number: int) -> None:
    starts = list(intervals(day, zone))
    assert len(starts) == len(set(starts)) == number
    assert {day_of(start, zone) for start in starts} == {day}
    assert all(begins(start) == start for start in starts)


def test_half_hour_zones_have_quarters_too() -> None:
    kathmandu = ZoneInfo("Asia/Kathmandu")  # UTC+5:45
    starts = list(intervals(DAY, kathmandu))
    assert len(starts) == 96
    assert begins(on("06:14:59", DAY, kathmandu)) == starts[24]


def test_an_hour_that_comes_twice_is_two() -> None:
    first, second = (on("02:20", BACK, BERLIN, fold) for fold in (0, 1))
    kpi = taken(stamped([(first, Joined("a", "q")), (second, Joined("b", "q"))]), BERLIN)
    parts = kpi.intervals(BACK)
    assert sorted(start.isoformat() for _, start in parts) == [
        "2026-10-25T00:15:00+00:00",
        "2026-10-25T01:15:00+00:00",
    ]
    assert kpi.today("q", second).offered == 2


@pytest.mark.parametrize(
    ("day", "joined", "fold", "answered", "wait"),
    [(BACK, "02:59:50", 0, "02:00:05", 15), (FORWARD, "01:59:50", 0, "03:00:05", 15)],
)
def test_a_wait_over_a_change_of_the_clock_is_as_long_as_it_was(
    day: date, joined: str, fold: int, answered: str, wait: int
) -> None:
    events: list[tuple[datetime, AnyFloorEvent]] = [
        (on(joined, day, BERLIN), Joined("a", "q")),
        (on(answered, day, BERLIN, 1 if day == BACK else 0), Answered("a", "q", "1001")),
    ]
    kpi = taken(stamped(events), BERLIN)
    assert kpi.today("q", on("12:00", day, BERLIN)).asa_s == wait


def test_who_is_offered_before_midnight_counts_on_that_day() -> None:
    after = date(2026, 11, 24)
    events = stamped(
        [
            (on("23:59:58"), Joined("a", "q")),
            (on("00:00:03", after), Answered("a", "q", "1001")),
            (on("00:00:05", after), Joined("b", "q")),
            (on("00:00:06", after), Left("b", "q", "abandoned")),
        ]
    )
    kpi = taken(events)
    yesterday, today = kpi.today("q", on("12:00")), kpi.today("q", on("12:00", after))
    assert (yesterday.offered, yesterday.handled, yesterday.asa_s) == (1, 1, 5)
    assert (today.offered, today.handled, today.abandoned) == (1, 0, 1)


def test_an_agents_time_is_split_at_midnight_and_at_every_quarter() -> None:
    times = AgentTimes()
    for event in diary(("23:50:00", agent("1001", "ready"))):
        times.take(event)
    after = date(2026, 11, 24)
    works = times.work(on("00:20", after))
    shown = {start: work.times[Doing.AVAILABLE] / 60_000 for (_, start), work in works.items()}
    assert shown == {
        on("23:45").astimezone(UTC): 10,
        on("00:00", after).astimezone(UTC): 15,
        on("00:15", after).astimezone(UTC): 5,
    }
    later = times.work(on("00:30", after))
    total = Work()
    for work in later.values():
        total.add(work)
    assert total.logged_in_ms == 40 * 60_000


def test_an_agents_hour_that_comes_twice_is_two_hours() -> None:
    times = AgentTimes()
    for event in stamped([(on("01:00", BACK, BERLIN), agent("1001", "ready"))]):
        times.take(event)
    works = times.work(on("04:00", BACK, BERLIN))
    assert sum(work.logged_in_ms for work in works.values()) == 4 * 3_600_000
