"""Asking the questions of a survey, one by one: who would not answer one is asked the next."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
from msgspec.structs import replace

from ivr.centre.input import INVALID_PROMPTS, NO_INPUT_PROMPTS, Ended, Question, gather
from ivr.model.commands import Script, ask
from ivr.model.digits import Choices
from ivr.model.prompt import BargeIn
from ivr.model.properties import InputRules, Properties
from ivr.model.session import recording_name
from ivr.model.speech import Speech
from ivr.model.step import Context
from ivr.model.surveys import RECORDED, REFUSED, SurveyDocument
from ivr.model.surveys import Question as SurveyQuestion
from ivr.ports.channel import Collect, Record

NOT_AGAIN = "not_again"
"""The answer of who opts out."""
REPEAT = "9"
"""Hears the question again, where it is no answer."""
TRIES = 2
MOST_SILENT = 2
"""So many questions in a row that nobody answers, and nobody seems to be there."""
LEAST_COMMENT_MS = 1_000
_STOP = "#"
_BEFORE_TONE_MS = 300
"""A comment may be refused until the tone; who presses nothing speaks."""


class Given(msgspec.Struct, frozen=True):
    """What a caller gave for an answer: REFUSED by key, or not at all where `heard` is false."""

    answer: str
    recording: str = ""
    heard: bool = True


_NOTHING = Given(REFUSED, heard=False)


class Asked(msgspec.Struct, frozen=True):
    """How far a survey is: the answers so far, by question; `unheard` questions had none at all, the last
    `silent` ones among them in a row."""

    survey: str
    about: str = ""
    answers: dict[str, Any] = {}
    unheard: int = 0
    silent: int = 0

    @classmethod
    def of(cls, form: Mapping[str, Any]) -> Asked:
        """Return what a step keeps."""
        return cls(**form)

    def form(self) -> dict[str, Any]:
        """Return it for the step to keep."""
        return msgspec.structs.asdict(self)

    def with_answer(self, question: str, given: Given) -> Asked:
        """Return it after one more question."""
        return replace(
            self,
            answers={**self.answers, question: given.answer},
            unheard=self.unheard + (not given.heard),
            silent=0 if given.heard else self.silent + 1,
        )

    @property
    def in_vain(self) -> bool:
        """Whether nobody seems to be there."""
        return self.silent >= MOST_SILENT


def how_it_ended(asked: Asked) -> str:
    """Return how a survey ended that was asked to its end (`SurveyEnded.how`): no answer is no
    completion."""
    if any(asked.answers.values()):
        return "partial" if asked.unheard else "completed"
    return "no_input" if asked.unheard == len(asked.answers) else "refused"


def ask_question(context: Context, survey: SurveyDocument, name: str) -> Script[Given]:
    """Ask a question; return the answer, NOT_AGAIN among them."""
    question = survey.questions[name]
    if question.answer == "comment":
        return (yield from _comment(context, survey, question))
    answers = question.answers()
    asked = Question(
        prompt={1: question.ask},
        grammar=Choices((*answers, survey.refuse, survey.opt_out), _STOP),
        no_input=NO_INPUT_PROMPTS,
        invalid=INVALID_PROMPTS,
        repeat="" if REPEAT in answers else REPEAT,
    )
    entry = yield from gather(context, asked, _rules(survey))
    if entry.ended is not Ended.ENTERED:
        return _NOTHING
    return _meant(survey, entry.digits)


def _meant(survey: SurveyDocument, keys: str) -> Given:
    meanings = {survey.refuse: REFUSED, survey.opt_out: NOT_AGAIN}
    return Given(meanings.get(keys, keys))


def _comment(context: Context, survey: SurveyDocument, question: SurveyQuestion) -> Script[Given]:
    """Record what the caller says, unless they would rather not."""
    before = Collect(
        prompts=context.audible(question.ask),
        grammar=Choices((survey.refuse, survey.opt_out)),
        timeout_ms=_BEFORE_TONE_MS,
        interdigit_ms=survey.interdigit,
        bargein=BargeIn.VALID,
    )
    collected = yield from ask(before)
    if collected.status.complete:
        return _meant(survey, collected.digits)
    name = recording_name(context.session)
    recorded = yield from ask(Record(name, question.longest, question.silence, _STOP))
    return Given(RECORDED, name) if recorded.ms >= LEAST_COMMENT_MS else _NOTHING


def _rules(survey: SurveyDocument) -> InputRules:
    own = Properties(
        timeout_ms=survey.timeout,
        interdigit_ms=survey.interdigit,
        tries=TRIES,
        max_failures=TRIES,
        terminator=_STOP,
        cancel="",
    )
    return InputRules.of(own)


def words() -> Iterator[Speech]:
    """Yield what is said beside the survey's own."""
    yield from NO_INPUT_PROMPTS.values()
    yield from INVALID_PROMPTS.values()
