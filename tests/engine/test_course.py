"""Where a call ended, by its events."""

from __future__ import annotations

import pytest

from ivr.engine.course import Course, Ending
from ivr.model.events import CallEnded, Event, HungUp, StepEntered, StepLeft
from tests.engine.against_kit import FLOWS


def entered(*steps: str) -> list[Event]:
    return [StepEntered("shop", step, "") for step in steps]


@pytest.mark.parametrize(
    ("events", "where"),
    [
        (entered("menu", "bye", "end"), "shop.bye"),
        (entered("menu", "agent", "bye", "end"), "shop.agent"),
        (entered("menu", "message", "menu", "agent", "bye"), "shop.agent"),
        ([*entered("menu", "agent"), StepLeft("shop", "agent", "refused")], "shop.agent"),
        (
            [*entered("menu", "agent"), StepLeft("shop", "agent", "refused"), *entered("bye")],
            "shop.bye",
        ),
        ([*entered("menu"), HungUp("shop", "menu"), *entered("note", "end")], "shop.menu"),
        ([*entered("agent", "menu"), HungUp("shop", "menu"), *entered("note")], "shop.agent"),
    ],
)
def test_where_a_call_ended(events: list[Event], where: str) -> None:
    course = Course(FLOWS)
    for event in [*events, CallEnded("completed")]:
        course.take(event)
    assert course.ending == Ending("completed", where)


def test_a_call_has_arrived_where_the_other_never_came() -> None:
    one, other = Course(FLOWS), Course(FLOWS)
    for event in entered("menu", "agent"):
        one.take(event)
    for event in entered("menu", "bye"):
        other.take(event)
    assert one.arrived(other)
    assert not other.arrived(one)
    other.take(entered("agent")[0])
    assert not one.arrived(other)
