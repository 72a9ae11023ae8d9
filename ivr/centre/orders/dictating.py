"""Beginning an order, filling its slots, and changing one of them."""

from __future__ import annotations

from ivr.centre.orders import words
from ivr.centre.orders.asking import Offered, pick
from ivr.centre.orders.digest import order_id
from ivr.centre.orders.form import ORDER, VISIT, cleared
from ivr.centre.orders.limits import opens_again
from ivr.centre.orders.visit import Over, draft, form_of, visit
from ivr.model.commands import Script, ask
from ivr.model.orders import OrderType
from ivr.model.outcome import Stay
from ivr.model.properties import InputRules
from ivr.model.step import Context
from ivr.ports.clock import Now
from ivr.ports.orders import BeginOrder


def begin(context: Context, order: OrderType) -> Script[Stay | Over]:
    """Begin an order, if such orders are taken now."""
    now = yield from ask(Now())
    hours = order.document.open
    if hours is not None and hours.say is not None:
        again = yield from opens_again(context, order, now)
        if again is not None:
            return Over("closed", hours.say)
    session = context.session
    ident = order_id(session.call_id, session.started_at.isoformat(), session.steps_taken)
    yield from ask(BeginOrder(draft(context, order, ident, now)))
    return Stay({ORDER: {"id": ident, "day": ""}, VISIT: {"stage": "", "rounds": 0, "pins": 0}})


def fill(context: Context, order: OrderType, name: str, rules: InputRules) -> Script[Stay | Over]:
    """Ask for a slot."""
    filled = yield from order.slots[name].ask(context, rules)
    if filled.ended:
        return Over(filled.ended, words.CANCELLED, filled.failures)
    return Stay({name: filled.value}, failures=filled.failures)


def change(context: Context, order: OrderType, rules: InputRules) -> Script[Stay | Over]:
    """Ask which slot to change, and open it again; `*` leaves all as it is."""
    names = [name for name in order.slots if name in form_of(context)]
    chosen, failures = names[0], 0
    if len(names) > 1:
        offered = [
            Offered({"slot": name}, context.audible(order.slots[name].name)) for name in names
        ]
        filled = yield from pick(context, rules, {1: words.CHANGE}, offered)
        failures = filled.failures
        if filled.ended == "cancelled":
            return Stay(visit(context, stage=""), failures=failures)
        if not isinstance(filled.value, dict):
            return Over(filled.ended, words.CANCELLED, failures)
        chosen = str(filled.value["slot"])
    return Stay({**cleared(order, chosen), **visit(context, stage="")}, failures=failures)
