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
from ivr.model.step import Context, Step, Visit
from ivr.model.values import Value

ELSE = "else"


class Case(BaseModel):
    """A condition and where it leads."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    when: Expression = Field(description="The condition: an expression that is true or false.")
    then: StepName = Field(description="The step it leads to.", examples=["agent"])


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

    def because(self, visit: Visit, language: str) -> str:
        scope = visit.context.session.scope()
        tried = self.cases if visit.outcome == ELSE else self.cases[: int(visit.outcome)]
        words = {"zh": ("成立", "不成立"), "en": ("is true", "is false")}[language]
        reasons = []
        for number, case in enumerate(tried, 1):
            said = words[0] if str(number) == visit.outcome else words[1]
            values = ", ".join(
                f"{name} = {_shown(name, scope)}" for name in sorted(case.when.names)
            )
            reasons.append(f"{case.when} {said}{f' ({values})' if values else ''}")
        return "; ".join(reasons)

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


def _shown(name: str, scope: Mapping[str, Value]) -> str:
    """Return the value of a dotted name, as text."""
    first, _, rest = name.partition(".")
    value = scope.get(first)
    return str(value.get(rest) if isinstance(value, Mapping) else value)


def _truth(number: int, value: Any) -> bool:
    if isinstance(value, bool):
        return value
    raise EvaluationError(f"condition {number} is neither true nor false")
