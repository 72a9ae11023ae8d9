"""The read-back: exactly what the caller hears, and what it stands for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from ivr.centre.orders.digest import canonical, digest
from ivr.centre.orders.form import ORDER, TERMS, flat
from ivr.centre.orders.limits import amount_of
from ivr.model.errors import EvaluationError
from ivr.model.orders import OrderType
from ivr.model.prompt import Audible
from ivr.model.values import Money, Scalar, Value
from ivr.ports.orders import Task


class Reading(msgspec.Struct, frozen=True):
    """An order as it is read back: what is heard, its text and digest, and what they stand for."""

    heard: tuple[Audible, ...]
    text: str
    digest: str
    slots: dict[str, Scalar]
    task: Task
    amount: Money
    fee: Money


def reading(
    order: OrderType, form: Mapping[str, Any], scope: Mapping[str, Value], language: str
) -> Reading:
    """Return how an order whose slots are filled is read back. Raises EvaluationError."""
    heard = heard_back(order, scope, language, waits=bool(form[ORDER]["day"]))
    slots = flat(form, order)
    work = task(order, scope)
    amount, fee = amount_of(order, scope), form[TERMS]["fee"]
    text = canonical(language, heard, slots, work, amount, fee)
    return Reading(heard, text, digest(form[ORDER]["id"], text), slots, work, amount, fee)


def heard_back(
    order: OrderType, scope: Mapping[str, Value], language: str, *, waits: bool
) -> tuple[Audible, ...]:
    """Return what is heard; `waits`: the order is done only when they are taken again.

    Raises EvaluationError.
    """
    parts = order.parts(language)
    if not parts:
        raise EvaluationError(f"`{order.name}` has no read-back in {language}")
    heard: list[Audible] = []
    for part in parts:
        if part.when is None or part.when.evaluate(scope) is True:
            heard += part.say.audible(scope)
    hours = order.document.open
    if waits and hours is not None and hours.next_day is not None:
        heard += hours.next_day.audible(scope)
    return tuple(heard)


def task(order: OrderType, scope: Mapping[str, Value]) -> Task:
    """Return what is to be done. Raises EvaluationError."""
    document = order.document
    if document.posting is None:
        assert document.case is not None  # noqa: S101  (the document has one of the two)
        return Task(case=document.case.kind, owner=document.case.owner)
    return Task(document.posting.operation, arguments(order, scope))


def arguments(order: OrderType, scope: Mapping[str, Value]) -> dict[str, Scalar]:
    """Return what the operation is given. Raises EvaluationError."""
    given: Mapping[str, Any] = order.document.posting.with_ if order.document.posting else {}
    computed = order.arguments()
    return {
        name: computed[name].evaluate(scope) if name in computed else value
        for name, value in given.items()
    }
