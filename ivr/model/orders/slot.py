"""Slots: what a caller dictates of an order, one after the other.

A kind of slot is one file in `ivr/centre/orders/slots/`: its fields are its YAML schema, its docstring
is its reference documentation. Nothing else lists it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Annotated, ClassVar

import msgspec
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, Strict

from ivr.model.commands import Script
from ivr.model.errors import EvaluationError
from ivr.model.expressions import Expression, read_scalar
from ivr.model.problem import BadValue
from ivr.model.properties import InputRules
from ivr.model.speech import Escalating, Speech, Typed, first
from ivr.model.step import Context
from ivr.model.values import Money, Scalar


def _amount(value: object) -> object:
    """Make an expression of an amount that is written out."""
    if isinstance(value, str) and "{{" not in value:
        try:
            Money.of(value)
        except ValueError as error:
            raise BadValue(
                "not an amount", 'write yuan and fen in quotes, as "50000.00"'
            ) from error
        return Expression(f"{{{{ money('{value}') }}}}")
    return read_scalar(value)


MoneyField = Annotated[
    Expression, BeforeValidator(_amount, json_schema_input_type=str), Typed(("money",))
]
"""An amount as a text ("50000.00"), or the expression that gives it."""


def money_of(context: Context, field: Expression) -> Money:
    """Return what a MoneyField comes to. Raises EvaluationError."""
    value = context.evaluate(field)
    if not isinstance(value, Money):
        raise EvaluationError("this is no amount")
    return value


class Filled(msgspec.Struct, frozen=True):
    """What asking for a slot led to: its value, or the outcome by which the order `ended` there.

    `failures` counts no-inputs and no-matches.
    """

    value: Scalar | dict[str, Scalar] = None
    ended: str = ""
    failures: int = 0


class Shown(BaseModel):
    """One entry that is always there."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str | Annotated[int, Strict()] = Field(
        description="Its id: a text, or a whole number.", examples=["new"]
    )
    item: Speech = Field(description="How it is offered; the key is added.", examples=["payee-new"])


class Slot(BaseModel):
    """What every slot has."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)

    kind: ClassVar[str]
    """The key that names this kind of slot in YAML."""
    level: ClassVar[int] = 1
    """The auth level without which it cannot be asked for."""

    prompt: Escalating = Field(
        description="Asks for it; by count, how often it was asked.", examples=["enter-amount"]
    )
    name: Speech = Field(
        description="What it is called where the caller may change something; the key is added.",
        examples=["slot-amount"],
    )
    when: Expression | None = Field(
        None,
        description="Asked for only where this is true.",
        examples=["{{ payee.id == 'new' }}"],
    )
    invalid: Escalating | None = Field(
        None, description="Said after a wrong entry, by count of those.", examples=["invalid-entry"]
    )

    def __hash__(self) -> int:
        return hash((type(self), self.name, self.when))

    def fields(self) -> Mapping[str, str]:
        """Return the types of its value: name → type of a group, `""` → type of a single value."""
        raise NotImplementedError

    @property
    def decides(self) -> bool:
        """Whether all that can be told of it is which of a few choices it is: a part of a read-back that
        is heard only then tells it."""
        return self.fields().keys() == {"id"}

    def ask(self, context: Context, rules: InputRules) -> Script[Filled]:
        """Ask the caller for it. Raises PortError and EvaluationError."""
        raise NotImplementedError

    def speeches(self) -> Iterator[Speech]:
        """Yield all that it can say, but for its name."""
        yield from self.prompt.values()
        yield from (self.invalid or {}).values()

    def expressions(self) -> Iterator[Expression]:
        """Yield its expressions outside its speeches."""
        yield from (expression for expression, _ in self.wants())

    def wants(self) -> Iterator[tuple[Expression, Collection[str]]]:
        """Yield its expressions outside its speeches, each with the types that will do."""
        if self.when is not None:
            yield self.when, ("truth",)

    def question(self) -> tuple[Speech, int]:
        """Return how it asks first, and how many keys answer that at the least."""
        return first(self.prompt), 1
