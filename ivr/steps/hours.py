"""The step type `hours`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar
from zoneinfo import ZoneInfo

from pydantic import Field

from ivr.centre.hours import is_holiday, overridden, spans, state
from ivr.model.commands import Script, ask
from ivr.model.errors import EvaluationError
from ivr.model.fields import FlowName
from ivr.model.outcome import Outcome
from ivr.model.step import Context, Step, Visit
from ivr.ports.clock import Now
from ivr.ports.overrides import GetOverrides

_WORDS: Mapping[str, Mapping[str, str]] = {
    "zh": {
        "because": "日历 {calendar}（{zone}）现在是 {now}，当日服务时间：{hours}{why}",
        "closed": "无",
        "holiday": "（节假日）",
        "overridden": "（临时调整）",
    },
    "en": {
        "because": "by the calendar {calendar} it is {now} ({zone}); its hours today: {hours}{why}",
        "closed": "none",
        "holiday": " (a holiday)",
        "overridden": " (overridden)",
    },
}


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

    def because(self, visit: Visit, language: str) -> str:
        published = visit.context.calendars[self.calendar]
        told = {type(command): answer for command, answer in visit.answers}
        asked: datetime = told[Now]
        now = asked.astimezone(ZoneInfo(published.zone))
        calendar = overridden(published, told[GetOverrides])
        words, today = _WORDS[language], now.date()
        why = words["holiday"] if is_holiday(calendar, today) else ""
        if any(one.day == today for one in told[GetOverrides]):
            why += words["overridden"]
        return words["because"].format(
            calendar=calendar.name,
            zone=calendar.zone,
            now=f"{now:%Y-%m-%d %H:%M}",
            hours=", ".join(map(str, spans(calendar, today))) or words["closed"],
            why=why,
        )

    def calendars(self) -> tuple[str, ...]:
        return (self.calendar,)
