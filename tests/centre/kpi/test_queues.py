"""Queues' figures where things are unusual."""

from __future__ import annotations

import pytest

from ivr.centre.kpi import AgentTimes, Counts, Doing, Fate, Stay, Thresholds
from ivr.model.floor import Answered, AnyFloorEvent, Joined, Left, Resynced, Transferred
from tests.centre.kpi.kit import agent, diary, on, taken

NOW = on("12:00")


def figures(queue: str, *events: tuple[str, AnyFloorEvent]) -> Counts:
    return taken(diary(*events)).today(queue, NOW)


def test_joining_twice_is_joining_once() -> None:
    counts = figures("q", ("09:00:00", Joined("a", "q")), ("09:01:00", Joined("a", "q")))
    assert (counts.offered, counts.waiting) == (1, 1)


def test_who_goes_to_another_queue_unserved_has_overflowed() -> None:
    events = ("09:00:00", Joined("a", "q")), ("09:01:00", Joined("a", "other"))
    counts = figures("q", *events)
    assert (counts.offered, counts.overflowed, counts.abandoned) == (1, 1, 0)
    assert figures("other", *events).waiting == 1


def test_who_comes_back_to_the_queue_after_talking_is_offered_again() -> None:
    events = (
        ("09:00:00", Joined("a", "q")),
        ("09:00:10", Answered("a", "q", "1001")),
        ("09:02:00", Transferred("a", "q", "1001", "queue:q")),
        ("09:02:00", Joined("a", "q", since=on("09:00:00"))),
        ("09:02:30", Answered("a", "q", "1002")),
    )
    counts = figures("q", *events)
    assert (counts.offered, counts.handled, counts.asa_s) == (2, 2, 20)
    assert (counts.transferred, counts.misrouted) == (1, 0)


def test_to_the_queue_itself_is_no_misroute_but_to_another_is_if_soon() -> None:
    def to(target: str, clock: str) -> int:
        return figures(
            "q",
            ("09:00:00", Joined("a", "q")),
            ("09:00:10", Answered("a", "q", "1001")),
            (clock, Transferred("a", "q", "1001", target)),
        ).misrouted

    assert to("queue:q", "09:00:20") == 0
    assert to("agent:1002", "09:00:20") == 0
    assert to("queue:loans", "09:01:10") == 1
    assert to("queue:loans", "09:01:11") == 0


def test_a_caller_found_again_has_waited_all_the_time() -> None:
    """The engine was down; the plain queue kept the caller."""
    counts = figures(
        "q",
        ("09:05:00", Joined("a", "q", since=on("09:00:00"))),
        ("09:05:30", Answered("a", "q", "1001")),
    )
    assert counts.asa_s == 330


def test_a_conversation_that_nobody_saw_begin_was_handled() -> None:
    counts = figures("q", ("09:00:00", Joined("a", "q")), ("09:00:40", Left("a", "q", "served")))
    assert (counts.handled, counts.asa_s, counts.talk_ms) == (1, 40, 0)


def test_what_no_figure_is_about_changes_nothing() -> None:
    assert figures("q", ("09:00:00", Resynced("start")), ("09:00:00", Left("x", "q", "full"))) == (
        Counts()
    )


@pytest.mark.parametrize(
    ("wait_ms", "in_time", "short"), [(5000, 1, 1), (5001, 1, 0), (20_000, 1, 0), (20_001, 0, 0)]
)
def test_the_thresholds_belong_to_what_they_bound(wait_ms: int, in_time: int, short: int) -> None:
    counts = Counts()
    for fate in (Fate.ABANDONED, Fate.HANDLED):
        counts.count(Stay("a", "q", NOW, fate=fate, wait_ms=wait_ms), Thresholds(20, 5))
    assert (counts.abandoned_in_time, counts.handled_in_time) == (in_time, in_time)
    assert counts.abandoned_short == short


def test_nobody_called() -> None:
    counts = Counts()
    assert counts.service_level is counts.abandonment is counts.asa_s is None


def test_an_agent_who_is_away_spends_no_time() -> None:
    times = AgentTimes()
    for event in diary(
        ("09:00:00", agent("1001", "ready")),
        ("09:01:00", agent("1001", "offline")),
        ("09:11:00", agent("1001", "ready")),
    ):
        times.take(event)
    (work,) = times.work(on("09:12:00")).values()
    assert work.times == {Doing.AVAILABLE: 120_000}
