"""The step type `refund`."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterator, Mapping
from typing import Any, ClassVar

from pydantic import Field

from ivr.centre.customers import customer_number
from ivr.centre.input import NO_INPUT_PROMPTS, Entry, Question, gather
from ivr.centre.input import Ended as EntryEnded
from ivr.centre.ledger.references import DIGITS, is_reference, reference
from ivr.centre.payments.agreeing import (
    CARD_WORDS,
    Wanted,
    agreed,
    authorised,
    begun,
    card_heard,
    free_attempt,
    money_kept,
    resumed,
    taken_back,
)
from ivr.centre.payments.asking import SPOKEN, Ended, choice
from ivr.model.commands import Script, ask
from ivr.model.digits import Digits, Grammar
from ivr.model.errors import PortError
from ivr.model.fields import VariableName
from ivr.model.inputfields import InputFields
from ivr.model.keyed import Amount
from ivr.model.outcome import Outcome, Stay, Transition
from ivr.model.prompt import BargeIn, Prompted, Spoken
from ivr.model.speech import Escalating, Speech, first
from ivr.model.step import Context, Step
from ivr.model.values import Money, Scalar, Value
from ivr.ports.cashier import REFUND, ConfirmPayment, FindPayment, Paid
from ivr.ports.channel import Play
from ivr.ports.orders import Order, OrderState, Task

LEVEL = 2
WHOLE, PART = "1", "2"

_KEPT = ("refund_payment", "refund_amount", "refund_attempt")
_ENDED: Mapping[EntryEnded, str] = {
    EntryEnded.NO_INPUT: "no_input",
    EntryEnded.INVALID: "failed",
    EntryEnded.BACK: "cancelled",
}
_CHOSEN: Mapping[Ended, str] = {Ended.STAR: "cancelled", Ended.FAILED: "failed"}
_HOW_MUCH, _CONFIRM = Speech(("refund-how-much",)), Speech(("refund-confirm",))
_CLEARED = Speech(("entry-cleared",))
_WORDS = Speech(("refund-left", "refund-amount", "refund-to"))


class Refund(Step, InputFields):
    """Give back a payment, or a part of it, to the card that it came from.

    The customer keys the reference of the payment; only payments of their own, made by telephone, are
    found. What is given back is read out, which no key cuts short, and done once when the caller has
    agreed.
    """

    verb: ClassVar[str] = "refund"
    goal: ClassVar[bool] = True
    outcomes: ClassVar[dict[str, str]] = {
        "done": "It is given back.",
        "rejected": "The gateway refused: nothing is given back.",
        "unknown": "Nobody knows yet. It is found out, and the customer told.",
        "none": "The customer has no such payment, or nothing of it is left to be given back.",
        "cancelled": "The caller cancelled. Nothing is given back.",
        "failed": "Too many wrong entries.",
        "no_input": "The caller keyed nothing.",
        "unavailable": "The gateway or the ledger did not answer. Nothing is given back.",
    }
    normal: ClassVar[str | None] = "done"
    example: ClassVar[str] = """\
give-back:
  refund: {}
  on:
    done: say-refunded
    rejected: agent
    unknown: agent
    none: agent
    cancelled: menu
    failed: agent
    no_input: menu
    unavailable: agent
    refused: menu
"""

    prompt: Escalating = Field(
        default={1: Speech(("enter-payment-reference",))},
        description="Asks for the payment's reference.",
    )
    amount_prompt: Escalating = Field(
        default={1: Speech(("enter-refund-amount",))},
        description="Asks for the amount of a refund in part.",
    )
    invalid: Escalating = Field(
        default={1: Speech(("invalid-entry",))}, description="Said after a reference that is none."
    )
    too_much: Escalating = Field(
        default={1: Speech(("refund-too-much",))},
        description="Said after an amount that is none, or more than is left.",
    )
    into: VariableName = Field(
        "refund",
        description="The variables `…_reference` (text) and `…_amount` (money) begin so.",
        examples=["refund"],
    )

    def run(self, context: Context) -> Script[Transition]:
        try:
            return (yield from self._next(context))
        except PortError:
            return Outcome("unavailable")

    def _next(self, context: Context) -> Script[Transition]:
        form = context.session.frame.form
        if "refund_payment" not in form:
            return (yield from self._reference(context))
        if "refund_amount" not in form:
            return (yield from self._amount(context))
        if "refund_attempt" not in form:
            attempt = yield from free_attempt(context, REFUND, str(form["refund_payment"]))
            return Stay({"refund_attempt": attempt}, LEVEL) if attempt else Outcome("failed")
        return (yield from self._agree(context))

    def _reference(self, context: Context) -> Script[Transition]:
        rules = context.rules(self.properties())
        grammar = Digits(DIGITS, DIGITS, rules.terminator, rules.cancel)
        entry = yield from self._entry(context, self.prompt, grammar, self.invalid)
        if entry.ended is not EntryEnded.ENTERED:
            return Outcome(_ENDED[entry.ended], failures=entry.failures)
        customer = customer_number(context.session) or ""
        paid: Paid | None = None
        if is_reference(entry.digits):
            paid = yield from ask(FindPayment(customer, entry.digits))
        if paid is None:
            return Outcome("none", failures=entry.failures)
        changes: dict[str, Scalar] = {
            "refund_payment": paid.id,
            "refund_left": paid.left,
            "refund_brand": paid.brand,
            "refund_tail": paid.tail,
        }
        return Stay(changes, LEVEL, entry.failures)

    def _amount(self, context: Context) -> Script[Transition]:
        rules = context.rules(self.properties())
        left = money_kept(context, "refund_left")
        heard = (Prompted("refund-left"), Spoken("money", left))
        yield from ask(Play(heard, bargein=BargeIn.ANY))
        chosen = yield from choice(context, rules, _HOW_MUCH, (WHOLE, PART))
        if chosen.ended is not Ended.ENTERED:
            return Outcome(_CHOSEN[chosen.ended], failures=chosen.failures)
        if chosen.key == WHOLE:
            return Stay({"refund_amount": left}, LEVEL, chosen.failures)
        grammar = Amount(1, left.minor, 2, rules.terminator, rules.cancel)
        entry = yield from self._entry(context, self.amount_prompt, grammar, self.too_much)
        failures = chosen.failures + entry.failures
        if entry.ended is not EntryEnded.ENTERED:
            return Outcome(_ENDED[entry.ended], failures=failures)
        amount = Money(grammar.value(entry.digits), left.currency)
        return Stay({"refund_amount": amount}, LEVEL, failures)

    def _agree(self, context: Context) -> Script[Transition]:
        form = context.session.frame.form
        payment, attempt = str(form["refund_payment"]), int(str(form["refund_attempt"]))
        order = yield from begun(context, REFUND, payment, attempt)
        if order.state.binding:
            # An earlier connection of this call has authorised it: it is not authorised again.
            return self._ended((yield from resumed(order)))
        amount = money_kept(context, "refund_amount")
        brand, tail = str(form["refund_brand"]), str(form["refund_tail"])
        said = (Prompted("refund-amount"), Spoken("money", amount), Prompted("refund-to"))
        slots: dict[str, Scalar] = {"payment": payment, "brand": brand, "tail": tail}
        task = Task(REFUND, {"payment": payment})
        wanted = Wanted((*said, *card_heard(brand, tail)), task, slots, amount)
        rules = context.rules(self.properties())
        yes = yield from agreed(context, rules, order.id, wanted, _CONFIRM)
        if yes.at is None:
            yield from taken_back(order.id)
            return Outcome(_CHOSEN[yes.ended])
        done = yield from authorised(ConfirmPayment(order.id, yes.digest, yes.at))
        return self._ended(done)

    def _ended(self, order: Order | None) -> Outcome:
        if order is None:
            return Outcome("unknown")
        variables: dict[str, Scalar] = {
            f"{self.into}_reference": order.reference,
            f"{self.into}_amount": order.amount,
        }
        return Outcome(_BY_STATE.get(order.state, "unavailable"), variables)

    def _entry(
        self,
        context: Context,
        prompt: Mapping[int, Speech],
        grammar: Grammar,
        invalid: Mapping[int, Speech],
    ) -> Script[Entry]:
        question = Question(
            prompt=prompt,
            grammar=grammar,
            no_input=NO_INPUT_PROMPTS,
            invalid=invalid,
            cleared=_CLEARED,
            back=True,
        )
        return (yield from gather(context, question, context.rules(self.properties())))

    def alike(self, form: Mapping[str, Any], scope: Mapping[str, Value]) -> Hashable:
        # Which payment it is, and how much of it, changes nothing about what is asked next.
        return tuple(name for name in _KEPT if name in form)

    def entries(self) -> Iterator[str]:
        yield reference(0)

    def needs(self) -> int:
        return LEVEL

    def speeches(self) -> Iterator[Speech]:
        for speeches in (self.prompt, self.amount_prompt, self.invalid, self.too_much):
            yield from speeches.values()
        yield from (*SPOKEN, _HOW_MUCH, _CONFIRM, _CLEARED, _WORDS, CARD_WORDS)

    def questions(self) -> Iterator[tuple[Speech, int]]:
        yield first(self.prompt), DIGITS

    def assigns(self) -> Mapping[str, str]:
        return {f"{self.into}_reference": "text", f"{self.into}_amount": "money"}

    def sets(self, outcome: str) -> Collection[str]:
        return self.assigns() if outcome in ("done", "rejected") else ()


_BY_STATE: Mapping[OrderState, str] = {
    OrderState.POSTED: "done",
    OrderState.REJECTED: "rejected",
    OrderState.AUTHORISED: "unknown",
    OrderState.POSTING: "unknown",
    OrderState.UNKNOWN: "unknown",
}
"""Any other was never authorised."""
