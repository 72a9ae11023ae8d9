"""The step type `pay`."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterator, Mapping
from typing import Any, ClassVar, Literal

from msgspec.structs import replace
from pydantic import Field, model_validator

from ivr.centre.payments.agreeing import (
    MOST_ATTEMPTS,
    begun,
    free_attempt,
    money_kept,
    resumed,
)
from ivr.centre.payments.asking import SPOKEN, STAR, Asking, Ended
from ivr.centre.payments.charging import (
    DECLINED,
    DECLINES,
    NOT_CHARGED,
    PAID,
    READINGS,
    SOME_MERCHANT,
    UNKNOWN,
    Bill,
    Charging,
    Ending,
)
from ivr.centre.payments.choosing import (
    CHOICES,
    KEPT,
    NOT_POSSIBLE,
    ON_FILE_LEVEL,
    ORDER_DIGITS,
    card_on_file,
    keyed_order,
    method,
    plan,
    right_order,
    taken,
)
from ivr.centre.payments.prompts import BRAND_NAMES, DEFAULTS, BrandName, PayPrompt, chosen
from ivr.model.commands import Script, ask
from ivr.model.errors import EvaluationError, PortError
from ivr.model.expressions import Expression
from ivr.model.fields import VariableName
from ivr.model.inputfields import InputFields
from ivr.model.orders.slot import MoneyField, money_of
from ivr.model.outcome import Outcome, Stay, Transition
from ivr.model.problem import BadValue
from ivr.model.prompt import Prompted
from ivr.model.speech import PromptId, Speech, TextField
from ivr.model.step import Context, Step
from ivr.model.values import Money, Scalar, Value
from ivr.ports.cashier import GetMerchantOrder
from ivr.ports.orders import OrderState

DeclineName = Literal["funds", "expired", "cvv", "card", "amount", "duplicate", "refused"]


class Pay(Step, InputFields):
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
    cards: tuple[BrandName, ...] = Field(
        BRAND_NAMES,
        min_length=1,
        description="The brands of cards that may be keyed (all).",
        examples=[["unionpay", "visa"]],
    )
    on_file: bool = Field(
        True, description="Whether a card on file may be chosen; the caller is authenticated then."
    )
    keyed: bool = Field(True, description="Whether a card may be keyed.")
    cvv: bool = Field(True, description="Whether the security code of a keyed card is asked for.")
    attempts: int = Field(
        3, ge=1, le=5, strict=True, description="How often each entry may be tried (3)."
    )
    most: MoneyField | None = Field(
        None, description='The most that may be paid by telephone, as "50000.00".'
    )
    merchants: dict[str, PromptId] = Field(
        {}, description="The spoken names of merchants by id; others are `merchant-other`."
    )
    prompts: tuple[PayPrompt, ...] = Field(
        (), description="What is heard at an entry, where the house's prompts are not to be."
    )
    declined: dict[DeclineName, Speech] = Field(
        {},
        description="What is said of a decline, by its reason (prompts `declined-…`).",
        examples=[{"funds": "declined-funds"}],
    )
    into: VariableName = Field(
        "payment",
        description="The variables `…_reference` (text), `…_amount` (money) and `…_reason` (text; why "
        "it was declined) begin so; `…_reference` is empty where there is none.",
        examples=["payment"],
    )

    @model_validator(mode="after")
    def _possible(self) -> Pay:
        if not (self.on_file or self.keyed) or not (self.charge or self.keyed):
            raise BadValue("there is no card to pay with", "keyed: true")
        return self

    def run(self, context: Context) -> Script[Transition]:
        rules = replace(context.rules(self.properties()), cancel=STAR)
        asking = Asking(context, rules, self.prompts, min(self.attempts, context.rounds))
        try:
            return (yield from self._next(context, asking))
        except PortError:
            return Outcome(NOT_CHARGED)

    def _next(self, context: Context, asking: Asking) -> Script[Transition]:
        """Ask for one thing a visit, so that a lost connection asks nothing twice."""
        form = context.session.frame.form
        if self.charge:
            if "pay_number" not in form:
                return (yield from self._order(context, asking))
            if "pay_agreed" not in form:
                another = self.order is None
                return (yield from right_order(asking, self._bill(context), another=another))
            if form.get("pay_months") and "pay_plan" not in form:
                return (yield from plan(asking))
            if "pay_on_file" not in form:
                return (yield from method(asking, on_file=self.on_file, keyed=self.keyed))
        if "pay_attempt" not in form:
            return (yield from self._begin(context))
        return (yield from self._pay(context, asking))

    def _order(self, context: Context, asking: Asking) -> Script[Transition]:
        most = None if self.most is None else money_of(context, self.most)
        if self.order is None:
            return (yield from keyed_order(asking, most))
        number = context.evaluate(self.order)
        if not isinstance(number, str):
            raise EvaluationError("the order number is not a text of digits")
        return taken((yield from ask(GetMerchantOrder(number))), most)

    def _begin(self, context: Context) -> Script[Transition]:
        """Find out which payment of this call it is: one that was declined before stays as it is."""
        form = context.session.frame.form
        number = str(form["pay_number"]) if self.charge else ""
        attempt = yield from free_attempt(context, self._kind, number)
        if not attempt:
            return Outcome(Ended.FAILED)
        return Stay({"pay_attempt": attempt}, self._level(context))

    def _pay(self, context: Context, asking: Asking) -> Script[Transition]:
        bill = self._bill(context)
        charging = Charging(asking, bill, self._kind, self.cards, self.cvv, self._declined())
        attempt = int(str(context.session.frame.form["pay_attempt"]))
        while True:
            order = yield from begun(context, self._kind, bill.number, attempt)
            if order.state not in (OrderState.REJECTED, OrderState.CANCELLED):
                break
            # Declined on an earlier connection of this call: the card is keyed again.
            if attempt == MOST_ATTEMPTS:
                return self._ended((yield from charging.ending(order)))
            attempt += 1
        if order.state.binding:
            # An earlier connection of this call has authorised it: it is not authorised again.
            return self._ended((yield from charging.ending((yield from resumed(order)))))
        if not self._level(context):
            return self._ended((yield from charging.by_card(order, attempt)))
        picked, card = yield from card_on_file(asking)
        if picked.ended is not Ended.ENTERED:
            return Outcome(picked.ended, failures=picked.failures)
        if card is None:
            return Stay({"pay_on_file": False}) if self.keyed else Outcome(NOT_POSSIBLE)
        return self._ended((yield from charging.from_file(order, card)))

    def _ended(self, ending: Ending) -> Outcome:
        order = ending.order
        variables: dict[str, Scalar] = {}
        if order is not None or ending.outcome == UNKNOWN:
            variables = {
                f"{self.into}_reference": order.reference if order else "",
                f"{self.into}_amount": order.amount if order else Money(0),
                f"{self.into}_reason": order.reason if order else "",
            }
        # Each entry has tries of its own: only who fails for good counts towards the call's limit.
        failures = self.attempts if ending.outcome == Ended.FAILED else 0
        return Outcome(ending.outcome, variables, failures=failures)

    def _bill(self, context: Context) -> Bill:
        form = context.session.frame.form
        if not self.charge:
            return Bill()
        merchant = self.merchants.get(str(form["pay_merchant"]), SOME_MERCHANT)
        amount, months = money_kept(context, "pay_amount"), int(str(form.get("pay_plan", 0)))
        return Bill(str(form["pay_number"]), Prompted(merchant), amount, months)

    @property
    def _kind(self) -> str:
        """The kind of order that it is in the ledger."""
        return "payment" if self.charge else "card"

    def _level(self, context: Context) -> int:
        """Return the auth level that the chosen way to pay needs."""
        return ON_FILE_LEVEL if context.session.frame.form.get("pay_on_file") is True else 0

    def _declined(self) -> Mapping[str, Speech]:
        return {**DECLINES, **{str(reason): speech for reason, speech in self.declined.items()}}

    def speeches(self) -> Iterator[Speech]:
        yield from (
            one.say for one in (*self.prompts, *DEFAULTS) if self.charge or one.field != "order"
        )
        yield from (*SPOKEN, *CHOICES, *READINGS, *self._declined().values())
        for merchant in (*self.merchants.values(), SOME_MERCHANT):
            yield Speech((merchant,))

    def alike(self, form: Mapping[str, Any], scope: Mapping[str, Value]) -> Hashable:
        # Which order it is, and which payment of it, changes nothing about what is asked next.
        kept = tuple(name for name in KEPT if name in form)
        return kept, bool(form.get("pay_months")), form.get("pay_on_file"), form.get("pay_orders")

    def questions(self) -> Iterator[tuple[Speech, int]]:
        if self.charge and self.order is None:
            yield chosen(self.prompts, "order", "", "", 1), ORDER_DIGITS[0]

    def expressions(self) -> Iterator[Expression]:
        yield from (one for one in (self.order, self.most) if isinstance(one, Expression))

    def assigns(self) -> Mapping[str, str]:
        return {
            f"{self.into}_reference": "text",
            f"{self.into}_amount": "money",
            f"{self.into}_reason": "text",
        }

    def sets(self, outcome: str) -> Collection[str]:
        return self.assigns() if outcome in (PAID, DECLINED, UNKNOWN) else ()
