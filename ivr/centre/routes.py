"""The ways through a survey: which questions a caller may be asked, and how long that takes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ivr.centre.listening import heard_ms
from ivr.model.speech import Speech
from ivr.model.surveys import REFUSED, Question, SurveyDocument
from ivr.ports.prompts import Prompts

Route = tuple[str, ...]


def routes(survey: SurveyDocument) -> frozenset[Route]:
    """Return the rows of questions that callers may be asked, by their answers."""
    told_apart = {name: tuple(_told_apart(survey, name)) for name in survey.questions}
    return frozenset(_routes(survey, told_apart, {}))


def _routes(
    survey: SurveyDocument, answers: Mapping[str, tuple[str, ...]], answered: Mapping[str, str]
) -> Iterator[Route]:
    name = survey.following(answered)
    if name is None:
        yield tuple(answered)
        return
    for answer in answers[name]:
        yield from _routes(survey, answers, {**answered, name: answer})


def _told_apart(survey: SurveyDocument, name: str) -> Iterator[str]:
    """Yield one of all answers to a question that have the same questions follow."""
    seen: set[tuple[bool, ...]] = set()
    asking = [one.only[name] for one in survey.questions.values() if name in one.only]
    for answer in (REFUSED, *survey.questions[name].answers()):
        kind = tuple(answer in some for some in asking)
        if kind not in seen:
            seen.add(kind)
            yield answer


def longest_ms(survey: SurveyDocument, heard: Prompts, language: str) -> int:
    """Return how long the survey takes at most a caller who hears everything and answers each question
    when first asked, at the last moment, with the longest comment. Raises PortError."""

    def said(*speeches: Speech) -> int:
        return sum(heard_ms(heard, one.audible({}), language) for one in speeches)

    asked = {
        name: said(question.ask) + _answering_ms(survey, question)
        for name, question in survey.questions.items()
    }
    ends = said(survey.intro, survey.thanks)
    return ends + max(sum(asked[name] for name in route) for route in routes(survey))


def _answering_ms(survey: SurveyDocument, question: Question) -> int:
    if question.answer == "comment":
        return question.longest
    longer = any(len(answer) > 1 for answer in question.answers())
    return survey.timeout + (survey.interdigit if longer else 0)
