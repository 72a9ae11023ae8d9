"""Calls of which the figures can be counted by hand."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from ivr.centre.surveyreport.call import Call
from ivr.model.surveys import Question
from ivr.ports.coverage import Asked, CoverageRow, How, Leg

ZONE = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 11, 2, 12, tzinfo=ZONE)
QUESTIONS = {
    name: Question.model_validate({"ask": name, **rest})
    for name, rest in {
        "satisfied": {"answer": "scale", "measures": "csat"},
        "solved": {"answer": "yes_no", "measures": "fcr"},
        "recommend": {"answer": "nps", "measures": "nps"},
        "easy": {"answer": "scale", "measures": "ces", "scale": "1-7"},
        "comment": {"answer": "comment"},
    }.items()
}


def row(at: datetime = NOON, **more: Any) -> CoverageRow:
    """Return the row of a call that ended then, after five minutes."""
    fields: dict[str, Any] = {
        "number": 1,
        "call_id": "1.1",
        "started_at": at - timedelta(minutes=5),
        "ended_at": at,
        "how": How.IN_CALL,
        "reason": "",
        "survey": "after-agent",
        "kind": "agent",
        "language": "zh",
        "dnis": "95500",
        "ani": "13800000001",
        "customer": "",
        "version": "v1",
        "ended": "agent",
        "outcome": "completed",
        "legs": (leg(),),
        "previous": "",
    }
    return CoverageRow(**{**fields, **more})


def leg(by: str = "agent", agent: str = "1001", queue: str = "service", **more: Any) -> Leg:
    """Return a conversation of two minutes."""
    return Leg(**{"queue": queue, "agent": agent, "ms": 120_000, "by": by, **more})


def call(
    answers: dict[str, str] | None = None,
    again: bool | None = None,
    at: datetime = NOON,
    asked: Any = (),
    **more: Any,
) -> Call:
    """Return a call with these answers; `asked` are other fields of what came of asking."""
    one = row(at, **more)
    came = Asked(one.call_id, one.survey, answers or {}, **{"how": "completed", **dict(asked)})
    return Call(one, came, at, QUESTIONS, again)
