"""The step type `return`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar

from pydantic import Field

from ivr.model.commands import Script
from ivr.model.expressions import Expression
from ivr.model.fields import VariableName
from ivr.model.outcome import Return
from ivr.model.speech import ScalarField
from ivr.model.step import Context, Step
from ivr.model.values import Scalar


class ReturnStep(Step):
    """Leave a subflow with an outcome, and with the values the flow `returns` with it."""

    verb: ClassVar[str] = "return"
    shorthand: ClassVar[str | None] = "outcome"
    ends: ClassVar[bool] = True
    example: ClassVar[str] = """\
found:
  return: {outcome: ok, values: {balance: "{{ balance }}"}}
"""

    outcome: str = Field(
        pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$",
        description="One of the outcomes that the flow `returns`.",
    )
    values: dict[VariableName, ScalarField] = Field(
        default={}, description="What the calling flow is given: name → value."
    )

    def run(self, context: Context) -> Script[Return]:
        yield from ()
        values = {name: context.evaluate(value) for name, value in self.values.items()}
        return Return(self.outcome, values)

    def expressions(self) -> Iterator[Expression]:
        yield from (value for value in self.values.values() if isinstance(value, Expression))

    def returns(self) -> Mapping[str, Mapping[str, Expression | Scalar]]:
        return {self.outcome: self.values}
