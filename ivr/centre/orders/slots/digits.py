"""The slot `digits`."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field

from ivr.centre.orders.asking import key_in
from ivr.model.commands import Script
from ivr.model.digits import MAX_DIGITS, Digits
from ivr.model.errors import EvaluationError
from ivr.model.expressions import Expression
from ivr.model.orders import Slot
from ivr.model.orders.slot import Filled
from ivr.model.properties import InputRules
from ivr.model.speech import NumberField, Speech, first
from ivr.model.step import Context


class Counts(BaseModel):
    """How many digits."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)

    least: NumberField = Field(description="Fewest digits.", examples=[8])
    most: NumberField = Field(description="Most digits.", examples=[20])


class DigitsSlot(Slot):
    """A number that is no quantity: of an account, a bill, a document. Its value is a text."""

    kind: ClassVar[str] = "digits"

    digits: Counts = Field(
        description="How many digits are keyed.", examples=[{"least": 8, "most": 20}]
    )

    def fields(self) -> Mapping[str, str]:
        return {"": "text"}

    def ask(self, context: Context, rules: InputRules) -> Script[Filled]:
        least, most = (context.evaluate(one) for one in (self.digits.least, self.digits.most))
        if not (
            isinstance(least, int) and isinstance(most, int) and 1 <= least <= most <= MAX_DIGITS
        ):
            raise EvaluationError(f"digits from {least} to {most} cannot be keyed")
        grammar = Digits(least, most, rules.terminator, rules.cancel)
        return (yield from key_in(context, rules, self, grammar, str))

    def wants(self) -> Iterator[tuple[Expression, Collection[str]]]:
        yield from super().wants()
        for bound in (self.digits.least, self.digits.most):
            if isinstance(bound, Expression):
                yield bound, ("number",)

    def question(self) -> tuple[Speech, int]:
        return first(self.prompt), self.digits.least if isinstance(self.digits.least, int) else 1
