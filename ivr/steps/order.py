"""The step type `order`."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterator, Mapping
from typing import Any, ClassVar

from pydantic import Field, PrivateAttr

from ivr.centre.orders.alike import alike, bounds
from ivr.centre.orders.dictating import change, fill
from ivr.centre.orders.names import kept
from ivr.centre.orders.taking import Taking
from ivr.centre.orders.visit import CHANGE, SIGN
from ivr.centre.orders.words import FIXED
from ivr.model.commands import Script
from ivr.model.document import NAME_PATTERN
from ivr.model.errors import EvaluationError
from ivr.model.expressions import Expression
from ivr.model.fields import VariableName
from ivr.model.flow import FlowSet
from ivr.model.inputfields import InputFields
from ivr.model.orders import OrderType
from ivr.model.outcome import Outcome, Stay
from ivr.model.place import Place
from ivr.model.speech import Speech
from ivr.model.step import Context, Step
from ivr.model.values import Money, Scalar, Value
from ivr.ports.orders import Order as Ordered
from ivr.ports.posting import Reason

_TOLD = frozenset({"posted", "rejected", "unknown"})
"""The outcomes that set the variables."""


class Order(Step, InputFields):
    """Take a dictated order: ask for its slots, read it back, have it authorised, tell what came of it.

    What is asked, and what is done, the order type says (see docs/orders.md); the auth level that it
    needs is required by itself. Nothing has happened until the PIN after the read-back is right; from
    then on the order is done even if the caller hangs up. The step says what came of it, with the
    reference number. `**`, and `*` where keys are chosen, cancels.
    """

    verb: ClassVar[str] = "order"
    shorthand: ClassVar[str | None] = "type"
    goal: ClassVar[bool] = True
    outcomes: ClassVar[dict[str, str]] = {
        "posted": "It is done, or accepted where a person does it; the reference was read out.",
        "rejected": "The bank will not do it, whether it was authorised or not; no money has moved.",
        "unknown": "It was authorised, and nobody knows yet whether it is done; the caller was told.",
        "cancelled": "The caller cancelled it, or keyed three wrong PINs; nothing has happened.",
        "failed": "Too many wrong entries or changes, or nothing to choose from; nothing has happened.",
        "no_input": "The caller keyed nothing; nothing has happened.",
        "unavailable": "The bank or the ledger did not answer; nothing has happened.",
        "locked": "The account is locked after too many wrong PINs; nothing has happened.",
        "closed": "Such orders are not taken at this hour.",
    }
    example: ClassVar[str] = """\
transfer:
  order: transfer
  on:
    posted: anything-else
    rejected: anything-else
    unknown: agent
    cancelled: main-menu
    failed: agent
    no_input: main-menu
    unavailable: agent
    locked: agent
    refused: main-menu
"""

    type: str = Field(
        pattern=NAME_PATTERN, description="The order type, by its name.", examples=["transfer"]
    )
    into: VariableName | None = Field(
        None,
        description="Sets `<into>_reference` (text, empty where it was never authorised),"
        " `<into>_amount` and `<into>_fee` when it ends as posted, rejected or unknown.",
        examples=["transfer"],
    )

    _kind: OrderType | None = PrivateAttr(default=None)

    def bound(self, flow_set: FlowSet) -> Order:
        copy = self.model_copy()
        copy._kind = flow_set.orders.get(self.type)
        return copy

    def run(self, context: Context) -> Script[Outcome | Stay]:
        if self._kind is None:
            raise EvaluationError(f"there is no order type `{self.type}`")
        taking = Taking(self._kind, context.rules(self.properties()), fill, change)
        ended = yield from taking.visit(context)
        if isinstance(ended, Stay):
            return ended
        return self._outcome(ended.outcome, ended.order, ended.failures)

    def _outcome(self, name: str, order: Ordered | None, failures: int) -> Outcome:
        if self.into is None or name not in _TOLD:
            return Outcome(name, failures=failures)
        amounts = (order.amount, order.fee) if order is not None else (Money(0), Money(0))
        reference = order.reference if order is not None else ""
        values: dict[str, Scalar] = dict(zip(self.assigns(), (reference, *amounts), strict=True))
        return Outcome(name, variables=values, failures=failures)

    def exits(self) -> Mapping[str, str]:
        kind = self._kind
        if kind is None:
            return self.outcomes
        hours = kind.document.open
        never = {*(() if kind.pin else ("locked",)), *(() if hours is not None else ("closed",))}
        return {name: when for name, when in self.outcomes.items() if name not in never}

    def assigns(self) -> Mapping[str, str]:
        if self.into is None:
            return {}
        types = {"reference": "text", "amount": "money", "fee": "money"}
        return {f"{self.into}_{name}": kind for name, kind in types.items()}

    def sets(self, outcome: str) -> Collection[str]:
        return self.assigns() if outcome in _TOLD else ()

    def orders(self) -> tuple[str, ...]:
        return (self.type,)

    def needs(self) -> int:
        return self._kind.document.level if self._kind is not None else 0

    def keeps(self) -> Mapping[str, str]:
        return kept(self._kind) if self._kind is not None else {}

    def places(self) -> Mapping[str, Place]:
        return self._kind.places if self._kind is not None else {}

    def calendars(self) -> Iterator[str]:
        if self._kind is not None and self._kind.document.open is not None:
            yield self._kind.document.open.calendar

    def speeches(self) -> Iterator[Speech]:
        if self._kind is not None:
            yield from self._kind.speeches()
        yield from FIXED

    def expressions(self) -> Iterator[Expression]:
        if self._kind is not None:
            yield from self._kind.expressions()

    def wants(self) -> Iterator[tuple[Expression, Collection[str]]]:
        if self._kind is not None:
            yield from self._kind.wants()

    def questions(self) -> Iterator[tuple[Speech, int]]:
        if self._kind is not None:
            yield from (slot.question() for slot in self._kind.slots.values())

    def alike(self, form: Mapping[str, Any], scope: Mapping[str, Value]) -> Hashable:
        return alike(self._kind, form, scope) if self._kind is not None else None

    def entries(self) -> Iterator[str]:
        for amount in bounds(self._kind) if self._kind is not None else ():
            yield str(amount.minor // 100)
            yield str(amount.minor // 100 + 1)

    def compares(self) -> Mapping[str, Collection[str]]:
        return {"stage": (CHANGE, SIGN), "reason": [reason.value for reason in Reason]}
