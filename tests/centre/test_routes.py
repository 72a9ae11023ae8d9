"""The ways through a survey, and how long the longest is."""

from __future__ import annotations

from ivr.adapters.sim.prompts import SimPrompts
from ivr.centre.routes import longest_ms, routes
from ivr.model.surveys import SurveyDocument

SURVEY = SurveyDocument.model_validate(
    {
        "survey": "rating",
        "kind": "agent",
        "languages": ["en"],
        "intro": "intro",
        "timeout": "4s",
        "interdigit": "1500ms",
        "questions": {
            "solved": {"ask": "solved", "answer": "yes_no"},
            "why": {"ask": "why", "answer": "comment", "longest": "20s", "only": {"solved": "no"}},
            "praise": {"ask": "praise", "answer": "nps", "only": {"solved": "yes"}},
            "never": {"ask": "never", "answer": "nps", "only": {"solved": "no", "praise": "10"}},
        },
    }
)


def test_each_way_is_one_that_answers_lead() -> None:
    assert routes(SURVEY) == {("solved",), ("solved", "why"), ("solved", "praise")}


def test_the_longest_way_is_heard_whole_and_answered_at_the_last_moment() -> None:
    prompts = SimPrompts({"en": {}})
    said = {
        path: sum(one.ms for one in prompts.render(speech.audible({}), "en"))
        for path, speech in SURVEY.spoken()
    }
    ends = said["intro"] + said["thanks"]
    commented = said["questions.solved.ask"] + 4_000 + said["questions.why.ask"] + 20_000
    assert longest_ms(SURVEY, prompts, "en") == ends + commented
