"""Traffic: what callers did in the steps, folded from the events of many calls.

A step that enters a subflow is visited until the subflow has come back, and the time spent there is
its own as well. A step that the interpreter leaves for authentication and comes back to, or that goes
on after a lost connection, is one visit.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec

from ivr.model.events import (
    CallEnded,
    CallStarted,
    Event,
    HungUp,
    StepEntered,
    StepFailed,
    StepLeft,
)
from ivr.model.flow import ERROR, HANGUP
from ivr.ports.store import StampedEvent


class Spot(NamedTuple):
    """A step of a flow."""

    flow: str
    step: str


class StepTraffic(msgspec.Struct, frozen=True):
    """What happened in one step: how often it was entered, how it was left (`error` and `hangup`
    among the outcomes), and how long callers were in it, in milliseconds, over the visits that are
    over. `lost` calls failed here with no handler and were left to the dialplan's fallback."""

    visits: int = 0
    outcomes: Mapping[str, int] = {}
    ms: int = 0
    over: int = 0
    lost: int = 0

    @property
    def average_ms(self) -> int:
        """How long a visit took on average; 0 when none is over."""
        return round(self.ms / self.over) if self.over else 0

    @property
    def drop_off(self) -> float:
        """The share of visits in which the caller hung up, or the call was left to the fallback."""
        gone = self.outcomes.get(HANGUP, 0) + self.lost
        return min(gone / self.visits, 1.0) if self.visits else 0.0


class Traffic(msgspec.Struct, frozen=True):
    """Calls that began, by version and by the flow they began in, and what happened in each step.
    `first` and `last` are when the first and the last of them began."""

    steps: Mapping[Spot, StepTraffic] = {}
    versions: Mapping[str, int] = {}
    flows: Mapping[str, int] = {}
    first: datetime | None = None
    last: datetime | None = None

    @property
    def calls(self) -> int:
        """How many calls began."""
        return sum(self.versions.values())

    def at(self, flow: str, step: str) -> StepTraffic:
        """Return the traffic of a step; nothing where nobody came."""
        return self.steps.get(Spot(flow, step), _NOBODY)


_NOBODY = StepTraffic()


class _Count:
    """The figures of a step while they are counted."""

    def __init__(self) -> None:
        self.visits = 0
        self.outcomes: Counter[str] = Counter()
        self.spent = timedelta()
        self.over = 0
        self.lost = 0

    def frozen(self) -> StepTraffic:
        ms = round(self.spent / timedelta(milliseconds=1))
        return StepTraffic(self.visits, dict(self.outcomes), ms, self.over, self.lost)


class _Call:
    """A call in progress: the steps it is in, the innermost last. `failed` is where a step failed or
    the caller hung up, until it is known which flow's handler takes it; `gone` whether they did."""

    def __init__(self) -> None:
        self.open: list[tuple[Spot, datetime]] = []
        self.failed: Spot | None = None
        self.gone = False


class TrafficCounter:
    """Takes the events of many calls, in the order of time, and counts.

    Only calls whose beginning it is given count, and with `version` only those that run it.
    """

    def __init__(self, version: str | None = None) -> None:
        self._version = version
        self._calls: dict[str, _Call] = {}
        self._steps: dict[Spot, _Count] = {}
        self._versions: Counter[str] = Counter()
        self._flows: Counter[str] = Counter()
        self._first: datetime | None = None
        self._last: datetime | None = None

    def traffic(self) -> Traffic:
        """Return what was counted so far."""
        steps = {spot: count.frozen() for spot, count in self._steps.items()}
        return Traffic(steps, dict(self._versions), dict(self._flows), self._first, self._last)

    def take(self, stamped: StampedEvent) -> None:
        """Count one event."""
        event, at = stamped.event, stamped.at
        if isinstance(event, CallStarted):
            self._begin(stamped.call_id, event, at)
        elif (call := self._calls.get(stamped.call_id)) is not None:
            self._count(call, event, at)
            if isinstance(event, CallEnded):
                del self._calls[stamped.call_id]

    def _begin(self, call_id: str, event: CallStarted, at: datetime) -> None:
        if self._version not in (None, event.version):
            return
        self._calls[call_id] = _Call()
        self._versions[event.version] += 1
        self._flows[event.flow] += 1
        self._first = self._first or at
        self._last = at

    def _count(self, call: _Call, event: Event, at: datetime) -> None:
        match event:
            case StepEntered(flow, step):
                self._enter(call, Spot(flow, step), at)
            case StepLeft(flow, step, outcome):
                self._leave(call, Spot(flow, step), outcome, at)
            case StepFailed(flow, step):
                call.failed = Spot(flow, step)
                self._leave(call, call.failed, ERROR, at)
            case HungUp(flow, step):
                call.failed, call.gone = Spot(flow, step), True
                self._leave(call, call.failed, HANGUP, at)
            case CallEnded():
                self._end(call, at)

    def _enter(self, call: _Call, spot: Spot, at: datetime) -> None:
        if call.failed is not None:
            self._unwind(call, spot.flow, at)
        if call.open and call.open[-1][0] == spot:
            return
        self._of(spot).visits += 1
        call.open.append((spot, at))

    def _unwind(self, call: _Call, flow: str, at: datetime) -> None:
        """Close the steps that waited for a subflow which failed, up to the flow that handles it."""
        call.failed = None
        waiting = [spot.flow for spot, _ in call.open]
        if flow in waiting:
            self._close(call, waiting.index(flow), at)

    def _leave(self, call: _Call, spot: Spot, outcome: str, at: datetime) -> None:
        self._of(spot).outcomes[outcome] += 1
        places = [number for number, (one, _) in enumerate(call.open) if one == spot]
        if places:
            self._close(call, places[-1], at)

    def _end(self, call: _Call, at: datetime) -> None:
        if call.failed is not None and not call.gone:
            self._of(call.failed).lost += 1
        self._close(call, 0, at)

    def _close(self, call: _Call, depth: int, at: datetime) -> None:
        for spot, since in call.open[depth:]:
            count = self._of(spot)
            count.spent += at - since
            count.over += 1
        del call.open[depth:]

    def _of(self, spot: Spot) -> _Count:
        return self._steps.setdefault(spot, _Count())
