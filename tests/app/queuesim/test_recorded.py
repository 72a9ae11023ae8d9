"""Days made of a floor's diary."""

from __future__ import annotations

from datetime import date
from random import Random

import pytest

from ivr.app.queuesim.day import Shift
from ivr.app.queuesim.recorded import NothingRecorded, recorded
from ivr.model.floor import Answered, AnyFloorEvent, Ended, Held, Joined, Left, Missed
from tests.app.queuesim.kit import BEGINS, plan
from tests.centre.kpi.kit import ZONE, agent, on, stamped

NEXT = date(2026, 11, 24)
EVENTS: list[tuple[str, AnyFloorEvent]] = [
    ("08:00:00", agent("1001", "paused", "login")),
    ("09:00:00", agent("1001", "ready")),
    ("09:00:00", agent("9999", "ready")),
    ("09:10:00", Joined("a", "q", language="en", facts={"segment": "vip"})),
    ("09:10:05", Missed("a", "q", "9999", "busy")),
    ("09:10:10", Answered("a", "q", "1001")),
    ("09:10:10", agent("1001", "talking")),
    ("09:11:10", Held("a", "q", "1001")),
    ("09:12:10", Ended("a", "q", "1001", "caller")),
    ("09:12:10", Left("a", "q", "served")),
    ("09:12:10", agent("1001", "wrap_up")),
    ("09:12:40", agent("1001", "ready")),
    ("09:20:00", Joined("b", "q")),
    ("09:20:30", Left("b", "q", "abandoned")),
    ("09:30:00", Joined("c", "gone")),
    ("09:31:00", Left("c", "gone", "abandoned")),
    ("12:00:00", agent("1001", "paused", "pause", "lunch")),
    ("13:00:00", agent("1001", "ready")),
]


def test_a_day_as_it_was() -> None:
    source = recorded(stamped((on(clock), event) for clock, event in EVENTS), ZONE)
    day = source.day(plan(), BEGINS, Random(1))
    assert [(came.at, came.queue, came.facts) for came in day.arrivals] == [
        (33_000, "q", {"language": "en", "segment": "vip"}),
        (33_600, "q", {"language": "zh"}),
    ]
    assert {(came.talk_s, came.acw_s) for came in day.arrivals} == {(120, 30)}
    assert day.shifts == [Shift("1001", 32_400, 43_200), Shift("1001", 46_800, 86_400)]
    assert source.missed == 0.5
    whole = source.patience[""]
    assert (whole.callers, whole.gave_up, whole.mean_s) == (3, 2, 50)  # (10 + 30 + 60)/2


def test_each_day_is_one_and_a_shift_goes_over_midnight() -> None:
    events = [(on(clock), event) for clock, event in EVENTS]
    events += [
        (on("00:05:00", NEXT), Joined("d", "q")),
        (on("07:00:00", NEXT), agent("1001", "offline")),
    ]
    source = recorded(stamped(events), ZONE)
    assert len(source.days) == 2
    chance = Random(2)
    days = [source.day(plan(), BEGINS, chance) for _ in range(20)]
    assert {len(day.arrivals) for day in days} == {1, 2}
    short = next(day for day in days if len(day.arrivals) == 1)
    assert short.shifts == [Shift("1001", 0, 25_200)]


@pytest.mark.parametrize("few", [0, 3])
def test_nothing_was_recorded(few: int) -> None:
    with pytest.raises(NothingRecorded, match="--forecast"):
        recorded(stamped((on(clock), event) for clock, event in EVENTS[:few]), ZONE)


def test_a_queue_of_which_little_is_known_is_like_all_of_them() -> None:
    """31 callers of `many` give up after 10 s; the one of `few` after 100 s says nothing yet."""
    events: list[tuple[str, AnyFloorEvent]] = list(EVENTS)
    for number in range(31):
        events.append((f"14:{number:02}:00", Joined(f"m{number}", "many")))
        events.append((f"14:{number:02}:10", Left(f"m{number}", "many", "abandoned")))
    source = recorded(stamped((on(clock), event) for clock, event in events), ZONE)
    assert sorted(source.patience) == ["", "many"]
    assert source.patience["many"].mean_s == 10
    assert sorted(source.talks) == [""]
