"""The course of a call: the steps it came through, and where it ended."""

from __future__ import annotations

import msgspec

from ivr.model.events import CallEnded, Event, HungUp, StepEntered, StepLeft
from ivr.model.flow import REFUSED, FlowSet


class Ending(msgspec.Struct, frozen=True):
    """How a call ended (`reason`, empty while it goes on), and `where`: in the last step that callers
    ring for; without one where the caller hung up, else in the last step before the end."""

    reason: str
    where: str


class Course:
    """Follows a call by its events. `trail` are the steps entered, `flow.step`."""

    def __init__(self, flows: FlowSet) -> None:
        self._flows = flows
        self._goals: list[str] = []
        self._last = ""
        self._gone = False
        self._reason = ""
        self.trail: list[str] = []

    @property
    def step(self) -> str:
        """The step that runs."""
        return self.trail[-1] if self.trail else ""

    def arrived(self, other: Course) -> bool:
        """Whether it is in a step that callers ring for, and the other call never came there."""
        goal = bool(self._goals) and self._goals[-1] == self.step
        return goal and self.step not in other.trail

    @property
    def ending(self) -> Ending:
        """How it ended, as far as it went."""
        return Ending(self._reason, self._goals[-1] if self._goals else self._last)

    def take(self, event: Event) -> None:
        """Follow one event."""
        match event:
            case StepEntered(flow, step):
                self._enter(flow, step)
            case StepLeft(flow, step, outcome) if outcome == REFUSED:
                # It was entered, but its caller was not let in.
                self._goals = [goal for goal in self._goals if goal != f"{flow}.{step}"]
            case HungUp(flow, step):
                self._last, self._gone = f"{flow}.{step}", True
            case CallEnded(reason):
                self._reason = reason

    def _enter(self, flow: str, name: str) -> None:
        where = f"{flow}.{name}"
        self.trail.append(where)
        step = self._flows.flows[flow].steps[name].step
        if step.ends or self._gone:
            return
        self._last = where
        if step.goal:
            self._goals.append(where)
