"""A payment by telephone, visit by visit: one thing is asked for in each."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from typing import Any, Literal

import msgspec
from msgspec.structs import replace
from pydantic import BaseModel, ConfigDict, Field

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
    card_on_file,
    keyed_order,
    method,
    plan,
    right_order,
    taken,
)
from ivr.centre.payments.prompts import BRAND_NAMES, DEFAULTS, BrandName, PayPrompt
from ivr.model.commands import Script, ask
from ivr.model.errors import PortError
from ivr.model.fields import VariableName
from ivr.model.orders.slot import MoneyField, money_of
from ivr.model.outcome import Outcome, Stay, Transition
from ivr.model.prompt import Prompted
from ivr.model.properties import InputRules
from ivr.model.speech import PromptId, Speech
from ivr.model.step import Context
from ivr.model.values import Money, Scalar
from ivr.ports.cashier import GetMerchantOrder
from ivr.ports.orders import OrderState

DeclineName = Literal["funds", "expired", "cvv", "card", "amount", "duplicate", "refused"]


class PaymentFields(BaseModel):
    """How payments are taken, as authors write it."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)

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
        (),
        description="What is heard at an entry, where the house's prompts are not to be.",
        examples=[[{"for": "cvv", "error": "invalid", "attempt": 2, "say": "enter-cvv"}]],
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

    def declines(self) -> Mapping[str, Speech]:
        """Return what is said of each decline."""
        return {**DECLINES, **{str(reason): speech for reason, speech in self.declined.items()}}

    def words(self, *, charge: bool) -> Iterator[Speech]:
        """Yield all that is said in a payment (or, without a `charge`, while a card is kept)."""
        yield from (one.say for one in (*self.prompts, *DEFAULTS) if charge or one.field != "order")
        yield from (*SPOKEN, *CHOICES, *READINGS, *self.declines().values())
        for merchant in (*self.merchants.values(), SOME_MERCHANT):
            yield Speech((merchant,))

    def told(self) -> Mapping[str, str]:
        """Return the variables that tell of a payment: name → type."""
        return {
            f"{self.into}_reference": "text",
            f"{self.into}_amount": "money",
            f"{self.into}_reason": "text",
        }


TOLD = (PAID, DECLINED, UNKNOWN)
"""The outcomes that set the variables."""


def alike(form: Mapping[str, Any]) -> Hashable:
    """Return a value that is equal for payments of which the same is asked next, whichever order and
    whichever payment of it they are."""
    kept = tuple(name for name in KEPT if name in form)
    return kept, bool(form.get("pay_months")), form.get("pay_on_file"), form.get("pay_orders")


class Paying(msgspec.Struct, frozen=True):
    """A payment of the order with a `number` (None: the caller keys it), or, without a `charge`, a card
    that is kept."""

    fields: PaymentFields
    rules: InputRules
    number: str | None = None
    charge: bool = True

    def visit(self, context: Context) -> Script[Transition]:
        """Ask for one thing, so that a lost connection asks nothing twice; or end."""
        rules = replace(self.rules, cancel=STAR)
        attempts = min(self.fields.attempts, context.rounds)
        asking = Asking(context, rules, self.fields.prompts, attempts)
        try:
            return (yield from self._next(context, asking))
        except PortError:
            return Outcome(NOT_CHARGED)

    def _next(self, context: Context, asking: Asking) -> Script[Transition]:
        form, fields = context.session.frame.form, self.fields
        if self.charge:
            if "pay_number" not in form:
                return (yield from self._order(context, asking))
            if "pay_agreed" not in form:
                another = self.number is None
                return (yield from right_order(asking, self._bill(context), another=another))
            if form.get("pay_months") and "pay_plan" not in form:
                return (yield from plan(asking))
            if "pay_on_file" not in form:
                return (yield from method(asking, on_file=fields.on_file, keyed=fields.keyed))
        if "pay_attempt" not in form:
            return (yield from self._begin(context))
        return (yield from self._pay(context, asking))

    def _order(self, context: Context, asking: Asking) -> Script[Transition]:
        most = None if self.fields.most is None else money_of(context, self.fields.most)
        if self.number is None:
            return (yield from keyed_order(asking, most))
        return taken((yield from ask(GetMerchantOrder(self.number))), most)

    def _begin(self, context: Context) -> Script[Transition]:
        """Find out which payment of this call it is: one that was declined before stays as it is."""
        form = context.session.frame.form
        number = str(form["pay_number"]) if self.charge else ""
        attempt = yield from free_attempt(context, self._kind, number)
        if not attempt:
            return Outcome(Ended.FAILED)
        return Stay({"pay_attempt": attempt}, _level(context))

    def _pay(self, context: Context, asking: Asking) -> Script[Transition]:
        bill, fields = self._bill(context), self.fields
        charging = Charging(asking, bill, self._kind, fields.cards, fields.cvv, fields.declines())
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
        if not _level(context):
            return self._ended((yield from charging.by_card(order, attempt)))
        picked, card = yield from card_on_file(asking)
        if picked.ended is not Ended.ENTERED:
            return Outcome(picked.ended, failures=picked.failures)
        if card is None:
            return Stay({"pay_on_file": False}) if fields.keyed else Outcome(NOT_POSSIBLE)
        return self._ended((yield from charging.from_file(order, card)))

    def _ended(self, ending: Ending) -> Outcome:
        order = ending.order
        variables: dict[str, Scalar] = {}
        if order is not None or ending.outcome == UNKNOWN:
            told = (
                order.reference if order else "",
                order.amount if order else Money(0),
                order.reason if order else "",
            )
            variables = dict(zip(self.fields.told(), told, strict=True))
        # Each entry has tries of its own: only who fails for good counts towards the call's limit.
        failures = self.fields.attempts if ending.outcome == Ended.FAILED else 0
        return Outcome(ending.outcome, variables, failures=failures)

    def _bill(self, context: Context) -> Bill:
        form = context.session.frame.form
        if not self.charge:
            return Bill()
        merchant = self.fields.merchants.get(str(form["pay_merchant"]), SOME_MERCHANT)
        amount, months = money_kept(context, "pay_amount"), int(str(form.get("pay_plan", 0)))
        return Bill(str(form["pay_number"]), Prompted(merchant), amount, months)

    @property
    def _kind(self) -> str:
        """The kind of order that it is in the ledger."""
        return "payment" if self.charge else "card"


def _level(context: Context) -> int:
    """Return the auth level that the chosen way to pay needs."""
    return ON_FILE_LEVEL if context.session.frame.form.get("pay_on_file") is True else 0
