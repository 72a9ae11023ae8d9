"""Traffic, folded from what calls left behind."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from ivr.centre.traffic import Spot, StepTraffic, Traffic, TrafficCounter
from ivr.model.events import (
    CallEnded,
    CallResumed,
    CallStarted,
    Event,
    HungUp,
    PromptPlayed,
    StepEntered,
    StepFailed,
    StepLeft,
)
from ivr.ports.store import StampedEvent

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
V1 = "1" * 64


def enters(spot: str) -> Event:
    flow, _, step = spot.partition(".")
    return StepEntered(flow, step, "say")


def leaves(spot: str, outcome: str) -> Event:
    flow, _, step = spot.partition(".")
    return StepLeft(flow, step, outcome)


def call(*events: Event, number: int = 1, version: str = V1) -> Iterator[StampedEvent]:
    """Yield a call's events, a second apart."""
    began = CallStarted("95500", "", version, "main")
    for second, event in enumerate((began, *events)):
        at = NOON + timedelta(minutes=number, seconds=second)
        yield StampedEvent(at, f"call-{number}", event)


def counted(*calls: Iterable[StampedEvent], version: str | None = None) -> Traffic:
    counter = TrafficCounter(version)
    for stamped in sorted((one for events in calls for one in events), key=lambda one: one.at):
        counter.take(stamped)
    return counter.traffic()


def test_a_step_that_is_left() -> None:
    traffic = counted(
        call(
            enters("main.menu"),
            PromptPlayed(("main-menu",), interrupted=False),
            leaves("main.menu", "2"),
            CallEnded("done"),
        )
    )
    assert traffic.at("main", "menu") == StepTraffic(1, {"2": 1}, ms=2000, over=1)
    assert traffic.at("main", "menu").average_ms == 2000
    assert traffic.calls == 1
    assert traffic.first == traffic.last == NOON + timedelta(minutes=1)


def test_a_step_that_called_a_subflow_is_visited_until_it_is_back() -> None:
    traffic = counted(
        call(
            enters("main.branch"),
            enters("branches.which"),
            leaves("branches.which", "done"),
            enters("branches.done"),
            leaves("branches.done", "ok"),
            leaves("main.branch", "ok"),
            CallEnded("done"),
        )
    )
    assert traffic.at("main", "branch") == StepTraffic(1, {"ok": 1}, ms=5000, over=1)
    assert traffic.at("branches", "which") == StepTraffic(1, {"done": 1}, ms=1000, over=1)


def test_a_step_that_was_left_for_authentication_is_one_visit() -> None:
    traffic = counted(
        call(
            enters("main.balance"),
            enters("authenticate.ask"),
            leaves("authenticate.ask", "ok"),
            enters("authenticate.granted"),
            leaves("authenticate.granted", "ok"),
            enters("main.balance"),
            leaves("main.balance", "done"),
            CallEnded("done"),
        )
    )
    assert traffic.at("main", "balance") == StepTraffic(1, {"done": 1}, ms=6000, over=1)


def test_a_step_that_goes_on_after_a_lost_connection_is_one_visit() -> None:
    traffic = counted(
        call(
            enters("main.menu"),
            CallResumed("main", "menu"),
            enters("main.menu"),
            leaves("main.menu", "1"),
            CallEnded("done"),
        )
    )
    assert traffic.at("main", "menu") == StepTraffic(1, {"1": 1}, ms=3000, over=1)


def test_a_step_that_leads_to_itself_is_visited_anew() -> None:
    traffic = counted(
        call(
            enters("main.menu"),
            leaves("main.menu", "no_input"),
            enters("main.menu"),
            leaves("main.menu", "1"),
            CallEnded("done"),
        )
    )
    assert traffic.at("main", "menu") == StepTraffic(2, {"no_input": 1, "1": 1}, ms=2000, over=2)


def test_a_hang_up_counts_where_the_caller_was() -> None:
    traffic = counted(
        call(
            enters("main.branch"), enters("branches.which"), HungUp("branches", "which"),
            CallEnded("caller"),
        )
    )  # fmt: skip
    assert traffic.at("branches", "which") == StepTraffic(1, {"hangup": 1}, ms=1000, over=1)
    assert traffic.at("branches", "which").drop_off == 1
    assert traffic.at("main", "branch") == StepTraffic(1, {}, ms=3000, over=1)
    assert traffic.at("main", "branch").drop_off == 0


def test_a_failure_in_a_subflow_that_the_calling_flow_handles_ends_the_calling_step() -> None:
    traffic = counted(
        call(
            enters("main.branch"),
            enters("branches.which"),
            StepFailed("branches", "which", "the bank is gone"),
            enters("main.sorry"),
            leaves("main.sorry", "done"),
            enters("main.branch"),
            CallEnded("done"),
        )
    )
    assert traffic.at("main", "branch") == StepTraffic(2, {}, ms=3000 + 1000, over=2)
    assert traffic.at("branches", "which") == StepTraffic(1, {"error": 1}, ms=1000, over=1)


def test_a_failure_that_the_subflow_handles_itself_leaves_the_calling_step_open() -> None:
    traffic = counted(
        call(
            enters("main.branch"),
            enters("branches.which"),
            StepFailed("branches", "which", "the bank is gone"),
            enters("branches.sorry"),
            leaves("branches.sorry", "done"),
            leaves("main.branch", "done"),
            CallEnded("done"),
        )
    )
    assert traffic.at("main", "branch") == StepTraffic(1, {"done": 1}, ms=5000, over=1)


def test_a_call_left_to_the_fallback_counts_where_it_failed() -> None:
    failing = (enters("main.menu"), StepFailed("main", "menu", "no file"))
    traffic = counted(
        call(*failing, CallEnded("failed")),
        call(*failing, enters("main.sorry"), CallEnded("done"), number=2),
    )
    assert traffic.at("main", "menu").lost == 1
    assert traffic.at("main", "menu").drop_off == 0.5


def test_only_calls_of_a_version_and_only_whole_ones() -> None:
    halved = list(call(enters("main.menu"), CallEnded("done"), number=3))[1:]
    traffic = counted(
        call(enters("main.menu"), CallEnded("done")),
        call(enters("main.menu"), CallEnded("done"), number=2, version="2" * 64),
        halved,
        version=V1,
    )
    assert traffic.versions == {V1: 1}
    assert traffic.flows == {"main": 1}
    assert traffic.at("main", "menu").visits == 1
    assert traffic.at("main", "nowhere") == StepTraffic()


def test_a_call_in_progress_has_no_time_yet() -> None:
    traffic = counted(call(enters("main.menu")))
    assert traffic.at("main", "menu") == StepTraffic(1)
    assert traffic.at("main", "menu").average_ms == 0


@given(st.lists(st.lists(st.sampled_from(["main.a", "main.b", "sub.c"]), max_size=6), max_size=4))
def test_every_visit_is_over_and_every_second_is_counted_once(ways: list[list[str]]) -> None:
    calls = [
        call(
            *(event for spot in way for event in (enters(spot), leaves(spot, "done"))),
            CallEnded("done"),
            number=number,
        )
        for number, way in enumerate(ways)
    ]
    traffic = counted(*calls)
    assert traffic.calls == len(ways)
    assert sum(one.visits for one in traffic.steps.values()) == sum(map(len, ways))
    assert all(one.over == one.visits for one in traffic.steps.values())
    assert sum(one.ms for one in traffic.steps.values()) == 1000 * sum(map(len, ways))
    assert all(Spot(*spot.split(".")) in traffic.steps for way in ways for spot in way)
