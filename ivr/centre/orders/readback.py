"""The read-back: exactly what the caller hears, and what it stands for."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from itertools import chain
from typing import Any

import msgspec

from ivr.centre.orders.digest import canonical, digest
from ivr.centre.orders.form import ORDER, TERMS, flat, groups
from ivr.centre.orders.limits import amount_of
from ivr.model.errors import EvaluationError
from ivr.model.orders import OrderType, Part
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
    parts = heard_parts(order, scope, language)
    said = told(order, form, parts)
    unheard = [name for name in order.slots if name in form and name not in said]
    if unheard:
        raise EvaluationError(f"`{unheard[0]}` of `{order.name}` would be signed, and is not heard")
    heard = heard_back(order, scope, parts, waits=bool(form[ORDER]["day"]))
    slots = flat(form, order)
    work = task(order, scope)
    amount, fee = amount_of(order, scope), form[TERMS]["fee"]
    text = canonical(language, heard, slots, work, amount, fee)
    return Reading(heard, text, digest(form[ORDER]["id"], text), slots, work, amount, fee)


def heard_parts(order: OrderType, scope: Mapping[str, Value], language: str) -> tuple[Part, ...]:
    """Return the parts that are heard. Raises EvaluationError."""
    parts = order.parts(language)
    if not parts:
        raise EvaluationError(f"`{order.name}` has no read-back in {language}")
    return tuple(one for one in parts if one.when is None or one.when.evaluate(scope) is True)


def told(order: OrderType, form: Mapping[str, Any], parts: Collection[Part]) -> set[str]:
    """Return the slots that some parts tell: those that are spoken; of a few choices, those that decide
    whether a part is heard; and those that decided to ask for a slot that is told."""
    spoken = chain.from_iterable(part.say.expressions() for part in parts)
    asked = groups(part.when for part in parts if part.when is not None)
    found = {*groups(spoken), *(name for name in asked if _decides(order, name))}
    for name, slot in reversed(list(order.slots.items())):
        if name in found and name in form and slot.when is not None:
            found |= groups([slot.when])
    return found


def _decides(order: OrderType, name: str) -> bool:
    return name in order.slots and order.slots[name].decides


def heard_back(
    order: OrderType, scope: Mapping[str, Value], parts: Collection[Part], *, waits: bool
) -> tuple[Audible, ...]:
    """Return what is heard; `waits`: the order is done only when they are taken again.

    Raises EvaluationError.
    """
    heard = [item for part in parts for item in part.say.audible(scope)]
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
