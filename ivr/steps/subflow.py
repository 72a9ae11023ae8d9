"""The step type `subflow`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar

from pydantic import Field

from ivr.model.commands import Script
from ivr.model.expressions import Expression
from ivr.model.fields import FlowName, VariableName
from ivr.model.outcome import Enter
from ivr.model.speech import ScalarField
from ivr.model.step import Context, Step
from ivr.model.values import Scalar


class Subflow(Step):
    """Run another flow and come back.

    That flow has its own variables: it is given the arguments it `accepts`, and sets here the values
    it `returns`. The outcomes are those it returns.
    """

    verb: ClassVar[str] = "subflow"
    shorthand: ClassVar[str | None] = "flow"
    example: ClassVar[str] = """\
branch-hours:
  subflow: {flow: branches, with: {number: "{{ number }}"}}
  on: {done: anything-else}
"""

    flow: FlowName = Field(description="The flow to run.")
    arguments: dict[VariableName, ScalarField] = Field(
        default={}, alias="with", description="What it is given: argument → value."
    )

    def run(self, context: Context) -> Script[Enter]:
        yield from ()
        given = {name: context.evaluate(value) for name, value in self.arguments.items()}
        return Enter(self.flow, given)

    def expressions(self) -> Iterator[Expression]:
        yield from (value for value in self.arguments.values() if isinstance(value, Expression))

    def flows(self) -> tuple[str, ...]:
        return (self.flow,)

    def calls(self) -> Mapping[str, Mapping[str, Expression | Scalar]]:
        return {self.flow: self.arguments}
