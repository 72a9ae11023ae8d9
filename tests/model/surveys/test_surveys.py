"""What a survey's file may hold, what follows an answer, and whom a survey is for."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from ivr.model.place import Place
from ivr.model.sheet import Sheet
from ivr.model.surveys import Kind, SurveyDocument, SurveyRulesDocument, called, survey_for

QUESTIONS: dict[str, Any] = {
    "satisfied": {"ask": "a", "answer": "scale", "measures": "csat"},
    "solved": {"ask": "b", "answer": "yes_no"},
    "why": {"ask": "c", "answer": "comment", "only": {"satisfied": "1-2", "solved": "no"}},
}


def survey(name: str = "rating", **fields: Any) -> SurveyDocument:
    written = {
        "survey": name,
        "kind": "agent",
        "languages": ["zh"],
        "intro": "intro",
        "questions": QUESTIONS,
    }
    return SurveyDocument.model_validate(written | fields)


@pytest.mark.parametrize(
    ("answered", "next_one"),
    [
        ({}, "satisfied"),
        ({"satisfied": "1"}, "solved"),
        ({"satisfied": "1", "solved": "2"}, "why"),
        ({"satisfied": "1", "solved": "1"}, None),
        ({"satisfied": "3", "solved": "2"}, None),
        ({"satisfied": "", "solved": "2"}, None),
    ],
)
def test_a_question_follows_what_it_waits_for(
    answered: dict[str, str], next_one: str | None
) -> None:
    assert survey().following(answered) == next_one


def test_all_that_follows_depends_on_what_is_told_apart() -> None:
    one, other = {"satisfied": "1", "solved": ""}, {"satisfied": "2", "solved": "1"}
    assert survey().branches(one) == survey().branches(other)
    assert survey().branches(one) != survey().branches({"satisfied": "3", "solved": ""})


@pytest.mark.parametrize(
    ("question", "answers"),
    [
        ({"answer": "scale"}, "12345"),
        ({"answer": "scale", "scale": "0-9"}, "0123456789"),
        ({"answer": "yes_no"}, "12"),
        ({"answer": "choice", "options": {1: "waiting", 4: "else"}}, "14"),
    ],
)
def test_an_answer_is_a_key(question: dict[str, Any], answers: str) -> None:
    asked = survey(questions={"one": {"ask": "a"} | question}).questions["one"]
    assert asked.answers() == tuple(answers)


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"answer": "yes_no", "scale": "1-5"}, "`scale` with an answer of the kind yes_no"),
        ({"answer": "choice", "options": {1: "alone"}}, "fewer than two"),
        ({"answer": "scale", "scale": "1-10"}, "a scale is of two keys at least"),
        ({"answer": "scale", "scale": "5-1"}, "ends before it begins"),
        ({"answer": "nps", "measures": "csat"}, "csat is not measured by nps"),
        ({"answer": "comment", "only": {"solved": "maybe"}}, "no span of numbers"),
        ({"answer": "comment", "only": {"solved": []}}, "no answer at all"),
    ],
)
def test_a_question_is_refused(fields: dict[str, Any], why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        survey(questions={"one": {"ask": "a"} | fields})


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"opt_out": "#*"}, "begins with #"),
        ({"opt_out": "9"}, "pattern"),
        ({"refuse": "0"}, "pattern"),
        ({"kind": "self_service", "for_queues": ["cards"]}, "not about agents"),
    ],
)
def test_a_survey_is_refused(fields: dict[str, Any], why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        survey(**fields)


def test_a_queue_has_its_own_survey_before_that_for_all() -> None:
    documents = [
        survey(),
        survey("cards", for_queues=["cards"]),
        survey("abroad", languages=["en"]),
    ]
    sheets = {one.survey: Sheet(one, Place("f", 1, 1)) for one in documents}
    assert survey_for(sheets, Kind.AGENT, "zh", "cards") == "cards"
    assert survey_for(sheets, Kind.AGENT, "zh", "loans") == "rating"
    assert survey_for(sheets, Kind.AGENT, "en", "cards") == "abroad"
    assert survey_for(sheets, Kind.SELF_SERVICE, "zh") is None


def test_a_label_is_in_the_language_asked_for_or_in_any() -> None:
    assert called({"zh": "满意", "en": "content"}, "en") == "content"
    assert called({"zh": "满意"}, "en") == "满意"
    assert called("content", "zh") == "content"


def test_rules_have_their_least() -> None:
    rules = SurveyRulesDocument.model_validate({"survey_rules": {}}).survey_rules
    assert (rules.shortest, rules.later.within, rules.later.attempts) == (5_000, 86_400_000, 1)
