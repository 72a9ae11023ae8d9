"""The step type `goto`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from pydantic import Field, model_validator

from ivr.model.commands import Script
from ivr.model.fields import FlowName, StepName
from ivr.model.outcome import Jump, Outcome, Transition
from ivr.model.problem import BadValue
from ivr.model.step import Context, Step


class Goto(Step):
    """Go on at another step of this flow, or at the start of another flow and not come back.

    The variables of the flow that is left are forgotten. To come back, use `subflow`.
    """

    verb: ClassVar[str] = "goto"
    shorthand: ClassVar[str | None] = "step"
    example: ClassVar[str] = """\
again:
  goto: main-menu
"""

    step: StepName | None = Field(None, description="A step of this flow.")
    flow: FlowName | None = Field(
        None, description="A flow; it goes on at its start.", examples=["branches"]
    )

    @model_validator(mode="after")
    def _one(self) -> Goto:
        if (self.step is None) == (self.flow is None):
            raise BadValue("where to go?", "goto: step, or goto: {flow: name}")
        return self

    def run(self, context: Context) -> Script[Transition]:
        yield from ()
        return Jump(flow=self.flow) if self.flow is not None else Outcome("done")

    def exits(self) -> Mapping[str, str]:
        return {} if self.step is None else {"done": "Always."}

    def edges(self) -> Mapping[str, str]:
        return {} if self.step is None else {"done": self.step}

    def flows(self) -> tuple[str, ...]:
        return () if self.flow is None else (self.flow,)
