"""A day computed by hand: every figure of a queue and of two agents, with the arithmetic beside it.

caller  offered   answered  wait  by    talk             hold  ACW   how it went
c1      09:00:00  09:00:10  10 s  1001  60 s             20 s  30 s  held once; the agent hung up
c2      09:01:00  09:01:20  20 s  1002  40 s             -     10 s  to the queue loans after 40 s
c3      09:02:00  09:02:30  30 s  1001  90 s             -     -     no wrap-up; the caller hung up
c4      09:03:00  -          4 s  -                                  gave up: short
c5      09:04:00  -         15 s  -                                  gave up: not short, within 20 s
c6      09:05:00  -         45 s  -                                  gave up
c7      09:06:00  -         30 s  -                                  took a callback
c8      09:07:00  -          0 s  -                                  overflow
c9      09:14:59  09:15:09  10 s  1001  51 s             -     -     1002 missed it first
c10     09:15:00  -          -    -                                  still waits
c7b     09:20:00  09:20:00   -    1002  30 s             -     -     is the callback of c7
"""

from __future__ import annotations

from datetime import UTC

import pytest

from ivr.centre.kpi import AgentTimes, Counts, Doing, Stay, Work
from ivr.model.floor import Answered, Ended, HandedOff, Joined, Left, Missed, Transferred
from tests.centre.kpi.kit import DAY, agent, diary, on, recounted, taken

Q = "service"
EVENTS = diary(
    ("08:50:00", agent("1001", "paused", "login", "break")),
    ("08:55:00", agent("1001", "ready", "ready")),
    ("08:55:00", agent("1002", "ready", "ready")),
    ("09:00:00", Joined("c1", Q)),
    ("09:00:05", agent("1001", "reserved", "chosen")),
    ("09:00:10", agent("1001", "talking", "joined")),
    ("09:00:10", Answered("c1", Q, "1001")),
    ("09:00:40", HandedOff("c1", Q, "1001", "e1", "order", "transfer")),
    ("09:00:40", agent("1001", "reserved", "handed off")),
    ("09:01:00", Joined("c2", Q)),
    ("09:01:00", Answered("c1", Q, "1001", again=True)),
    ("09:01:00", agent("1001", "talking", "joined")),
    ("09:01:20", Answered("c2", Q, "1002")),
    ("09:01:20", agent("1002", "talking", "joined")),
    ("09:01:30", Ended("c1", Q, "1001", "agent")),
    ("09:01:30", Left("c1", Q, "served")),
    ("09:01:30", agent("1001", "wrap_up", "ended")),
    ("09:02:00", Joined("c3", Q)),
    ("09:02:00", Transferred("c2", Q, "1002", "queue:loans")),
    ("09:02:00", Ended("c2", Q, "1002", "transfer")),
    ("09:02:00", Joined("c2", "loans", since=on("09:01:00"))),
    ("09:02:00", agent("1002", "wrap_up", "ended")),
    ("09:02:00", agent("1001", "ready", "wrapped")),
    ("09:02:05", agent("1002", "wrap_up", "extend")),
    ("09:02:10", agent("1002", "ready", "wrapped")),
    ("09:02:15", Left("c2", "loans", "abandoned")),
    ("09:02:30", Answered("c3", Q, "1001")),
    ("09:02:30", agent("1001", "talking", "joined")),
    ("09:03:00", Joined("c4", Q)),
    ("09:03:04", Left("c4", Q, "abandoned")),
    ("09:04:00", Joined("c5", Q)),
    ("09:04:00", Ended("c3", Q, "1001", "caller")),
    ("09:04:00", Left("c3", Q, "served")),
    ("09:04:00", agent("1001", "ready", "ended")),
    ("09:04:15", Left("c5", Q, "abandoned")),
    ("09:05:00", Joined("c6", Q)),
    ("09:05:45", Left("c6", Q, "abandoned")),
    ("09:06:00", Joined("c7", Q)),
    ("09:06:30", Left("c7", Q, "callback")),
    ("09:07:00", Joined("c8", Q)),
    ("09:07:00", Left("c8", Q, "overflow")),
    ("09:14:59", Joined("c9", Q)),
    ("09:15:00", Joined("c10", Q)),
    ("09:15:05", Missed("c9", Q, "1002", "no_answer")),
    ("09:15:09", Answered("c9", Q, "1001")),
    ("09:15:09", agent("1001", "talking", "joined")),
    ("09:16:00", Ended("c9", Q, "1001", "caller")),
    ("09:16:00", Left("c9", Q, "served")),
    ("09:16:00", agent("1001", "ready", "ended")),
    ("09:20:00", Joined("c7b", Q, callback="b1")),
    ("09:20:00", Answered("c7b", Q, "1002")),
    ("09:20:00", agent("1002", "talking", "joined")),
    ("09:20:30", Ended("c7b", Q, "1002", "caller")),
    ("09:20:30", Left("c7b", Q, "served")),
    ("09:20:30", agent("1002", "ready", "ended")),
)
NOW = on("09:30:00")


def day() -> Counts:
    return taken(EVENTS).today(Q, NOW)


def test_the_counts() -> None:
    counts = day()
    assert counts.offered == 10  # c1 … c10; c7b is no new offer
    assert counts.handled == 4  # c1 c2 c3 c9
    assert counts.handled_in_time == 3  # 10, 20, 10 s; not 30 s
    assert (counts.abandoned, counts.abandoned_in_time, counts.abandoned_short) == (3, 2, 1)
    assert (counts.callbacks, counts.overflowed, counts.waiting) == (1, 1, 1)
    assert counts.called_back == 1
    assert (counts.missed, counts.transferred, counts.misrouted) == (1, 1, 1)
    assert (counts.ended_by_agent, counts.ended_by_caller) == (1, 2)


@pytest.mark.parametrize(
    ("figure", "value"),
    [
        ("service_level", 3 / 10),  # H_T/O
        ("service_level_b", (3 + 2) / (4 + 3)),  # (H_T + Ab_T)/(H + Ab)
        ("abandonment", 3 / 10),  # Ab/O
        ("abandonment_net", (3 - 1) / (10 - 1)),  # (Ab − Ab_short)/(O − Ab_short)
        ("asa_s", (10 + 20 + 30 + 10) / 4),
        ("time_to_abandon_s", (4 + 15 + 45) / 3),
        ("talk_s", (60 + 40 + 90 + 51) / 4),
        ("hold_s", 20 / 4),
        ("acw_s", (30 + 10) / 4),
        ("aht_s", (60 + 40 + 90 + 51 + 20 + 30 + 10) / 4),
        ("transfer_rate", 1 / 4),
        ("misroute", 1 / 4),
        ("missed_rate", 1 / (1 + 4)),
    ],
)
def test_the_figures(figure: str, value: float) -> None:
    assert getattr(day(), figure) == pytest.approx(value)


def test_the_transferred_caller_is_offered_to_the_other_queue_from_then_on() -> None:
    loans = taken(EVENTS).today("loans", NOW)
    assert (loans.offered, loans.abandoned) == (1, 1)
    assert loans.time_to_abandon_s == 15  # 09:02:00 to 09:02:15: since the transfer


def test_by_interval_of_the_offer() -> None:
    """c9 was offered in the first quarter and answered in the second."""
    parts = taken(EVENTS).intervals(DAY)
    starts = [on(clock).astimezone(UTC) for clock in ("09:00", "09:15")]
    first, second = (parts[Q, start] for start in starts)
    assert (first.offered, first.handled, second.offered, second.handled) == (9, 4, 1, 0)
    assert sum((one for (queue, _), one in parts.items() if queue == Q), Counts()) == day()


def test_what_waits_now() -> None:
    kpi = taken(EVENTS)
    assert (kpi.waiting(Q), kpi.longest_s(Q, NOW)) == (1, 900)  # c10, for 15 minutes
    assert (kpi.waiting("loans"), kpi.longest_s("loans", NOW)) == (0, 0)


@pytest.mark.parametrize(
    ("clock", "share"),
    [
        ("09:07:00", 3 / 6),  # c3 (09:02:30), c4, c5, c6, c7, c8 have ended their wait since 09:02
        ("09:08:30", 2 / 4),  # c5 … c8
        ("09:14:00", None),
    ],
)
def test_the_abandonment_of_the_last_five_minutes(clock: str, share: float | None) -> None:
    until = [event for event in EVENTS if event.at <= on(clock)]
    assert taken(until).recent(Q, on(clock)) == share


def test_counting_as_it_goes_is_counting_at_the_end() -> None:
    stays: list[Stay] = []
    counts = taken(EVENTS, stays=stays).today(Q, NOW)
    assert counts == recounted(stay for stay in stays if stay.queue == Q)


def works() -> dict[str, Work]:
    times = AgentTimes()
    for event in EVENTS:
        times.take(event)
    found: dict[str, Work] = {}
    for (name, _), work in times.work(NOW).items():
        found.setdefault(name, Work()).add(work)
    return found


def test_the_agents() -> None:
    one, two = works()["1001"], works()["1002"]
    # 08:50 paused 300; 08:55 ready 305; reserved 5; 09:00:10 talk 30, errand 20, talk 30;
    # ACW 30; ready 30; 09:02:30 talk 90; ready 669; 09:15:09 talk 51; ready 840 until 09:30.
    seconds = {doing: ms / 1000 for doing, ms in one.times.items()}
    assert seconds == {
        Doing.PAUSED: 300,
        Doing.AVAILABLE: 305 + 30 + 669 + 840,
        Doing.RINGING: 5,
        Doing.TALK: 30 + 30 + 90 + 51,
        Doing.HOLD: 20,
        Doing.ACW: 30,
    }
    assert one.pauses == {"break": 300_000}
    assert one.occupancy == pytest.approx(251 / (251 + 1844))
    assert one.aht_s == pytest.approx(251 / 3)
    assert (one.handled, one.missed, one.transferred) == (3, 0, 0)
    assert (two.handled, two.missed, two.transferred) == (2, 1, 1)
    assert two.logged_in_ms == 35 * 60_000  # 08:55 to 09:30
    # 09:01:20 talk 40, ACW 10, 09:20 talk 30: the callback too.
    assert two.occupancy == pytest.approx(80 / (35 * 60))
