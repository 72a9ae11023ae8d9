"""What a caller who pays chooses, a visit each: the order, how it is paid, a card that is on file."""

from __future__ import annotations

from collections.abc import Mapping

from ivr.centre.customers import customer_number
from ivr.centre.payments.agreeing import card_heard
from ivr.centre.payments.asking import Asking, Chosen, Ended, choice, ends, trouble
from ivr.centre.payments.charging import Bill
from ivr.model.commands import Script, ask
from ivr.model.outcome import Outcome, Stay, Transition
from ivr.model.prompt import Audible, BargeIn, Prompted, Spoken
from ivr.model.speech import Speech
from ivr.model.step import Context
from ivr.model.values import Money, Scalar
from ivr.ports.cashier import GetMerchantOrder
from ivr.ports.channel import Play
from ivr.ports.clock import Now
from ivr.ports.payments import MerchantOrder
from ivr.ports.posting import GetItems, Item

ANOTHER, AGAIN = "2", "3"
ON_FILE_LEVEL = 2
"""The auth level that a card on file needs."""
NOT_POSSIBLE = "validation_error"
"""The outcome for what cannot be paid here."""
_OF_ORDER = ("pay_number", "pay_merchant", "pay_amount", "pay_months")
KEPT = (*_OF_ORDER, "pay_agreed", "pay_plan", "pay_on_file", "pay_attempt")
"""What a payment keeps between its visits, in the order in which it is asked for."""
ORDER_DIGITS = (4, 20)
"""How long merchants' order numbers are."""
KEYS = "12345678"
"""The keys of a list; what does not fit on them is not offered."""

_PRESS = tuple(Speech((f"press-{key}",)) for key in KEYS)
_AGREE, _AGREE_GIVEN = Speech(("pay-agree",)), Speech(("pay-agree-given",))
_AT_ONCE, _METHOD = Speech(("pay-at-once",)), Speech(("pay-method",))
_WHICH = Speech(("pay-which-card",))
_NO_CARDS = Speech(("pay-no-cards",))
CHOICES = (_AGREE, _AGREE_GIVEN, _AT_ONCE, _METHOD, _WHICH, _NO_CARDS, *_PRESS)
"""What may be said here."""


def keyed_order(asking: Asking, most: Money | None) -> Script[Transition]:
    """Ask for the number of a merchant's order that can be paid. Raises PortError."""
    error = ""
    for attempt in range(1, asking.attempts + 1):
        keyed = yield from asking.once("order", ORDER_DIGITS, error=error, attempt=attempt)
        if ends(keyed):
            return Outcome(Ended.STAR, failures=attempt - 1)
        error = trouble(keyed)
        if not error:
            order = yield from ask(GetMerchantOrder(keyed.digits))
            if order is not None and order.open:
                return taken(order, most, failures=attempt - 1)
            error = "unknown" if order is None else "closed"
    return Outcome(Ended.FAILED, failures=asking.attempts)


def taken(order: MerchantOrder | None, most: Money | None, failures: int = 0) -> Transition:
    """Keep an order, if it can be paid here."""
    dear = order is not None and most is not None and order.amount.minor > most.minor
    if order is None or not order.open or dear:
        return Outcome(NOT_POSSIBLE, failures=failures)
    changes: dict[str, Scalar] = {
        "pay_number": order.number,
        "pay_merchant": order.merchant,
        "pay_amount": order.amount,
        "pay_months": " ".join(map(str, order.instalments)),
    }
    return Stay(changes, failures=failures)


def right_order(asking: Asking, bill: Bill, *, another: bool) -> Script[Transition]:
    """Read out merchant and amount, which no key cuts short: is it the order that the caller means?"""
    keys, prompt = ("123", _AGREE) if another else ("13", _AGREE_GIVEN)
    for _ in range(asking.context.rounds):
        yield from ask(Play(bill.heard, bargein=BargeIn.NONE, flush=True))
        chosen = yield from choice(asking.context, asking.rules, prompt, keys)
        if chosen.key == ANOTHER:
            return _another(asking.context, chosen.failures)
        if chosen.key != AGAIN:
            return _kept(chosen, {"pay_agreed": True})
    return Outcome(Ended.FAILED)


def _another(context: Context, failures: int) -> Transition:
    orders = int(str(context.session.frame.form.get("pay_orders", 1)))
    if orders >= context.rounds:
        return Outcome(Ended.FAILED, failures=failures)
    changes = {**dict.fromkeys(_OF_ORDER), "pay_orders": orders + 1}
    return Stay(changes, failures=failures)


def plan(asking: Asking) -> Script[Transition]:
    """Ask in how many months it is paid; 0 is at once."""
    months = str(asking.context.session.frame.form["pay_months"]).split()
    offered = (0, *map(int, months))[: len(KEYS)]
    heard: list[Audible] = []
    for count, press in zip(offered[1:], _PRESS[1:], strict=False):
        heard += (Prompted("pay-in"), Spoken("number", count), Prompted("pay-months"))
        heard += asking.context.audible(press)
    keys = KEYS[: len(offered)]
    chosen = yield from choice(asking.context, asking.rules, _AT_ONCE, keys, tuple(heard))
    return _kept(chosen, {"pay_plan": offered[int(chosen.key or 1) - 1]})


def method(asking: Asking, *, on_file: bool, keyed: bool) -> Script[Transition]:
    """Ask for the kind of card, if there is a choice."""
    if not (on_file and keyed):
        return _by(Chosen(), on_file=on_file)
    chosen = yield from choice(asking.context, asking.rules, _METHOD, "12")
    return _by(chosen, on_file=chosen.key == "1")


def _by(chosen: Chosen, *, on_file: bool) -> Transition:
    return _kept(chosen, {"pay_on_file": on_file}, ON_FILE_LEVEL if on_file else 0)


def _kept(chosen: Chosen, changes: Mapping[str, Scalar], level: int = 0) -> Transition:
    if chosen.ended is not Ended.ENTERED:
        return Outcome(chosen.ended, failures=chosen.failures)
    return Stay(changes, level, chosen.failures)


def card_on_file(asking: Asking) -> Script[tuple[Chosen, Item | None]]:
    """Ask for one of the customer's cards on file; a single one is taken without asking. None with an
    entry: there is none, and the caller is told so. Raises PortError."""
    now = yield from ask(Now())
    customer = customer_number(asking.context.session) or ""
    cards = yield from ask(GetItems("cards", customer, now))
    if not cards:
        yield from ask(Play(asking.context.audible(_NO_CARDS)))
        return Chosen(), None
    if len(cards) == 1:
        return Chosen(), cards[0]
    heard: list[Audible] = []
    for card, press in zip(cards, _PRESS, strict=False):
        heard += card_heard(str(card.fields["brand"]), str(card.fields["tail"]))
        heard += asking.context.audible(press)
    keys = KEYS[: len(cards)]
    chosen = yield from choice(asking.context, asking.rules, _WHICH, keys, tuple(heard))
    return chosen, cards[int(chosen.key) - 1] if chosen.key else None
