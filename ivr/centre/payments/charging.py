"""Charging a card, keyed or on file: from its number to what has become of the payment."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress

import msgspec

from ivr.centre.payments.agreeing import (
    CARD_WORDS,
    Agreed,
    Wanted,
    agreed,
    authorised,
    begun,
    card_heard,
    taken_back,
)
from ivr.centre.payments.asking import Asking, Ended
from ivr.centre.payments.card import KeyedCard
from ivr.model.commands import Script, ask
from ivr.model.errors import OneCallError, PortError
from ivr.model.prompt import Audible, BargeIn, Prompted, Spoken
from ivr.model.speech import Speech
from ivr.model.values import Money, Scalar
from ivr.ports.cashier import CHARGE, KEEP, VOID, ConfirmPayment, PayByCard
from ivr.ports.channel import Play
from ivr.ports.clock import Now
from ivr.ports.orders import Order, OrderState, Task
from ivr.ports.payments import Decline
from ivr.ports.posting import Item
from ivr.ports.window import CloseWindow, OpenWindow

PAID, DECLINED, UNKNOWN = "success", "payment_declined", "unknown"
NOT_CHARGED, NOT_SAFE = "payment_connector_error", "refused"
"""Outcomes of a payment, beside those of `Ended`."""

CONFIRM, CONFIRM_KEEP = Speech(("pay-confirm",)), Speech(("card-keep-confirm",))
SOME_MERCHANT = "merchant-other"
_WORDS = ("card-keep", "pay-read-back", "pay-to", "pay-amount", "pay-in", "pay-months", "pay-with")
READINGS = (CONFIRM, CONFIRM_KEEP, CARD_WORDS, Speech((*_WORDS, SOME_MERCHANT)))
"""What may be said of a bill, beside a merchant's name."""
DECLINES: Mapping[str, Speech] = {one: Speech((f"declined-{one}",)) for one in Decline if one}
"""What is said of a decline, where the author says nothing else."""


class Bill(msgspec.Struct, frozen=True):
    """What is paid: a merchant's order, in so many `months` (0: at once). Without a number nothing is:
    a card is kept."""

    number: str = ""
    merchant: Audible = Prompted(SOME_MERCHANT)
    amount: Money = Money(0)
    months: int = 0

    @property
    def heard(self) -> tuple[Audible, ...]:
        """How it is read out, before there is a card."""
        if not self.number:
            return ()
        plan: tuple[Audible, ...] = ()
        if self.months:
            plan = (Prompted("pay-in"), Spoken("number", self.months), Prompted("pay-months"))
        amount = (Prompted("pay-amount"), Spoken("money", self.amount))
        return (Prompted("pay-to"), self.merchant, *amount, *plan)

    def wanted(self, brand: str, tail: str, token: str = "") -> Wanted:
        """Return what is to be done with a card, and how that is read back."""
        card = card_heard(brand, tail)
        slots: dict[str, Scalar] = {"brand": brand, "tail": tail}
        if not self.number:
            return Wanted((Prompted("card-keep"), *card), Task(KEEP), slots)
        slots |= {"order": self.number, "months": self.months}
        task = Task(CHARGE, {"order": self.number, "months": self.months, "token": token})
        heard = (Prompted("pay-read-back"), *self.heard, Prompted("pay-with"), *card)
        return Wanted(heard, task, slots, self.amount)


class Ending(msgspec.Struct, frozen=True):
    """The outcome of a payment, and the order in the ledger as far as it came."""

    outcome: str
    order: Order | None = None


class Charging(msgspec.Struct, frozen=True):
    """How a bill is charged: the `kind` of order, the brands that are `accepted`, whether a security
    code is asked for, and what is said of each decline."""

    asking: Asking
    bill: Bill
    kind: str
    accepted: tuple[str, ...]
    cvv: bool
    declined: Mapping[str, Speech]

    def from_file(self, order: Order, card: Item) -> Script[Ending]:
        """Charge a card that is on file. Raises PortError when nothing was authorised."""
        brand, tail = str(card.fields["brand"]), str(card.fields["tail"])
        wanted = self.bill.wanted(brand, tail, card.id)
        for _ in range(self.asking.context.rounds):
            yes = yield from self._agreed(order, wanted)
            if yes.at is None:
                return (yield from self._left(order, yes.ended))
            paid = yield from authorised(ConfirmPayment(order.id, yes.digest, yes.at))
            if not _stale(paid):
                return (yield from self.ending(paid))
        return (yield from self._left(order, Ended.FAILED))

    def by_card(self, order: Order, attempt: int) -> Script[Ending]:
        """Charge a card that the caller keys, in a secure window; without one nothing is asked.

        Raises PortError when nothing was authorised.
        """
        now = yield from ask(Now())
        if not (yield from self._window_opens()):
            return (yield from self._left(order, NOT_SAFE))
        card = KeyedCard(self.asking, self.accepted, now.date(), cvv=self.cvv)
        try:
            ending = yield from self._keyed(order, attempt, card)
        except OneCallError:
            yield from self._window_closes()
            raise
        finally:
            card.wipe()
        yield from self._window_closes()
        return ending

    def ending(self, order: Order | None) -> Script[Ending]:
        """Return what has become of a payment; a decline is told the caller. None: nobody knows."""
        if order is None or order.state in _NOT_KNOWN:
            return Ending(UNKNOWN, order)
        if order.state is OrderState.POSTED:
            return Ending(PAID, order)
        if order.state is not OrderState.REJECTED or order.reason == VOID:
            return Ending(NOT_CHARGED, order)
        yield from self._say_declined(order)
        return Ending(DECLINED, order)

    def _keyed(self, order: Order, attempt: int, card: KeyedCard) -> Script[Ending]:
        error = ""
        for _ in range(self.asking.context.rounds):
            ended = yield from card.complete(error)
            if ended is not Ended.ENTERED:
                return (yield from self._left(order, ended))
            wanted = self.bill.wanted(card.brand, card.tail)
            yes = yield from self._agreed(order, wanted)
            if yes.at is None:
                return (yield from self._left(order, yes.ended))
            paid = yield from authorised(PayByCard(order.id, yes.digest, yes.at, card.card))
            if _stale(paid):
                continue
            field = card.mended_by(paid.reason) if paid is not None else None
            if paid is None or field is None or attempt >= self.asking.attempts:
                return (yield from self.ending(paid))
            yield from self._say_declined(paid)
            card.forget(field)
            attempt, error = attempt + 1, "declined"
            order = yield from begun(self.asking.context, self.kind, self.bill.number, attempt)
        return (yield from self._left(order, Ended.FAILED))

    def _agreed(self, order: Order, wanted: Wanted) -> Script[Agreed]:
        prompt = CONFIRM if self.bill.number else CONFIRM_KEEP
        context, rules = self.asking.context, self.asking.rules
        return (yield from agreed(context, rules, order.id, wanted, prompt))

    def _say_declined(self, order: Order) -> Script[None]:
        speech = self.declined.get(order.reason, self.declined[Decline.REFUSED])
        yield from ask(Play(self.asking.context.audible(speech), bargein=BargeIn.NONE, flush=True))

    def _left(self, order: Order, outcome: str) -> Script[Ending]:
        """Take back an order that was not authorised."""
        yield from taken_back(order.id)
        return Ending(str(outcome))

    def _window_opens(self) -> Script[bool]:
        try:
            return (yield from ask(OpenWindow(self.asking.context.session.call_id))).open
        except PortError:
            return False

    def _window_closes(self) -> Script[None]:
        with suppress(PortError):  # it is closed with the call at the latest
            yield from ask(CloseWindow(self.asking.context.session.call_id))


_NOT_KNOWN = (OrderState.AUTHORISED, OrderState.POSTING, OrderState.UNKNOWN)


def _stale(order: Order | None) -> bool:
    """Whether the caller took so long to agree that it must be read back again."""
    return order is not None and order.state is OrderState.READ_BACK
