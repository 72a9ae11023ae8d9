"""The step type `case_status`."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from typing import ClassVar

from pydantic import Field

from ivr.centre.customers import customer_number
from ivr.centre.input import INVALID_PROMPTS, NO_INPUT_PROMPTS, Ended, Entry, Question, gather
from ivr.model.commands import Script, ask
from ivr.model.digits import Choices
from ivr.model.document import Name
from ivr.model.errors import PortError
from ivr.model.fields import VariableName
from ivr.model.inputfields import InputFields
from ivr.model.outcome import Outcome
from ivr.model.speech import Escalating, PromptId, Speech, SpokenItem
from ivr.model.step import Context, Step
from ivr.ports.callercases import CallersCase, CasesOf, TellCase
from ivr.ports.cases import CaseState
from ivr.ports.channel import Play

_MOST = 3
"""Cases that are offered: the latest."""
_OPEN, _SOLVED, _ANSWERED, _CLOSED = (
    "case-state-open",
    "case-state-solved",
    "case-state-answered",
    "case-state-closed",
)
_LATE, _BY = "case-late", "case-answer-by"
_STATES = (_OPEN, _SOLVED, _ANSWERED, _CLOSED, _LATE, _BY)
_SET = ("number", "kind", "state", "queue")


class CaseStatus(Step, InputFields):
    """Tell customers how far their cases are: "about your complaint of Monday, press 1".

    It offers the latest cases that are open, or were closed within 30 days, and tells of the one that is
    chosen how far it is and by when the customer is answered. Of a case that its kind says a higher level
    for nothing is told, not even that it is there. What is told is written into the case.
    """

    verb: ClassVar[str] = "case_status"
    goal: ClassVar[bool] = True
    outcomes: ClassVar[dict[str, str]] = {
        "told": "The caller was told of a case.",
        "none": "The caller has no case of these kinds that they may be told of.",
        "unavailable": "The book of cases did not answer, or not in time.",
        "no_input": "The caller chose none.",
        "invalid": "The caller keyed what was not offered, too often.",
    }
    normal: ClassVar[str | None] = "told"
    example: ClassVar[str] = """\
my-cases:
  case_status:
    kinds: {complaint: case-kind-complaint, suggestion: case-kind-suggestion}
  requires: {auth: 2}
  on: {told: then, none: nothing, unavailable: agent, no_input: agent, invalid: agent, refused: agent}
"""

    kinds: dict[Name, PromptId] = Field(
        min_length=1,
        description="The kinds that are told of, each with the prompt that names such a case before the"
        " date on which it was opened.",
    )
    into: VariableName = Field(
        "case",
        description="Sets `<into>_number`, `<into>_kind`, `<into>_state` (open, solved, closed) and"
        ' `<into>_queue`, the queue of who owns it or "" (case).',
        examples=["case"],
    )
    no_input: Escalating = Field(
        default=dict(NO_INPUT_PROMPTS), description="Said after silence, by count of silences."
    )
    invalid: Escalating = Field(
        default=dict(INVALID_PROMPTS),
        description="Said after a key that is not offered, by count of those.",
    )

    def run(self, context: Context) -> Script[Outcome]:
        customer = customer_number(context.session)
        if customer is None:
            return Outcome("none")
        try:
            found = yield from ask(CasesOf(customer))
        except PortError:
            return Outcome("unavailable")
        told = [one for one in found if one.kind in self.kinds]
        told = [one for one in told if context.session.reaches(one.auth)][:_MOST]
        if not told:
            return Outcome("none")
        entry = yield from self._choice(context, told)
        if entry.ended is not Ended.ENTERED:
            return Outcome(entry.ended.value, failures=entry.failures)
        return (yield from self._tell(context, told[int(entry.digits) - 1], entry.failures))

    def _choice(self, context: Context, told: list[CallersCase]) -> Script[Entry]:
        offered = [
            item
            for key, one in enumerate(told, 1)
            for item in (self.kinds[one.kind], _day(one.opened_at), f"press-{key}")
        ]
        question = Question(
            prompt={1: Speech(tuple(offered))},
            grammar=Choices(tuple(str(key) for key in range(1, len(told) + 1))),
            no_input=self.no_input,
            invalid=self.invalid,
        )
        return (yield from gather(context, question, context.rules(self.properties())))

    def _tell(self, context: Context, case: CallersCase, failures: int) -> Script[Outcome]:
        yield from ask(Play(context.audible(_state(case))))
        # That it was told is for the case's history; the caller does not suffer where it cannot be kept.
        with suppress(PortError):
            yield from ask(TellCase(case.number, context.session.call_id))
        values = (case.number, case.kind, case.state.value, case.queue)
        variables = dict(zip(self.assigns(), values, strict=True))
        return Outcome("told", variables=variables, failures=failures)

    def speeches(self) -> Iterator[Speech]:
        yield from (Speech((prompt,)) for prompt in self.kinds.values())
        yield from (Speech((f"press-{key}",)) for key in range(1, _MOST + 1))
        yield from (Speech((prompt,)) for prompt in _STATES)
        for speeches in (self.no_input, self.invalid):
            yield from speeches.values()

    def assigns(self) -> Mapping[str, str]:
        return {f"{self.into}_{name}": "text" for name in _SET}

    def sets(self, outcome: str) -> Collection[str]:
        return self.assigns() if outcome == "told" else ()

    def compares(self) -> Mapping[str, tuple[str, ...]]:
        return {"kind": tuple(self.kinds)}

    def case_kinds(self) -> Iterator[str]:
        yield from self.kinds


def _state(case: CallersCase) -> Speech:
    """Return how far a case is, in words, and by when its customer is answered."""
    if case.state is CaseState.CLOSED:
        return Speech((_CLOSED,))
    if case.answered:
        return Speech((_ANSWERED,))
    state = _SOLVED if case.state is CaseState.SOLVED else _OPEN
    if case.late:
        return Speech((state, _LATE))
    return Speech((state,) if case.due is None else (state, _BY, _day(case.due)))


def _day(at: datetime) -> SpokenItem:
    return SpokenItem(date=at.date().isoformat())
