"""Reading an order back, and having it authorised: frozen, heard to the end, bound to a PIN."""

from __future__ import annotations

from msgspec.structs import replace

from ivr.centre.input import INVALID_PROMPTS, NO_INPUT_PROMPTS, Ended, Question, gather
from ivr.centre.orders import words
from ivr.centre.orders.asking import CLEARED, ENDED, ENTRY_INVALID
from ivr.centre.orders.form import TERMS, VISIT
from ivr.centre.orders.limits import allowances, level_needed
from ivr.centre.orders.pricing import above, terms_of, told_terms
from ivr.centre.orders.readback import Reading, reading
from ivr.centre.orders.visit import (
    CHANGE,
    SIGN,
    Over,
    account_of,
    draft,
    form_of,
    next_round,
    order_of,
    told,
    visit,
)
from ivr.model.commands import Script, ask
from ivr.model.digits import Choices, Digits
from ivr.model.errors import PortError
from ivr.model.orders import OrderType
from ivr.model.outcome import Stay
from ivr.model.prompt import BargeIn
from ivr.model.properties import InputRules
from ivr.model.step import Context
from ivr.ports.channel import Play
from ivr.ports.clock import Now
from ivr.ports.identity import PinResult, VerifyPin
from ivr.ports.orders import (
    AcceptOrder,
    Authorised,
    AuthoriseOrder,
    BeginOrder,
    CancelOrder,
    FreezeOrder,
    Order,
    OrderState,
    ReadBack,
    SettleOrder,
)
from ivr.ports.posting import Reason

MOST_PINS = 3
"""Wrong PINs of one order; the bank counts those of all calls."""
_PIN_LEAST, _PIN_MOST = 4, 12
_CONFIRM, _CHANGE, _AGAIN = "1", "2", "3"


def confirm(context: Context, order: OrderType, rules: InputRules) -> Script[Stay | Over]:
    """Read the order back, whatever is keyed, and ask whether that is meant."""
    read = _reading(context, order)
    yield from ask(Play(read.heard, bargein=BargeIn.NONE, flush=True))
    now = yield from ask(Now())
    said = ReadBack(
        order_of(context),
        read.text,
        read.digest,
        read.slots,
        read.task,
        now,
        read.amount,
        read.fee,
    )
    yield from ask(FreezeOrder(said))
    question = Question(
        prompt={1: words.CONFIRM},
        grammar=Choices((_CONFIRM, _CHANGE, _AGAIN)),
        no_input=NO_INPUT_PROMPTS,
        invalid=INVALID_PROMPTS,
        back=True,
    )
    entry = yield from gather(context, question, rules)
    if entry.ended is not Ended.ENTERED:
        return Over(ENDED[entry.ended], words.CANCELLED, entry.failures)
    if entry.digits == _CONFIRM:
        level = level_needed(order, read.amount, context.session.scope())
        return Stay(visit(context, stage=SIGN), level, entry.failures)
    stage = CHANGE if entry.digits == _CHANGE else ""
    return Stay(next_round(context, stage), failures=entry.failures)


def authorise(context: Context, order: OrderType, rules: InputRules) -> Script[Stay | Over | Order]:
    """Take the PIN for what was read back, and have it authorised; return the order then.

    Nobody knows how far it came before the connection was lost, if it was: the ledger does.
    """
    now = yield from ask(Now())
    begun = yield from ask(BeginOrder(draft(context, order, order_of(context), now)))
    if begun.state.binding:
        return begun
    if begun.state is not OrderState.READ_BACK:
        return Stay(next_round(context))
    digest = _reading(context, order).digest
    if order.pin:
        refused = yield from _pin(context, order, rules, digest)
        if refused is not None:
            return refused
    return (yield from _authorised(context, order, begun, digest))


def _pin(
    context: Context, order: OrderType, rules: InputRules, digest: str
) -> Script[Stay | Over | None]:
    """Ask for the PIN; return None when it is right."""
    question = Question(
        prompt={1: words.PIN},
        grammar=Digits(_PIN_LEAST, _PIN_MOST, rules.terminator, rules.cancel),
        no_input=NO_INPUT_PROMPTS,
        invalid=ENTRY_INVALID,
        cleared=CLEARED,
        back=True,
        secret=True,
        what="pin",
    )
    entry = yield from gather(context, question, rules)
    if entry.ended is not Ended.ENTERED or entry.secret is None:
        return Over(ENDED[entry.ended], words.CANCELLED, entry.failures)
    session = context.session
    try:
        answer = yield from ask(
            VerifyPin(account_of(context), entry.secret, session.ani, session.trunk, digest)
        )
    finally:
        entry.secret.wipe()
    if answer.result is PinResult.RIGHT:
        return None
    if answer.result is PinResult.LOCKED:
        return Over("locked", words.LOCKED, entry.failures)
    wrong = form_of(context)[VISIT]["pins"] + 1
    if wrong >= min(MOST_PINS, context.rounds):
        return Over("cancelled", words.CANCELLED, entry.failures + 1)
    yield from told(context, words.WRONG_PIN)
    return Stay(visit(context, pins=wrong), session.frame.level, entry.failures + 1)


def _authorised(
    context: Context, order: OrderType, begun: Order, digest: str
) -> Script[Stay | Over | Order]:
    now = yield from ask(Now())
    terms = yield from terms_of(context, order, now)
    if terms.reason is not Reason.NONE or told_terms(terms) != form_of(context)[TERMS]:
        # Past a cut-off or midnight since they were read back: the caller has signed others.
        yield from told(context, words.STALE)
        return Stay({TERMS: None, **next_round(context)})
    session = context.session
    limits = allowances(order, session.scope(), now, session.started_at)
    command = AuthoriseOrder if order.pin else AcceptOrder
    try:
        answer = yield from ask(command(begun.id, digest, now, tuple(one for _, one in limits)))
    except PortError:
        return (yield from _truth(begun))
    if answer is Authorised.YES:
        return replace(begun, state=OrderState.AUTHORISED)
    for limit, allowance in limits:
        if answer is allowance.per.above:
            return (yield from above(context, order, limit))
    if answer is Authorised.OVER:
        return (yield from _truth(begun))
    yield from told(context, words.STALE)
    return Stay(next_round(context))


def _truth(begun: Order) -> Script[Over | Order]:
    """Find out whether an order was authorised, by taking it back if it was not."""
    try:
        yield from ask(CancelOrder(begun.id))
        found = yield from ask(SettleOrder(begun.id, 0))
    except PortError:
        return replace(begun, state=OrderState.UNKNOWN, reference="")
    return found if found.state.binding else Over("unavailable", words.UNAVAILABLE)


def _reading(context: Context, order: OrderType) -> Reading:
    session = context.session
    return reading(order, form_of(context), session.scope(), session.language)
