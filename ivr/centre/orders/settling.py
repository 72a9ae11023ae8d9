"""What has become of an authorised order, and telling the caller the truth of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Any

import msgspec
from msgspec.structs import replace

from ivr.centre.orders import words
from ivr.centre.orders.form import ORDER, groups
from ivr.model.commands import Script, ask
from ivr.model.errors import EvaluationError, PortError
from ivr.model.orders import OrderType
from ivr.model.prompt import Audible
from ivr.model.speech import Speech
from ivr.model.step import Context
from ivr.model.values import Value
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


class Settling(msgspec.Struct, frozen=True):
    """What settling needs to know of an order of a `kind`: the names that what is told may read, and how
    often it is waited for at most."""

    kind: OrderType
    scope: Mapping[str, Any]
    waits: int

    @classmethod
    def of(cls, context: Context, kind: OrderType) -> Settling:
        """Return what the order that is under way is settled with."""
        document, scope = kind.document, context.session.scope()
        told = (document.done or words.POSTED, *document.refusals.values())
        read = groups(chain.from_iterable(speech.expressions() for speech in told))
        known = {name: scope[name] for name in sorted(read) if name in scope}
        return cls(kind, known, min(MOST_WAITS, context.rounds + 1))

    def settle(self, order: Order) -> Script[Order]:
        """Wait until it is known what has become of an order, and tell it."""
        waits = 0
        while waits < self.waits and not (order.state.over or order.state is OrderState.UNKNOWN):
            if waits:
                yield from ask(Play(words.WORKING.audible({})))
            try:
                order = yield from ask(SettleOrder(order.id, WAIT_MS))
            except PortError:
                order = replace(order, state=OrderState.UNKNOWN)
            waits += 1
        yield from ask(Play(self._heard(order)))
        return order

    def _heard(self, order: Order) -> tuple[Audible, ...]:
        """Return what the caller hears: what the order type says of it where that can be said, as it is
        done by now in any case."""
        scope = {**self.scope, ORDER: {**self.scope.get(ORDER, {}), "reference": order.reference}}
        try:
            return _audible(_telling(self.kind, order), scope)
        except EvaluationError:
            return _audible(_fixed(self.kind, order), scope)


def _audible(speeches: Iterable[Speech], scope: Mapping[str, Value]) -> tuple[Audible, ...]:
    return tuple(item for speech in speeches for item in speech.audible(scope))


def _telling(kind: OrderType, order: Order) -> Iterator[Speech]:
    document = kind.document
    if order.state is OrderState.POSTED and document.done is not None:
        yield document.done
        return
    if order.state is OrderState.REJECTED:
        yield from (say for reason, say in document.refusals.items() if reason == order.reason)
    yield from _fixed(kind, order)


def _fixed(kind: OrderType, order: Order) -> Iterator[Speech]:
    if order.state is OrderState.POSTED:
        yield words.POSTED if kind.document.case is None else words.ACCEPTED
    elif order.state is OrderState.REJECTED:
        yield words.REJECTED
    else:
        yield words.UNKNOWN if order.reference else words.DOUBTFUL
