"""The step type `set`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from pydantic import ConfigDict, model_validator

from ivr.model.commands import Script
from ivr.model.expressions import NAME, Expression
from ivr.model.outcome import Outcome
from ivr.model.problem import BadValue
from ivr.model.speech import ScalarField
from ivr.model.step import Context, Step
from ivr.model.values import type_of


class Set(Step):
    """Set variables of this flow: `name: value`, with as many names as wanted.

    All values are computed before any is set, so that two variables can change places.
    """

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, ScalarField]

    verb: ClassVar[str] = "set"
    outcomes: ClassVar[dict[str, str]] = {"done": "The variables are set."}
    normal: ClassVar[str | None] = "done"
    example: ClassVar[str] = """\
remember:
  set: {attempts: "{{ attempts + 1 }}", reason: balance}
  next: main-menu
"""

    @model_validator(mode="before")
    @classmethod
    def _expand(cls, body: Any) -> Any:
        if not isinstance(body, dict) or not body:
            raise BadValue("no variables to set", "set: {name: value}")
        for name in body:
            if not isinstance(name, str) or NAME.fullmatch(name) is None:
                raise BadValue(
                    f"`{str(name)[:64]}` is not a name",
                    "names are letters, digits and _, beginning with a letter",
                )
        return body

    @property
    def values(self) -> Mapping[str, ScalarField]:
        """The variables and what they are set to."""
        return self.__pydantic_extra__

    def run(self, context: Context) -> Script[Outcome]:
        yield from ()
        variables = {name: context.evaluate(value) for name, value in self.values.items()}
        return Outcome("done", variables=variables)

    def expressions(self) -> Iterator[Expression]:
        yield from self.computes().values()

    def assigns(self) -> Mapping[str, str]:
        return {
            name: "any" if isinstance(value, Expression) else type_of(value)
            for name, value in self.values.items()
        }

    def gives(self) -> Mapping[str, ScalarField]:
        return self.values
