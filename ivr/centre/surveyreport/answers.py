"""What was answered to each question, and day by day."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date

import msgspec

from ivr.centre.surveyreport.call import Call
from ivr.centre.surveyreport.scores import Figure, figure
from ivr.centre.surveyreport.strata import Cell
from ivr.model.surveys import NO, YES, Question
from ivr.model.surveys.question import called

LANGUAGES = ("zh", "en")
_YES_NO = {"zh": ("是", "否"), "en": ("yes", "no")}


class Answers(msgspec.Struct, frozen=True):
    """A question of a survey: how often each answer was given, in the question's order; `refused` counts
    those who were asked and did not answer. Titles and labels are by language; `only` are the answers to
    earlier questions of those who were asked, empty: everybody was."""

    survey: str
    question: str
    counts: dict[str, int]
    refused: int
    kind: str = ""
    measures: str = ""
    only: dict[str, tuple[str, ...]] = {}
    titles: dict[str, str] = {}
    labels: dict[str, dict[str, str]] = {}


class Told:
    """Takes calls; knows all answers."""

    def __init__(self) -> None:
        self._counts: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
        self._questions: dict[tuple[str, str], Question] = {}
        self._days: Counter[tuple[str, date, float]] = Counter()

    def take(self, call: Call) -> None:
        """Count the answers of a call."""
        for name, answer in call.asked.answers.items():
            key = call.asked.survey, name
            self._counts[key][answer] += 1
            if name in call.questions:
                self._questions[key] = call.questions[name]
        for measure, value in call.scores:
            self._days[measure, call.at.date(), value] += 1

    def answers(self) -> list[Answers]:
        """Return the answers to each question, by survey."""
        return [self._answers(key, counts) for key, counts in sorted(self._counts.items())]

    def _answers(self, key: tuple[str, str], counts: Counter[str]) -> Answers:
        question = self._questions.get(key)
        known = question.answers() if question else ()
        others = sorted(one for one in counts if one and one not in known)
        found = Answers(*key, {one: counts[one] for one in (*known, *others)}, counts[""])
        if question is None:
            return found
        return msgspec.structs.replace(
            found,
            kind=question.answer,
            measures=question.measures or "",
            only=dict(question.only),
            titles={one: question.called(one, key[1]) for one in LANGUAGES},
            labels={one: _labels(question, one) for one in LANGUAGES},
        )

    def trend(self, measure: str) -> dict[str, Figure]:
        """Return a measure day by day, where anybody answered."""
        days: defaultdict[str, Cell] = defaultdict(Cell)
        for (one, day, value), count in self._days.items():
            if one == measure:
                days[day.isoformat()].add(Cell.of(value, count))
        return {day: figure(measure, cell) for day, cell in sorted(days.items())}


def _labels(question: Question, language: str) -> dict[str, str]:
    if question.answer == "yes_no":
        return dict(zip((YES, NO), _YES_NO[language], strict=True))
    return {key: called(label, language) for key, label in question.options.items()}
