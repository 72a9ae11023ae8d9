"""The step type `hours`."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from ivr.centre.hours import overridden, state
from ivr.model.commands import Script, ask
from ivr.model.errors import EvaluationError
from ivr.model.fields import FlowName
from ivr.model.outcome import Outcome
from ivr.model.step import Context, Step
from ivr.ports.clock import Now
from ivr.ports.overrides import GetOverrides


class Hours(Step):
    """Ask a calendar whether somebody is there now, in the calendar's own time zone.

    A day that `ivr hours` overrides has the hours given there.
    """

    verb: ClassVar[str] = "hours"
    shorthand: ClassVar[str | None] = "calendar"
    outcomes: ClassVar[dict[str, str]] = {
        "open": "It is open now.",
        "closed": "It is closed at this hour or on this day.",
        "holiday": "It is closed, and today is a holiday.",
    }
    example: ClassVar[str] = """\
agent-hours:
  hours: service
  on: {open: agent, closed: voicemail, holiday: voicemail}
"""

    calendar: FlowName = Field(description="The calendar, by its name.")

    def run(self, context: Context) -> Script[Outcome]:
        calendar = context.calendars.get(self.calendar)
        if calendar is None:
            raise EvaluationError(f"there is no calendar `{self.calendar}`")
        now = yield from ask(Now())
        overrides = yield from ask(GetOverrides(calendar.name))
        return Outcome(state(overridden(calendar, overrides), now).status.value)

    def calendars(self) -> tuple[str, ...]:
        return (self.calendar,)
