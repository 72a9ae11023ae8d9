"""What has become of an authorised order, and telling the caller the truth of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec.structs import replace

from ivr.centre.orders import words
from ivr.centre.orders.form import ORDER, scope_with
from ivr.centre.orders.visit import form_of
from ivr.model.commands import Script, ask
from ivr.model.errors import PortError
from ivr.model.orders import OrderType
from ivr.model.speech import Speech
from ivr.model.step import Context
from ivr.ports.channel import Play
from ivr.ports.orders import Order, OrderState, SettleOrder

WAIT_MS = 1_500
"""How long nothing is heard while an order is posted."""
MOST_WAITS = 6

OUTCOMES: Mapping[OrderState, str] = {
    OrderState.POSTED: "posted",
    OrderState.REJECTED: "rejected",
}
"""Any other state of an authorised order is `unknown` to the caller."""


def settle(context: Context, kind: OrderType, order: Order) -> Script[Order]:
    """Wait until it is known what has become of an order, and tell it."""
    waits = 0
    while waits < MOST_WAITS and not (order.state.over or order.state is OrderState.UNKNOWN):
        if waits:
            yield from ask(Play(context.audible(words.WORKING)))
        try:
            order = yield from ask(SettleOrder(order.id, WAIT_MS))
        except PortError:
            order = replace(order, state=OrderState.UNKNOWN)
        waits += 1
    scope = scope_with(context, {ORDER: {**form_of(context)[ORDER], "reference": order.reference}})
    heard = tuple(item for speech in _telling(kind, order) for item in speech.audible(scope))
    yield from ask(Play(heard))
    return order


def _telling(kind: OrderType, order: Order) -> Iterator[Speech]:
    document = kind.document
    if order.state is OrderState.POSTED:
        done = words.POSTED if document.case is None else words.ACCEPTED
        yield document.done or done
    elif order.state is OrderState.REJECTED:
        yield from (say for reason, say in document.refusals.items() if reason == order.reason)
        yield words.REJECTED
    else:
        yield words.UNKNOWN if order.reference else words.DOUBTFUL
