"""The step type `add_to_case`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from pydantic import Field

from ivr.model.commands import Script, ask
from ivr.model.errors import PortError
from ivr.model.expressions import Expression
from ivr.model.outcome import Outcome
from ivr.model.speech import TextField
from ivr.model.step import Context, Step
from ivr.ports.callercases import AddWords


class AddToCase(Step):
    """Add recorded words to a case of the caller's, which `case_status` has told them of.

    A case that is closed is opened again: they have rung because it is not over for them.
    """

    verb: ClassVar[str] = "add_to_case"
    goal: ClassVar[bool] = True
    helps: ClassVar[tuple[str, ...]] = ("added",)
    outcomes: ClassVar[dict[str, str]] = {
        "added": "The words belong to the case.",
        "none": "There is no such case.",
        "unavailable": "They cannot be added now.",
    }
    normal: ClassVar[str | None] = "added"
    example: ClassVar[str] = """\
add:
  add_to_case: {number: "{{ case_number }}", recording: "{{ message }}"}
  on: {added: thanks, none: agent, unavailable: agent}
"""

    number: TextField = Field(description="The case's number.", examples=["{{ case_number }}"])
    recording: TextField = Field(
        description="The name of the recorded words: `record` sets it.", examples=["{{ message }}"]
    )

    def run(self, context: Context) -> Script[Outcome]:
        number = str(context.evaluate(self.number))
        recording = str(context.evaluate(self.recording))
        try:
            added = yield from ask(AddWords(number, context.session.call_id, recording))
        except PortError:
            return Outcome("unavailable")
        return Outcome("added" if added else "none")

    def expressions(self) -> Iterator[Expression]:
        for field in (self.number, self.recording):
            if isinstance(field, Expression):
                yield field
