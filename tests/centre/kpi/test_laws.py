"""Whatever happens on a floor: nobody is lost from the figures, and they are the same at any time."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.centre.kpi import Kpi, Stay
from ivr.model.floor import (
    Answered,
    AnyFloorEvent,
    Ended,
    HandedOff,
    Held,
    Joined,
    Left,
    Missed,
    Stamped,
    Transferred,
)
from tests.centre.kpi.kit import DAY, ZONE, agent, on, recounted, taken

calls = st.sampled_from(["c1", "c2", "c3"])
queues = st.sampled_from(["q1", "q2"])
agents = st.sampled_from(["1001", "1002"])
events: st.SearchStrategy[AnyFloorEvent] = st.one_of(
    st.builds(Joined, calls, queues, callback=st.sampled_from(["", "", "b1"])),
    st.builds(Answered, calls, queues, agents),
    st.builds(Missed, calls, queues, agents, st.just("busy")),
    st.builds(Held, calls, queues, agents),
    st.builds(HandedOff, calls, queues, agents, st.just("e"), st.just("order"), st.just("o")),
    st.builds(Transferred, calls, queues, agents, st.sampled_from(["queue:q1", "agent:1002"])),
    st.builds(Ended, calls, queues, agents, st.sampled_from(["agent", "caller"])),
    st.builds(Left, calls, queues, st.sampled_from(["served", "abandoned", "full", "callback"])),
    st.builds(agent, agents, st.sampled_from(["ready", "talking", "wrap_up", "offline"])),
)
diaries = st.lists(st.tuples(st.integers(0, 600), events), max_size=40)


def dated(diary: list[tuple[int, AnyFloorEvent]]) -> list[Stamped]:
    at = on("23:30")
    found = []
    for number, (seconds, event) in enumerate(diary, 1):
        at += timedelta(seconds=seconds)
        found.append(Stamped(number, at, event))
    return found


@settings(max_examples=100)
@given(diaries)
def test_the_figures_of_every_moment_are_those_of_a_recount(
    diary: list[tuple[int, AnyFloorEvent]],
) -> None:
    stays: list[Stay] = []
    kpi = taken(dated(diary), stays=stays)
    for queue in ("q1", "q2"):
        days = {stay.offered.astimezone(ZONE).date(): stay.offered for stay in stays}
        for day, moment in days.items():
            mine = [
                stay
                for stay in stays
                if stay.queue == queue and stay.offered.astimezone(ZONE).date() == day
            ]
            counts = kpi.today(queue, moment)
            assert counts == recounted(mine)
            fates = counts.handled + counts.abandoned + counts.callbacks + counts.overflowed
            assert counts.offered == fates + counts.waiting
            parts = [one for (name, _), one in kpi.intervals(day).items() if name == queue]
            assert sum(part.offered for part in parts) == counts.offered


@given(diaries)
def test_who_waits_is_who_is_counted_as_waiting(diary: list[tuple[int, AnyFloorEvent]]) -> None:
    stays: list[Stay] = []
    kpi = taken(dated(diary), stays=stays)
    for queue in ("q1", "q2"):
        waiting = [one for one in stays if one.queue == queue and recounted([one]).waiting]
        assert kpi.waiting(queue) == len(waiting)


def test_days_are_forgotten_but_not_the_figures_of_today() -> None:
    kpi = Kpi(ZONE, days=2)
    for number in range(5):
        at = on("12:00") + timedelta(days=number)
        kpi.take(Stamped(2 * number + 1, at, Joined(f"c{number}", "q")))
    # A call of the first day ends on the last.
    kpi.take(Stamped(11, on("12:00") + timedelta(days=4), Left("c0", "q", "abandoned")))
    offered = [kpi.today("q", on("12:00") + timedelta(days=number)).offered for number in range(5)]
    assert offered == [0, 0, 0, 1, 1]
    assert kpi.intervals(DAY) == {}
