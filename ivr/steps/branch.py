"""The step type `branch`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from ivr.model.commands import Script
from ivr.model.errors import EvaluationError
from ivr.model.expressions import Expression
from ivr.model.fields import StepName
from ivr.model.outcome import Outcome
from ivr.model.step import Context, Step

ELSE = "else"


class Case(BaseModel):
    """A condition and where it leads."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    when: Expression = Field(description="The condition: an expression that is true or false.")
    then: StepName = Field(description="The step it leads to.")


class Branch(Step):
    """Go where the first condition that is true leads.

    Outcomes are the numbers of the conditions (`1`, `2`, …), and `else`.
    """

    verb: ClassVar[str] = "branch"
    shorthand: ClassVar[str | None] = "cases"
    outcomes: ClassVar[dict[str, str]] = {ELSE: "No condition is true."}
    normal: ClassVar[str | None] = ELSE
    example: ClassVar[str] = """\
who-is-it:
  branch:
    cases:
      - {when: "{{ customer.segment == 'vip' }}", then: agent}
      - {when: "{{ attempts >= 3 }}", then: goodbye}
    else: main-menu
"""

    cases: tuple[Case, ...] = Field(
        min_length=1, max_length=50, description="Conditions, in order: `{when: …, then: step}`."
    )
    otherwise: StepName | None = Field(
        None, alias=ELSE, description="Where it goes when none is true; or `next:` of the step."
    )

    def run(self, context: Context) -> Script[Outcome]:
        yield from ()
        for number, case in enumerate(self.cases, 1):
            if _truth(number, context.evaluate(case.when)):
                return Outcome(str(number))
        return Outcome(ELSE)

    def exits(self) -> Mapping[str, str]:
        numbered = {
            str(number): f"The condition {case.when} is true."
            for number, case in enumerate(self.cases, 1)
        }
        return {**numbered, **self.outcomes}

    def edges(self) -> Mapping[str, str]:
        edges = {str(number): case.then for number, case in enumerate(self.cases, 1)}
        if self.otherwise is not None:
            edges[ELSE] = self.otherwise
        return edges

    def labels(self) -> Mapping[str, str]:
        return {
            str(number): case.when.source[2:-2].strip() for number, case in enumerate(self.cases, 1)
        }

    def implies(self, outcome: str) -> Iterator[tuple[Expression, bool]]:
        for number, case in enumerate(self.cases, 1):
            yield case.when, str(number) == outcome
            if str(number) == outcome:
                return

    def wants(self) -> Iterator[tuple[Expression, tuple[str, ...]]]:
        yield from ((case.when, ("truth",)) for case in self.cases)

    def expressions(self) -> Iterator[Expression]:
        yield from (case.when for case in self.cases)


def _truth(number: int, value: Any) -> bool:
    if isinstance(value, bool):
        return value
    raise EvaluationError(f"condition {number} is neither true nor false")
