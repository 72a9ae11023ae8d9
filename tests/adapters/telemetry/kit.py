"""What the tests of telemetry share: a call's events, and a clock."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from ivr.adapters.sim.clock import VirtualClock
from ivr.model.events import CallEnded, CallQueued, CallStarted, Event, StepEntered, StepLeft
from ivr.ports.events import Events

ANI = "13800001001"
CALL = "1764000000.17"


class Kept:
    """An events port that keeps them."""

    def __init__(self) -> None:
        self.events: list[tuple[str, Event]] = []

    def emit(self, call_id: str, event: Event) -> None:
        self.events.append((call_id, event))


def clock() -> VirtualClock:
    return VirtualClock(datetime(2026, 11, 23, 10, tzinfo=ZoneInfo("Asia/Shanghai")))


def call(events: Events, at: VirtualClock) -> None:
    """Have a call of 42 s that goes through two steps and a queue."""
    events.emit(CALL, CallStarted("95500", ANI, "ab" * 32, "main"))
    events.emit(CALL, StepEntered("main", "menu", "menu"))
    at.advance_to(2_000)
    events.emit(CALL, StepLeft("main", "menu", "0"))
    events.emit(CALL, StepEntered("main", "agent", "queue"))
    events.emit(CALL, CallQueued("service", "served"))
    at.advance_to(42_000)
    events.emit(CALL, StepLeft("main", "agent", "served"))
    events.emit(CALL, CallEnded("completed"))
