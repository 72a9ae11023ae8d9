"""What came of callbacks, from the events of the floor, on the day on which each thing happened."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

from ivr.centre.kpi.intervals import day_of
from ivr.model.floor import CallbackChanged, Stamped
from ivr.ports.callbacks import OFFERED, SCHEDULED, State


class Callbacks(msgspec.Struct):
    """How many callbacks came to each state (`ivr.ports.callbacks.State`, and OFFERED …); and by how
    much, in milliseconds, customers talked with an agent later than they were promised."""

    states: Counter[str] = msgspec.field(default_factory=Counter)
    slip_ms: int = 0
    promised: int = 0

    @property
    def accept_rate(self) -> float | None:
        """Callers who want it/who were asked."""
        return self._rate(State.KEPT, OFFERED)

    @property
    def reach_rate(self) -> float | None:
        """Attempts in which the customer answered/attempts."""
        return self._rate(State.REACHED, State.ATTEMPTED)

    @property
    def bridge_rate(self) -> float | None:
        """Customers who talked with an agent/who answered."""
        return self._rate(State.BRIDGED, State.REACHED)

    @property
    def slip_s(self) -> float | None:
        """Mean promise slip in seconds: how much later than promised; less than 0 is earlier."""
        return self.slip_ms / self.promised / 1000 if self.promised else None

    def _rate(self, part: str, whole: str) -> float | None:
        return self.states[part] / self.states[whole] if self.states[whole] else None


class CallbackTally:
    """Takes every event of the floor."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self._days: dict[tuple[date, str], Callbacks] = {}
        self._due: dict[str, datetime] = {}

    def on(self, day: date) -> dict[str, Callbacks]:
        """Return what came of callbacks on a day, by queue."""
        return {queue: one for (when, queue), one in self._days.items() if when == day}

    def take(self, stamped: Stamped) -> None:
        """Count one event."""
        event = stamped.event
        if not isinstance(event, CallbackChanged):
            return
        key = (day_of(stamped.at, self._zone), event.queue)
        counts = self._days.setdefault(key, Callbacks())
        counts.states[event.state] += 1
        if event.state in (State.KEPT, SCHEDULED) and event.due is not None:
            self._due[event.callback] = event.due
        elif event.state == State.BRIDGED and event.callback in self._due:
            slip = stamped.at - self._due.pop(event.callback)
            counts.slip_ms += slip // timedelta(milliseconds=1)
            counts.promised += 1
