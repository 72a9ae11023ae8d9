"""What a proof need tell apart of orders under way: two forms that are alike lead to the same ends."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from typing import Any

from ivr.centre.orders.form import TERMS, VISIT
from ivr.centre.orders.limits import amount_of
from ivr.model.errors import EvaluationError
from ivr.model.expressions import Expression
from ivr.model.orders import OrderType
from ivr.model.values import Money, Scalar, Value

Scope = Mapping[str, Value]


def alike(order: OrderType, form: Mapping[str, Any], scope: Scope) -> Hashable:
    """Return a value that is equal for forms of which the order type can tell nothing apart: the same is
    filled, each of its conditions is as true, and the amount is above the same bounds."""
    filled = frozenset(name for name in (*order.slots, TERMS) if name in form)
    truths = tuple(_of(one, scope) for one in _conditions(order))
    return filled, truths, _above(order, scope), tuple(sorted(form.get(VISIT, {}).items()))


def bounds(order: OrderType) -> Iterator[Money]:
    """Yield the amounts that are written in it, above which something else happens."""
    for field in _bounds(order):
        value = _of(field, {})
        if isinstance(value, Money):
            yield value


def _conditions(order: OrderType) -> Iterator[Expression]:
    document = order.document
    for slot in order.slots.values():
        if slot.when is not None:
            yield slot.when
    yield from (limit.when for limit in document.limits if limit.when is not None)
    for parts in document.read_back.values():
        yield from (part.when for part in parts if part.when is not None)


def _bounds(order: OrderType) -> Iterator[Expression]:
    yield from (limit.most for limit in order.document.limits)
    if order.document.level_above is not None:
        yield order.document.level_above.amount


def _above(order: OrderType, scope: Scope) -> tuple[bool, ...]:
    try:
        amount = amount_of(order, scope)
    except EvaluationError:  # its slot is not filled yet
        return ()
    found = (_of(one, scope) for one in _bounds(order))
    return tuple(isinstance(one, Money) and amount.minor > one.minor for one in found)


def _of(expression: Expression, scope: Scope) -> Scalar:
    """Return what an expression gives; nothing where it reads what is not filled yet."""
    try:
        return expression.evaluate(scope)
    except EvaluationError:
        return None
