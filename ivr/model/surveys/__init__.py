"""Surveys: what `flows/surveys/NAME.yaml` and `flows/survey_rules.yaml` may hold."""

from __future__ import annotations

from collections.abc import Mapping

from ivr.model.sheet import Sheet
from ivr.model.surveys.answers import NO, RECORDED, REFUSED, YES, Answers
from ivr.model.surveys.document import Kind, SurveyDocument
from ivr.model.surveys.question import Question, called
from ivr.model.surveys.rules import Later, SurveyRules, SurveyRulesDocument

__all__ = [
    "NO",
    "RECORDED",
    "REFUSED",
    "YES",
    "Answers",
    "Kind",
    "Later",
    "Question",
    "SurveyDocument",
    "SurveyRules",
    "SurveyRulesDocument",
    "called",
    "survey_for",
]


def survey_for(
    surveys: Mapping[str, Sheet[SurveyDocument]], kind: Kind, language: str, queue: str = ""
) -> str | None:
    """Return the survey of a kind for callers of a language, `queue` being that of their last agent.

    One that names the queue comes before one for all of them. None: the bank has none for such callers.
    """
    fitting = [
        sheet.document
        for sheet in surveys.values()
        if sheet.document.kind == kind and language in sheet.document.languages
    ]
    named = [one for one in fitting if queue and queue in one.for_queues]
    others = [one for one in fitting if not one.for_queues]
    return next((one.survey for one in (*named, *others)), None)
