"""A small taxonomy, voices of its customers, and calls as the store tells them."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from ivr.centre.voc.values import Classified, How, Month, Source, Voice
from ivr.model.events import (
    CallEnded,
    CallQueued,
    CallStarted,
    Event,
    StepEntered,
    SurveyAnswered,
)
from ivr.model.taxonomy import TaxonomyDocument
from ivr.ports.voc import Told

ZONE = ZoneInfo("Asia/Shanghai")
OCTOBER = Month(2026, 10)
DAY_MS = 86_400_000
BEGIN = int(OCTOBER.begins(ZONE).timestamp() * 1000)
EDGES = [int(day.timestamp() * 1000) for day in (*OCTOBER.days(ZONE), OCTOBER.ends(ZONE))]
TAXONOMY = TaxonomyDocument.model_validate(
    {
        "taxonomy": {
            "cards": {
                "name": {"zh": "银行卡", "en": "Cards"},
                "themes": {
                    "fees": {"name": {"zh": "收费", "en": "Fees"}},
                    "lost": {"name": {"zh": "挂失", "en": "Lost"}},
                },
            },
            "people": {
                "name": {"zh": "人员", "en": "People"},
                "themes": {"manner": {"name": {"zh": "态度", "en": "Manner"}}},
            },
        },
        "collect": {
            "steps": ["main.complain"],
            "dispositions": ["complaint"],
            "answers": {"after-agent.satisfied": "1-2"},
            "callbacks": ["failed"],
        },
        "complaints": {"dispositions": ["complaint"], "cases": ["complaint"]},
        "rules": [
            {"theme": "cards.fees", "words": {"zh": ["年费"], "en": ["Annual Fee"]}},
            {"theme": "people.manner", "words": {"en": ["rude"]}, "queues": ["cards"]},
            {"theme": "cards.lost", "dispositions": ["lost", "complaint"], "queues": ["cards"]},
            {"theme": "people.manner", "answers": {"after-agent.satisfied": "1"}},
        ],
        "branches": {
            "102": {"name": {"zh": "东城", "en": "East"}, "numbers": ["95502"]},
            "900": {"name": {"zh": "卡部", "en": "Cards"}, "queues": ["cards"]},
        },
    }
)


def voice(number: int, theme: str = "", complaint: bool = False, **fields: object) -> Classified:
    """Return something said `number` hours into October."""
    at = BEGIN + 3_600_000 * number
    said = Voice(f"case:{number:08d}", Source.CASE, at, **fields)  # type: ignore[arg-type]
    return Classified(said, theme, How.RULE if theme else How.NOTHING, complaint)


def call(
    name: str,
    *way: str,
    day: int = 0,
    dnis: str = "95500",
    queue: str = "",
    answers: tuple[tuple[str, str, str], ...] = (),
    over: bool = True,
) -> list[Told]:
    """Return a call through menu steps (`main.menu`); one with a `!` is of another type. Each thing takes
    a second. `answers` are questions of after-agent, answers, and what they are about."""
    told: list[Event] = [CallStarted(dnis, "13800000001", "v1", "main")]
    for step in way:
        flow, _, named = step.rstrip("!").partition(".")
        told.append(StepEntered(flow, named, "say" if step.endswith("!") else "menu"))
    if queue:
        told.append(CallQueued(queue, "served"))
    told += [SurveyAnswered("after-agent", q, a, about=about) for q, a, about in answers]
    if over:
        told.append(CallEnded("completed", "C1001"))
    start = EDGES[day] + 10 * 3_600_000
    return [(name, start + 1000 * place, event) for place, event in enumerate(told)]
