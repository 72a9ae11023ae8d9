"""From what a caller wants paid to the order that stands for it, read back and agreed to."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

import msgspec

from ivr.centre.cards import BRANDS
from ivr.centre.customers import customer_number
from ivr.centre.orders.digest import canonical, digest, order_id
from ivr.centre.payments.asking import Ended, choice
from ivr.model.commands import Script, ask
from ivr.model.errors import EvaluationError, PortError, PortTimeout
from ivr.model.prompt import Audible, BargeIn, Prompted, Spoken
from ivr.model.properties import InputRules
from ivr.model.speech import Speech
from ivr.model.step import Context
from ivr.model.values import Money, Scalar
from ivr.ports.cashier import DESK, ConfirmPayment, PayByCard, SettlePayment
from ivr.ports.channel import Play
from ivr.ports.clock import Now
from ivr.ports.orders import (
    BeginOrder,
    CancelOrder,
    Draft,
    FreezeOrder,
    Order,
    ReadBack,
    Task,
)

MOST_ATTEMPTS = 4
"""So many payments of the same thing may fail in one call."""
YES, AGAIN = "1", "3"


CARD_WORDS = Speech((*(f"card-{brand}" for brand in BRANDS), "card-ending"))
"""What may be said of a card."""


class Wanted(msgspec.Struct, frozen=True):
    """What is to be done, and how it is heard: `slots` are for people and evidence."""

    heard: tuple[Audible, ...]
    task: Task
    slots: dict[str, Scalar]
    amount: Money = Money(0)


class Agreed(msgspec.Struct, frozen=True):
    """What came of a read-back: the digest that the caller agreed to, and when, if ENTERED."""

    ended: Ended
    digest: str = ""
    at: datetime | None = None


def begun(context: Context, kind: str, what: str, attempt: int) -> Script[Order]:
    """Begin an order for `what` (a merchant's order, a payment), or go on with it: in the same call
    the same attempt has the same id, whatever connection it comes by. Raises PortError."""
    session = context.session
    now = yield from ask(Now())
    id_ = order_id(session.call_id, f"{session.started_at.isoformat()} {kind} {what}", attempt)
    customer = customer_number(session) or ""
    draft = Draft(id_, kind, session.call_id, customer, "", session.language, now, DESK)
    return (yield from ask(BeginOrder(draft)))


def free_attempt(context: Context, kind: str, what: str) -> Script[int]:
    """Return which attempt is the next in this call: one of which nobody knows yet what came of it is
    never followed by another. 0: there were too many. Raises PortError."""
    for attempt in range(1, min(MOST_ATTEMPTS, context.rounds) + 1):
        order = yield from begun(context, kind, what, attempt)
        if not order.state.over:
            return attempt
    return 0


def agreed(
    context: Context, rules: InputRules, order: str, wanted: Wanted, prompt: Speech
) -> Script[Agreed]:
    """Read back what is wanted, which no key cuts short, until the caller has agreed or not.

    Raises PortError.
    """
    language = context.session.language
    text = canonical(language, wanted.heard, wanted.slots, wanted.task, wanted.amount, Money(0))
    mark = digest(order, text)
    for _ in range(context.rounds):
        at = yield from ask(Now())
        said = ReadBack(order, text, mark, wanted.slots, wanted.task, at, wanted.amount)
        yield from ask(FreezeOrder(said))
        yield from ask(Play(wanted.heard, bargein=BargeIn.NONE, flush=True))
        entry = yield from choice(context, rules, prompt, (YES, AGAIN))
        if entry.ended is not Ended.ENTERED:
            return Agreed(entry.ended)
        if entry.key == YES:
            said_yes = yield from ask(Now())
            return Agreed(Ended.ENTERED, mark, said_yes)
    return Agreed(Ended.FAILED)


def authorised(command: PayByCard | ConfirmPayment) -> Script[Order | None]:
    """Authorise what was agreed to; None where nobody can tell what came of it.

    Raises PortError when nothing was authorised.
    """
    try:
        return (yield from ask(command))
    except PortTimeout:
        pass
    try:
        # Taken back, it was surely not authorised; if it was, that stands.
        yield from ask(CancelOrder(command.order))
        return (yield from ask(SettlePayment(command.order)))
    except PortError:
        return None


def resumed(order: Order) -> Script[Order | None]:
    """Return what has become of an order that an earlier connection of the call authorised; None
    where nobody can tell."""
    try:
        return (yield from ask(SettlePayment(order.id)))
    except PortError:
        return None


def taken_back(order: str) -> Script[None]:
    """Take back an order that the caller left. If that fails, the ledger does it later."""
    with suppress(PortError):
        yield from ask(CancelOrder(order))


def card_heard(brand: str, tail: str) -> tuple[Audible, ...]:
    """Return how a card is spoken of: all that anybody may hear of it."""
    return (Prompted(f"card-{brand}"), Prompted("card-ending"), Spoken("digits", tail))


def money_kept(context: Context, name: str) -> Money:
    """Return an amount that the step has kept. Raises EvaluationError."""
    amount = context.session.frame.form[name]
    if not isinstance(amount, Money):
        raise EvaluationError(f"`{name}` is no amount")
    return amount
