"""The step type `record`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from pydantic import Field

from ivr.model.commands import Script, ask
from ivr.model.duration import Duration, PositiveDuration
from ivr.model.fields import OptionalKey, VariableName
from ivr.model.outcome import Outcome
from ivr.model.session import recording_name
from ivr.model.step import Context, Step
from ivr.ports.channel import Record


class RecordMessage(Step):
    """Record what the caller says, after a tone.

    The recording ends with the stop key, with silence, at its longest, or when the caller hangs up;
    what was said until then is kept. The recording's name is set in a variable.
    """

    verb: ClassVar[str] = "record"
    listens: ClassVar[bool] = True
    goal: ClassVar[bool] = True
    outcomes: ClassVar[dict[str, str]] = {
        "done": "Something was recorded.",
        "no_input": "The caller said nothing, or less than `least`.",
    }
    normal: ClassVar[str | None] = "done"
    helps: ClassVar[tuple[str, ...]] = ("done",)
    example: ClassVar[str] = """\
listen:
  record: {into: message, longest: 2m, silence: 4s}
  on: {done: thanks, no_input: goodbye}
"""

    into: VariableName = Field(description="The variable that is set to the recording's name.")
    longest: PositiveDuration = Field(120_000, description="How long it may be (2m).")
    silence: PositiveDuration = Field(4_000, description="The silence that ends it (4s).")
    least: Duration = Field(1_000, description="What is shorter counts as nothing said (1s).")
    stop: OptionalKey = Field("#", description='The key that ends it (#); "" for none.')

    def run(self, context: Context) -> Script[Outcome]:
        name = recording_name(context.session)
        recorded = yield from ask(Record(name, self.longest, self.silence, self.stop))
        if recorded.ms < self.least:
            return Outcome("no_input", failures=1)
        return Outcome("done", variables={self.into: name})

    def waits(self) -> Mapping[str, int]:
        return {"longest": self.longest}

    def assigns(self) -> Mapping[str, str]:
        return {self.into: "text"}
