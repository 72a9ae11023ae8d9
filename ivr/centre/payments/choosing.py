"""What a caller who pays chooses: the right order, how it is paid, and a card that is on file."""

from __future__ import annotations

from collections.abc import Sequence

from ivr.centre.customers import customer_number
from ivr.centre.payments.agreeing import MOST_READINGS, card_heard
from ivr.centre.payments.asking import Asking, Chosen, Ended, choice, ends, trouble
from ivr.centre.payments.charging import Bill
from ivr.model.commands import Script, ask
from ivr.model.prompt import Audible, BargeIn, Prompted, Spoken
from ivr.model.speech import Speech
from ivr.ports.cashier import GetMerchantOrder
from ivr.ports.channel import Play
from ivr.ports.clock import Now
from ivr.ports.payments import MerchantOrder
from ivr.ports.posting import GetItems, Item

GO_ON, ANOTHER, AGAIN = "1", "2", "3"
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


def keyed_order(asking: Asking) -> Script[tuple[Chosen, MerchantOrder | None]]:
    """Ask for the number of a merchant's order that can be paid. Raises PortError."""
    error = ""
    for attempt in range(1, asking.attempts + 1):
        keyed = yield from asking.once("order", ORDER_DIGITS, error=error, attempt=attempt)
        if ends(keyed):
            return Chosen(Ended.STAR, failures=attempt - 1), None
        error = trouble(keyed)
        if not error:
            order = yield from ask(GetMerchantOrder(keyed.digits))
            if order is not None and order.open:
                return Chosen(failures=attempt - 1), order
            error = "unknown" if order is None else "closed"
    return Chosen(Ended.FAILED, failures=asking.attempts), None


def right_order(asking: Asking, bill: Bill, *, another: bool) -> Script[Chosen]:
    """Read out merchant and amount, which no key cuts short: GO_ON, or ANOTHER order if there may be
    one."""
    failures = 0
    for _ in range(MOST_READINGS):
        yield from ask(Play(bill.heard, bargein=BargeIn.NONE, flush=True))
        keys, prompt = ("123", _AGREE) if another else ("13", _AGREE_GIVEN)
        chosen = yield from choice(asking.context, asking.rules, prompt, keys)
        failures += chosen.failures
        if chosen.key != AGAIN:
            return Chosen(chosen.ended, chosen.key, failures)
    return Chosen(Ended.FAILED, failures=failures)


def plan(asking: Asking, months: Sequence[int]) -> Script[tuple[Chosen, int]]:
    """Ask in how many months it is paid; 0 is at once."""
    offered = (0, *months)[: len(KEYS)]
    heard: list[Audible] = []
    for count, press in zip(offered[1:], _PRESS[1:], strict=False):
        heard += (Prompted("pay-in"), Spoken("number", count), Prompted("pay-months"))
        heard += asking.context.audible(press)
    keys = KEYS[: len(offered)]
    chosen = yield from choice(asking.context, asking.rules, _AT_ONCE, keys, tuple(heard))
    return chosen, offered[int(chosen.key) - 1] if chosen.key else 0


def method(asking: Asking) -> Script[Chosen]:
    """Ask for the kind of card: 1 on file, 2 keyed."""
    return (yield from choice(asking.context, asking.rules, _METHOD, "12"))


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
