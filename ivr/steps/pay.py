"""The step type `pay`."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterator, Mapping
from typing import Any, ClassVar

from pydantic import Field, model_validator

from ivr.centre.payments.choosing import ORDER_DIGITS
from ivr.centre.payments.paying import TOLD, Paying, PaymentFields, alike
from ivr.centre.payments.prompts import chosen
from ivr.model.commands import Script
from ivr.model.errors import EvaluationError
from ivr.model.expressions import Expression
from ivr.model.inputfields import InputFields
from ivr.model.outcome import Transition
from ivr.model.problem import BadValue
from ivr.model.speech import Speech, TextField
from ivr.model.step import Context, Step
from ivr.model.values import Value


class Pay(Step, InputFields, PaymentFields):
    """Take a payment by telephone: a merchant's order, by a card on file or a card that is keyed.

    The caller keys the order number, hears merchant and amount, chooses instalments where there are
    such, and a card on file (then the caller is authenticated first) or keys one: number, expiry,
    security code, each asked again alone when it is wrong. All of it is read back, which no key cuts
    short, and done when the caller has agreed. The star key ends the payment at every question.

    A card is asked for only in a secure window, goes to the payment gateway and nowhere else, and is
    wiped then. A payment is charged once or not at all, whatever becomes of the call: see
    docs/payments.md. What a decline is for is told here; the other outcomes are the flow's to say.
    """

    verb: ClassVar[str] = "pay"
    goal: ClassVar[bool] = True
    outcomes: ClassVar[dict[str, str]] = {
        "success": "It is paid (or the card is kept).",
        "payment_declined": "The card was declined, and the caller told why. Nothing was charged.",
        "unknown": "Nobody knows yet whether it was charged. It is found out, and the customer told.",
        "too_many_failed_attempts": "An entry was wrong, or did not come, too often.",
        "caller_interrupted_with_star": "The caller pressed the star key. Nothing was charged.",
        "validation_error": "What is to be paid cannot be paid here: it is above `most`, or the order "
        "that the flow names is unknown or closed.",
        "payment_connector_error": "The gateway did not take it. Nothing was charged.",
        "refused": "No card can be keyed safely on this call, or the caller was not authenticated. "
        "Nothing was asked.",
    }
    normal: ClassVar[str | None] = "success"
    example: ClassVar[str] = """\
pay-order:
  pay:
    merchants: {M01: merchant-heping, M02: merchant-chenxi}
    most: "50000.00"
    prompts:
      - {for: cvv, error: invalid, brand: amex, attempt: 2, say: [cvv-invalid, enter-cvv-amex]}
  on:
    success: paid
    payment_declined: agent
    unknown: not-known
    too_many_failed_attempts: agent
    caller_interrupted_with_star: menu
    validation_error: agent
    payment_connector_error: agent
    refused: agent
"""

    order: TextField | None = Field(
        None, description="The merchant's order number; if it is not given, the caller keys it."
    )
    charge: bool = Field(
        True, description="Whether something is paid; false: a card is kept for later, no more."
    )

    @model_validator(mode="after")
    def _possible(self) -> Pay:
        if not (self.on_file or self.keyed) or not (self.charge or self.keyed):
            raise BadValue("there is no card to pay with", "keyed: true")
        return self

    def run(self, context: Context) -> Script[Transition]:
        number = None if self.order is None else context.evaluate(self.order)
        if not (number is None or isinstance(number, str)):
            raise EvaluationError("the order number is not a text of digits")
        rules = context.rules(self.properties())
        return (yield from Paying(self, rules, number, self.charge).visit(context))

    def speeches(self) -> Iterator[Speech]:
        yield from self.words(charge=self.charge)

    def alike(self, form: Mapping[str, Any], scope: Mapping[str, Value]) -> Hashable:
        return alike(form)

    def questions(self) -> Iterator[tuple[Speech, int]]:
        if self.charge and self.order is None:
            yield chosen(self.prompts, "order", "", "", 1), ORDER_DIGITS[0]

    def expressions(self) -> Iterator[Expression]:
        yield from (one for one in (self.order, self.most) if isinstance(one, Expression))

    def assigns(self) -> Mapping[str, str]:
        return self.told()

    def sets(self, outcome: str) -> Collection[str]:
        return self.assigns() if outcome in TOLD else ()
