"""The step type `order_status`."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import ClassVar, Literal

from pydantic import Field

from ivr.centre.customers import customer_number
from ivr.centre.input import NO_INPUT_PROMPTS, Ended, Question, gather
from ivr.centre.ledger.references import DIGITS, is_reference
from ivr.model.commands import Script, ask
from ivr.model.digits import Digits
from ivr.model.document import NAME_PATTERN
from ivr.model.errors import PortError
from ivr.model.fields import VariableName
from ivr.model.inputfields import InputFields
from ivr.model.outcome import Outcome
from ivr.model.prompt import BargeIn
from ivr.model.speech import Escalating, Speech, escalate, first
from ivr.model.step import Context, Step
from ivr.model.values import Scalar
from ivr.ports.channel import Play
from ivr.ports.clock import Now
from ivr.ports.orders import FindOrder, Order, OrderState

_OUTCOMES: Mapping[OrderState, str] = {
    OrderState.AUTHORISED: "pending",
    OrderState.POSTING: "pending",
    OrderState.POSTED: "posted",
    OrderState.REJECTED: "rejected",
    OrderState.UNKNOWN: "unknown",
}
_ASKING = frozenset({"no_input", "failed"})
_TYPES: Mapping[str, str] = {
    "kind": "text",
    "reference": "text",
    "amount": "money",
    "fee": "money",
    "day": "text",
}


class OrderStatus(Step, InputFields):
    """Ask the ledger what has become of an order that the caller authorised, in this call or before.

    It is the latest one, or the one with the reference number that the caller keys. The number tells by
    its last digit when it is mistyped, and is then asked for again. Level 2 is required by itself.
    """

    verb: ClassVar[str] = "order_status"
    shorthand: ClassVar[str | None] = "by"
    goal: ClassVar[bool] = True
    outcomes: ClassVar[dict[str, str]] = {
        "posted": "It is done.",
        "pending": "It is being done.",
        "rejected": "It was not done; no money has moved.",
        "unknown": "Nobody knows yet whether it is done; there is a case about it.",
        "none": "The caller has no such order.",
        "unavailable": "The ledger did not answer, or not in time.",
        "no_input": "The caller keyed nothing.",
        "failed": "Every entry was no reference number.",
    }
    optional: ClassVar[dict[str, str]] = {"back": "The caller pressed the cancel key twice (`**`)."}
    example: ClassVar[str] = """\
my-transfer:
  order_status: {by: reference, into: order}
  on:
    posted: say-posted
    pending: say-pending
    rejected: say-rejected
    unknown: say-unknown
    none: main-menu
    unavailable: agent
    no_input: main-menu
    failed: agent
    refused: main-menu
"""

    by: Literal["latest", "reference"] = Field(
        "latest",
        description="Which order: the latest one, or the one whose number is keyed (latest).",
    )
    kind: str | None = Field(
        None,
        pattern=NAME_PATTERN,
        description="Only orders of this type (all).",
        examples=["transfer"],
    )
    into: VariableName = Field(
        "order",
        description="Sets `<into>_kind`, `<into>_reference`, `<into>_amount`, `<into>_fee` and"
        " `<into>_day` (ISO 8601) when there is such an order (order).",
        examples=["order"],
    )
    prompt: Escalating = Field(
        default={1: Speech(("enter-reference",))}, description="Asks for the reference number."
    )
    no_input: Escalating = Field(
        default=dict(NO_INPUT_PROMPTS), description="Said after silence, by count of silences."
    )
    invalid: Escalating = Field(
        default={1: Speech(("invalid-entry",))},
        description="Said after an entry that is no reference number, by count of those.",
    )
    cleared: Speech = Field(
        default=Speech(("entry-cleared",)), description="Said when the caller cleared the entry."
    )

    def run(self, context: Context) -> Script[Outcome]:
        customer = customer_number(context.session)
        if customer is None:
            return Outcome("none")
        reference, failures = "", 0
        if self.by == "reference":
            asked = yield from self._reference(context)
            if isinstance(asked, Outcome):
                return asked
            reference, failures = asked
        try:
            order = yield from ask(FindOrder(customer, reference, self.kind or ""))
        except PortError:
            return Outcome("unavailable", failures=failures)
        if order is None or order.state not in _OUTCOMES:
            return Outcome("none", failures=failures)
        return (yield from self._found(order, failures))

    def _reference(self, context: Context) -> Script[tuple[str, int] | Outcome]:
        """Ask for the reference number; return it with the number of failures, or how it ended."""
        rules = context.rules(self.properties())
        question = Question(
            prompt=self.prompt,
            grammar=Digits(DIGITS, DIGITS, rules.terminator, rules.cancel),
            no_input=self.no_input,
            invalid=self.invalid,
            cleared=self.cleared,
            back="back" in context.wired,
        )
        failures = 0
        for attempt in range(1, rules.invalid_tries + 1):
            entry = yield from gather(context, question, rules)
            failures += entry.failures
            if entry.ended is Ended.ENTERED and is_reference(entry.digits):
                return entry.digits, failures
            if entry.ended is not Ended.ENTERED:
                name = "failed" if entry.ended is Ended.INVALID else entry.ended.value
                return Outcome(name, failures=failures)
            failures += 1
            wrong = escalate(self.invalid, attempt)
            if wrong is not None and attempt < rules.invalid_tries:
                yield from ask(Play(context.audible(wrong), bargein=BargeIn.NONE, flush=True))
        return Outcome("failed", failures=failures)

    def _found(self, order: Order, failures: int) -> Script[Outcome]:
        now = yield from ask(Now())
        day = str(order.at.astimezone(now.tzinfo).date())
        values = (order.kind, order.reference, order.amount, order.fee, day)
        variables: dict[str, Scalar] = dict(zip(self.assigns(), values, strict=True))
        return Outcome(_OUTCOMES[order.state], variables=variables, failures=failures)

    def exits(self) -> Mapping[str, str]:
        never = _ASKING if self.by == "latest" else frozenset[str]()
        return {name: when for name, when in self.outcomes.items() if name not in never}

    def needs(self) -> int:
        return FindOrder.level

    def speeches(self) -> Iterator[Speech]:
        if self.by == "reference":
            for speeches in (self.prompt, self.no_input, self.invalid):
                yield from speeches.values()
            yield self.cleared

    def questions(self) -> Iterator[tuple[Speech, int]]:
        if self.by == "reference":
            yield first(self.prompt), DIGITS

    def assigns(self) -> Mapping[str, str]:
        return {f"{self.into}_{name}": kind for name, kind in _TYPES.items()}

    def sets(self, outcome: str) -> Collection[str]:
        return self.assigns() if outcome in _OUTCOMES.values() else ()
