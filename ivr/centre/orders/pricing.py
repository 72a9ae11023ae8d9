"""What an order whose slots are filled would cost, and whether it may be given at all."""

from __future__ import annotations

from datetime import datetime

from ivr.centre.customers import customer_number
from ivr.centre.orders import words
from ivr.centre.orders.form import ORDER, TERMS, scope_with
from ivr.centre.orders.limits import amount_of, broken, level_needed, opens_again
from ivr.centre.orders.readback import arguments
from ivr.centre.orders.visit import Over, form_of, money_slot, order_of, reopened
from ivr.model.commands import Script, ask
from ivr.model.orders import Limit, OrderType
from ivr.model.outcome import Stay
from ivr.model.step import Context
from ivr.model.values import Scalar
from ivr.ports.clock import Now
from ivr.ports.posting import GetTerms, Reason, Terms

_OF_THE_AMOUNT = frozenset({Reason.FUNDS, Reason.AMOUNT, Reason.LIMIT})


def price(context: Context, order: OrderType) -> Script[Stay | Over]:
    """Ask the bank for its terms, and look at the limits and the hours."""
    now = yield from ask(Now())
    found = yield from terms_of(context, order, now)
    if found.reason is not Reason.NONE:
        return (yield from _refused(context, order, found.reason))
    terms = told_terms(found)
    scope = scope_with(context, {TERMS: terms})
    amount = amount_of(order, scope)
    limit = broken(order, scope, amount)
    if limit is not None:
        return (yield from above(context, order, limit))
    level = level_needed(order, amount, scope)
    day = yield from opens_again(context, order, now)
    hours = order.document.open
    if hours is not None and day is not None and (hours.say is not None or not day):
        return Over("closed", hours.say or words.REFUSED)
    return Stay({TERMS: terms, ORDER: {"id": order_of(context), "day": day or ""}}, level)


def terms_of(context: Context, order: OrderType, now: datetime) -> Script[Terms]:
    """Return the bank's terms for an order whose slots are filled; a case has none, and no fee."""
    posting = order.document.posting
    if posting is None:
        return Terms()
    given = arguments(order, context.session.scope())
    customer = customer_number(context.session) or ""
    return (yield from ask(GetTerms(posting.operation, customer, given, now)))


def told_terms(terms: Terms) -> dict[str, Scalar]:
    """Return the terms as the form keeps them."""
    return {"fee": terms.fee, **terms.facts}


def above(context: Context, order: OrderType, limit: Limit) -> Script[Stay | Over]:
    """Tell that an order is above a limit, and open the slot of the amount again."""
    slot = limit.reopen or money_slot(order)
    if slot is None or slot not in form_of(context):
        return Over("rejected", limit.say)
    return (yield from reopened(context, order, slot, limit.say))


def _refused(context: Context, order: OrderType, reason: Reason) -> Script[Stay | Over]:
    """Tell why the bank will not do it, and open the slot again that has to do with it."""
    document = order.document
    say = document.refusals.get(reason.value, words.REFUSED)  # type: ignore[call-overload]
    slot = document.reopens.get(reason.value)  # type: ignore[call-overload]
    if slot is None and reason in _OF_THE_AMOUNT:
        slot = money_slot(order)
    if slot is None or slot not in form_of(context):
        return Over("rejected", say)
    return (yield from reopened(context, order, slot, say))
