"""How a call went, told by its events."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ivr.centre.outcomes import record
from ivr.model.events import (
    CallEnded,
    CallQueued,
    CallStarted,
    CallTransferred,
    Event,
    LanguageChanged,
    StepEntered,
    StepFailed,
)
from ivr.ports.store import CallRecord, StampedEvent

START = datetime(2026, 11, 23, 2, tzinfo=UTC)
STARTED = CallStarted("95500", "138", "v1", "main", "zh")


def told(*events: Event) -> CallRecord | None:
    """The record of a call with these events, a second apart."""
    return record(
        StampedEvent(START + timedelta(seconds=number), "c1", event)
        for number, event in enumerate(events)
    )


@pytest.mark.parametrize(
    ("events", "flags"),
    [
        ([CallEnded("completed")], {"contained"}),
        ([CallEnded("caller")], {"contained"}),
        ([], set()),
        ([CallQueued("service", "served"), CallEnded("caller")], {"zero_out"}),
        ([CallQueued("service", "abandoned"), CallEnded("caller")], {"zero_out", "abandoned"}),
        ([CallQueued("service", "timeout"), CallEnded("completed")], {"zero_out"}),
        ([CallTransferred("desk", "hung_up"), CallEnded("caller")], {"zero_out"}),
        ([StepFailed("main", "pay", "bank down"), CallEnded("completed")], {"failed"}),
        ([CallEnded("failed")], {"failed"}),
        (
            [StepFailed("main", "pay", ""), CallQueued("service", "served"), CallEnded("caller")],
            {"failed", "zero_out"},
        ),
    ],
)
def test_flags(events: list[Event], flags: set[str]) -> None:
    call = told(STARTED, *events)
    assert call is not None
    names = ("zero_out", "failed", "abandoned", "contained")
    assert {name for name in names if getattr(call, name)} == flags


def test_a_call_is_told_from_its_start_to_its_end() -> None:
    call = told(
        STARTED, StepEntered("main", "menu", "menu"), LanguageChanged("en"), CallEnded("completed")
    )
    assert call == CallRecord(
        call_id="c1",
        started=START,
        ended=START + timedelta(seconds=3),
        dnis="95500",
        ani="138",
        flow="main",
        version="v1",
        language="en",
        reason="completed",
        zero_out=False,
        failed=False,
        abandoned=False,
        contained=True,
    )


def test_events_without_a_start_are_no_call() -> None:
    assert told(LanguageChanged("en"), CallEnded("caller")) is None
