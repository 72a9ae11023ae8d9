"""The step type `survey`."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any, ClassVar

from pydantic import Field, PrivateAttr

from ivr.centre.customers import customer_number
from ivr.centre.questioning import (
    NOT_AGAIN,
    Asked,
    ask_question,
    how_it_ended,
    words,
)
from ivr.model.commands import Script, ask
from ivr.model.document import Name
from ivr.model.errors import CallerHungUp, PortError
from ivr.model.events import SurveyAnswered, SurveyEnded, SurveyOffered
from ivr.model.flow import FlowSet
from ivr.model.outcome import Outcome, Stay
from ivr.model.place import Place
from ivr.model.sheet import Sheet
from ivr.model.speech import Speech
from ivr.model.step import Context, Step, Visit
from ivr.model.surveys import Kind, SurveyDocument
from ivr.model.values import Value
from ivr.ports.channel import Play
from ivr.ports.surveys import Asking, Due, DueSurvey, OptOut, Said, TellSurvey

NONE = "none"
_OF_CALLS = (Kind.AGENT, Kind.SELF_SERVICE)
"""What a caller is asked about in the very call that it is about."""
_PENDING = (*_OF_CALLS, Kind.CASE_CLOSED)
"""And what later."""
_NOTHING_DUE = {
    "zh": "没有应做的评价，原因见覆盖台账",
    "en": "no survey was due: the coverage ledger has the reason",
}


class Survey(Step):
    """Ask the caller to rate the service, by the survey that is due: see docs/surveys.md.

    Which one that is, and whether there is any, nobody in the call decides: rules do, and they are in
    `survey_rules.yaml`. The first question follows the survey's intro at once. One key refuses a
    question, another entry all surveys for ever; silence and wrong keys have a question asked once more, then
    the next one. After two questions in a row that nobody answers it is over. Every answer is kept before the
    next question, also if the caller then hangs up or the engine dies.
    """

    verb: ClassVar[str] = "survey"
    listens: ClassVar[bool] = True
    outcomes: ClassVar[dict[str, str]] = {
        "done": "The caller was asked, or need not be; also where the answers cannot be kept now.",
    }
    optional: ClassVar[dict[str, str]] = {NONE: "No survey is due."}
    helps: ClassVar[tuple[str, ...]] = ("done", NONE)
    parting: ClassVar[bool] = True
    normal: ClassVar[str | None] = "done"
    example: ClassVar[str] = """\
rate:
  survey: {}
  next: goodbye
"""

    name: Name | None = Field(
        None,
        description="The survey, of the kind campaign, that the call of a campaign is for; else the one"
        " that is due is asked.",
        examples=["service-check"],
    )
    pending: bool = Field(
        False,
        strict=True,
        description="About an earlier call, or a case: for callers who ring the survey's number back, and"
        " for those whom the bank has called to ask (false).",
    )

    _surveys: Mapping[str, Sheet[SurveyDocument]] = PrivateAttr(default_factory=dict)

    def helping(self) -> tuple[str, ...]:
        """Being asked is all that who rings the survey's number wants, and no help for anybody else."""
        return self.helps if self.pending else ()

    def bound(self, flow_set: FlowSet) -> Survey:
        copy = self.model_copy()
        copy._surveys = {
            name: sheet for name, sheet in flow_set.surveys.items() if self._may_ask(sheet.document)
        }
        return copy

    def _may_ask(self, document: SurveyDocument) -> bool:
        if self.name is not None:
            return document.survey == self.name and document.kind is Kind.CAMPAIGN
        return document.kind in (_PENDING if self.pending else _OF_CALLS)

    def run(self, context: Context) -> Script[Outcome | Stay]:
        try:
            asked = _kept(context)
            if asked is None:
                asked = yield from self._begun(context)
            if asked is None:
                return Outcome(NONE if NONE in context.wired else "done")
            return (yield from self._next(context, asked))
        except PortError:
            return Outcome("done")

    def _begun(self, context: Context) -> Script[Asked | None]:
        """Return the survey that is due, its intro heard; None where none is."""
        session = context.session
        customer = customer_number(session) or ""
        asking = Asking(
            session.call_id,
            session.ani,
            customer,
            session.language,
            session.dnis,
            self.pending,
            self.name or "",
        )
        due: Due | None = yield from ask(DueSurvey(asking))
        if due is None or due.survey not in self._surveys:
            return None
        asked = Asked(due.survey, due.about, dict(due.answered))
        if not asked.answers:
            # Offered is who has heard of it: whoever is gone by then is asked in another way.
            intro = self._surveys[asked.survey].document.intro
            yield from ask(Play(context.audible(intro)))
            yield from _tell(context, SurveyOffered(asked.survey, asked.about))
        return asked

    def _next(self, context: Context, asked: Asked) -> Script[Outcome | Stay]:
        """Ask the next question; stay for the one after it."""
        document = self._surveys[asked.survey].document
        try:
            further = yield from self._answered(context, document, asked)
        except (CallerHungUp, PortError):
            with suppress(PortError):
                yield from _end(context, asked, "broken_off")
            raise
        if further is None:
            said = document.opted_out
        elif document.following(further.answers) is not None and not further.in_vain:
            return Stay(further.form())
        else:
            yield from _end(context, further, how_it_ended(further))
            said = document.thanks
        yield from ask(Play(context.audible(said)))
        return Outcome("done")

    def _answered(
        self, context: Context, document: SurveyDocument, asked: Asked
    ) -> Script[Asked | None]:
        """Ask one question and keep its answer; None: the caller is never to be asked again."""
        name = document.following(asked.answers)
        if name is None:
            return asked
        given = yield from ask_question(context, document, name)
        if given.answer == NOT_AGAIN:
            session = context.session
            yield from ask(OptOut(session.call_id, session.ani, customer_number(session) or ""))
            yield from _end(context, asked, "opted_out")
            return None
        said = SurveyAnswered(asked.survey, name, given.answer, given.recording, asked.about)
        yield from _tell(context, said)
        return asked.with_answer(name, given)

    def because(self, visit: Visit, language: str) -> str:
        none = any(isinstance(one, DueSurvey) and told is None for one, told in visit.answers)
        return _NOTHING_DUE[language] if none else ""

    def surveys(self) -> Collection[str]:
        return self._surveys

    def named_surveys(self) -> Iterable[str]:
        return () if self.name is None else (self.name,)

    def speeches(self) -> Iterator[Speech]:
        for sheet in self._surveys.values():
            yield from sheet.document.speeches()
        yield from words()

    def places(self) -> Mapping[str, Place]:
        return {
            f"={prompt.id}": sheet.place_of(path)
            for sheet in self._surveys.values()
            for path, speech in sheet.document.spoken()
            for prompt in speech.prompts()
        }

    def alike(self, form: Mapping[str, Any], scope: Mapping[str, Value]) -> Hashable:
        asked = Asked.of(form)
        document = self._surveys[asked.survey].document
        return asked.survey, document.branches(asked.answers), asked.silent

    def compares(self) -> Mapping[str, Collection[str]]:
        return {"survey": tuple(self._surveys)}


def _kept(context: Context) -> Asked | None:
    form = context.session.frame.form
    return Asked.of(form) if form else None


def _tell(context: Context, said: Said) -> Script[None]:
    yield from ask(TellSurvey(context.session.call_id, said))


def _end(context: Context, asked: Asked, how: str) -> Script[None]:
    yield from _tell(context, SurveyEnded(asked.survey, how, asked.about))
