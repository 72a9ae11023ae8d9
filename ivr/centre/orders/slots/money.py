"""The slot `money`."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field

from ivr.centre.orders.asking import key_in
from ivr.model.commands import Script
from ivr.model.expressions import Expression
from ivr.model.keyed import Amount
from ivr.model.orders import MoneyField, Slot, money_of
from ivr.model.orders.slot import Filled
from ivr.model.properties import InputRules
from ivr.model.step import Context
from ivr.model.values import Money


class Amounts(BaseModel):
    """How much."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)

    least: MoneyField = Field(description="The least.", examples=["0.01"])
    most: MoneyField = Field(description="The most.", examples=["50000.00"])


class MoneySlot(Slot):
    """An amount of money, keyed in yuan with `*` as the decimal point, as `12*50#`.

    `*` as the first key clears the entry, and so does a second one in it; `*` after that cancels the
    order. Two decimals end the entry.
    """

    kind: ClassVar[str] = "money"

    money: Amounts = Field(
        description="How much may be keyed.", examples=[{"least": "0.01", "most": "50000.00"}]
    )

    def fields(self) -> Mapping[str, str]:
        return {"": "money"}

    def ask(self, context: Context, rules: InputRules) -> Script[Filled]:
        least = money_of(context, self.money.least)
        most = money_of(context, self.money.most)
        grammar = Amount(least.minor, most.minor, 2, rules.terminator, rules.cancel)
        return (
            yield from key_in(
                context,
                rules,
                self,
                grammar,
                lambda entry: Money(grammar.value(entry), most.currency),
            )
        )

    def wants(self) -> Iterator[tuple[Expression, Collection[str]]]:
        yield from super().wants()
        yield from ((bound, ("money",)) for bound in (self.money.least, self.money.most))
