"""The slot `number`."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field

from ivr.centre.orders.asking import key_in
from ivr.model.commands import Script
from ivr.model.errors import EvaluationError
from ivr.model.expressions import Expression
from ivr.model.keyed import Amount
from ivr.model.orders import Slot
from ivr.model.orders.slot import Filled
from ivr.model.properties import InputRules
from ivr.model.speech import NumberField
from ivr.model.step import Context


class Quantities(BaseModel):
    """How many."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)

    least: NumberField = Field(description="The least, in units of the last decimal.", examples=[1])
    most: NumberField = Field(
        description="The most, in units of the last decimal.", examples=["{{ holding.units }}"]
    )
    decimals: int = Field(
        0,
        ge=0,
        le=4,
        strict=True,
        description="How many decimals may be keyed (0). With 2, `12*5` is 1250.",
    )


class NumberSlot(Slot):
    """A quantity. Its value is a whole number, in units of its last decimal."""

    kind: ClassVar[str] = "number"

    number: Quantities = Field(
        description="How many may be keyed.", examples=[{"least": 1, "most": 99}]
    )

    def fields(self) -> Mapping[str, str]:
        return {"": "number"}

    def ask(self, context: Context, rules: InputRules) -> Script[Filled]:
        least, most = (context.evaluate(one) for one in (self.number.least, self.number.most))
        if not (isinstance(least, int) and isinstance(most, int)):
            raise EvaluationError("the bounds of a quantity are no numbers")
        grammar = Amount(least, most, self.number.decimals, rules.terminator, rules.cancel)
        return (yield from key_in(context, rules, self, grammar, grammar.value))

    def wants(self) -> Iterator[tuple[Expression, Collection[str]]]:
        yield from super().wants()
        for bound in (self.number.least, self.number.most):
            if isinstance(bound, Expression):
                yield bound, ("number",)
