"""The step type `case`."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import ClassVar

from pydantic import Field

from ivr.centre.customers import customer_number
from ivr.model.commands import Script, ask
from ivr.model.document import NAME_PATTERN
from ivr.model.errors import PortError
from ivr.model.expressions import Expression
from ivr.model.fields import VariableName
from ivr.model.outcome import Outcome
from ivr.model.prompt import Audible, Spoken
from ivr.model.session import Session
from ivr.model.speech import Speech, TextField
from ivr.model.step import Context, Step
from ivr.ports.callercases import TakeCase, Taken
from ivr.ports.cases import Link, LinkKind, NewCase
from ivr.ports.channel import Play

_OPENED = Speech(("case-opened",))
_BY = Speech(("case-answer-by",))


class OpenCase(Step):
    """Open a case, which has an owner until it is solved, and tell the caller its number.

    The caller is told as well by when they are answered, where the kind has a clock. The call is linked
    to the case, and so are recorded words. A call that goes on after an engine was lost opens no second
    one.
    """

    verb: ClassVar[str] = "case"
    shorthand: ClassVar[str | None] = "kind"
    goal: ClassVar[bool] = True
    helps: ClassVar[Collection[str]] = ("opened",)
    outcomes: ClassVar[dict[str, str]] = {
        "opened": "It is open, and the caller was told its number.",
        "unavailable": "It cannot be opened now.",
    }
    normal: ClassVar[str | None] = "opened"
    example: ClassVar[str] = """\
complain:
  case: {kind: complaint, summary: "{{ 'about ' + topic }}", recording: "{{ message }}"}
  on: {opened: anything-else, unavailable: agent}
"""

    kind: str = Field(
        pattern=NAME_PATTERN,
        description="What it is: a kind of cases.yaml.",
        examples=["complaint"],
    )
    summary: TextField = Field("", description="What it is about, for its owner.")
    recording: TextField = Field(
        "", description="The name of recorded words (`record` sets it) that belong to it."
    )
    agent: TextField = Field(
        "", description="The number of the agent whom it is about; they never have to do with it."
    )
    tell: bool = Field(
        True, strict=True, description="Whether the caller is told its number (true)."
    )
    into: VariableName = Field(
        "case", description="The variable for its number (case).", examples=["case"]
    )

    def run(self, context: Context) -> Script[Outcome]:
        new = self._new(context)
        try:
            taken = yield from ask(TakeCase(new))
        except PortError:
            return Outcome("unavailable")
        if self.tell:
            yield from ask(Play(_told(context, taken)))
        return Outcome("opened", variables={self.into: taken.number})

    def _new(self, context: Context) -> NewCase:
        session = context.session
        recording = str(context.evaluate(self.recording))
        agent = str(context.evaluate(self.agent))
        words = (Link(LinkKind.RECORDING, recording),) if recording else ()
        return NewCase(
            key=_key(session),
            kind=self.kind,
            by=f"flow:{session.frame.flow}",
            summary=str(context.evaluate(self.summary)),
            customer=customer_number(session) or "",
            ani=session.ani,
            language=session.language,
            accused=(agent,) if agent else (),
            links=(Link(LinkKind.CALL, session.call_id), *words),
            facts={"level": str(session.auth)},
        )

    def expressions(self) -> Iterator[Expression]:
        for field in (self.summary, self.recording, self.agent):
            if isinstance(field, Expression):
                yield field

    def speeches(self) -> Iterator[Speech]:
        if self.tell:
            yield from (_OPENED, _BY)

    def assigns(self) -> Mapping[str, str]:
        return {self.into: "text"}

    def case_kinds(self) -> tuple[str, ...]:
        return (self.kind,)


def _key(session: Session) -> str:
    """Return what is the same when the step is run again after an engine was lost, and at no other
    time."""
    frame = session.frame
    return f"call:{session.call_id}:{frame.flow}/{frame.step}:{session.steps_taken}"


def _told(context: Context, taken: Taken) -> tuple[Audible, ...]:
    number = (*context.audible(_OPENED), Spoken("digits", taken.number))
    if taken.due is None:
        return number
    return (*number, *context.audible(_BY), Spoken("date", taken.due.date().isoformat()))
