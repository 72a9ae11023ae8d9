"""Calls and surveys that tests of the coverage ledger share."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from ivr.centre.surveys.deciding import Asking
from ivr.model.events import CallEnded, CallStarted, ConversationEnded, Event, HungUp
from ivr.model.place import Place
from ivr.model.sheet import Sheet
from ivr.model.surveys import SurveyDocument, SurveyRulesDocument
from ivr.ports.store import StampedEvent

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
CALL = "1764000000.7"


def survey(name: str, kind: str = "agent", **more: Any) -> SurveyDocument:
    """Return a survey of one question."""
    question = {"ask": "survey-satisfied", "answer": "scale", "measures": "csat"}
    said = {"languages": ["zh", "en"], "intro": "intro", "questions": {"satisfied": question}}
    return SurveyDocument.model_validate({"survey": name, "kind": kind, **said, **more})


def asking(*surveys: SurveyDocument, **rules: Any) -> Asking:
    """Return whom a bank asks that has these surveys, or one after agents and one after self-service."""
    chosen = surveys or (survey("after-agent"), survey("after-self-service", "self_service"))
    sheets = {one.survey: Sheet(one, Place(f"{one.survey}.yaml", 1, 1)) for one in chosen}
    document = SurveyRulesDocument.model_validate({"survey_rules": rules})
    return Asking(document.survey_rules, sheets)


def happened(
    *events: Event, call: str = CALL, seconds: float = 60, at: datetime = NOON
) -> list[StampedEvent]:
    """Return the events of a call of this length, at equal distances."""
    step = timedelta(seconds=seconds) / max(len(events) - 1, 1)
    return [StampedEvent(at + place * step, call, event) for place, event in enumerate(events)]


def started(ani: str = "13800000001", dnis: str = "95500", version: str = "v1") -> CallStarted:
    """Return the beginning of a call."""
    return CallStarted(dnis, ani, version, "main", "zh")


def talked(by: str = "agent", agent: str = "1001", queue: str = "service") -> ConversationEnded:
    """Return a conversation."""
    return ConversationEnded(queue, agent, 30_000, by, 1_200)


def served(*between: Event, customer: str = "C1001", by: str = "agent") -> Iterable[Event]:
    """Return a call that talked with an agent."""
    gone = (HungUp("main", "agent"),) if by == "caller" else ()
    return (started(), talked(by), *between, *gone, CallEnded("completed", customer))
