"""The form algorithm (VoiceXML 2.1, appendix C): ask for the first slot that is not filled.

A form is what an `order` step keeps in the session: the slots that are filled by their names, and
beside them `order` (id, day), `terms` (fee, and what else the bank says) and `visit` (how far the
step has come).
"""

from __future__ import annotations

import ast
from collections import ChainMap
from collections.abc import Iterable, Mapping
from functools import lru_cache
from itertools import chain
from typing import Any

from ivr.model.expressions import Expression
from ivr.model.expressions.reading import name_of, tree
from ivr.model.orders import OrderType, Slot
from ivr.model.step import Context
from ivr.model.values import Scalar, Value

ORDER, TERMS, VISIT, ITEM = "order", "terms", "visit", "item"
ERRAND, WRITTEN = "errand", "written"
"""Of an order that an agent has prepared: what the caller is to do (id, task, errand), and the agent's
texts by slot."""
TAKEN = frozenset({ORDER, TERMS, VISIT, ITEM, ERRAND, WRITTEN, "call", "customer"})
"""What no slot may be called."""

Changes = Mapping[str, Scalar | dict[str, Scalar]]


def scope_with(context: Context, more: Mapping[str, Value]) -> Mapping[str, Value]:
    """Return the names that expressions may read here, and `more` that hide them."""
    return ChainMap(dict(more), context.session.scope())


def next_slot(order: OrderType, form: Mapping[str, Any], scope: Mapping[str, Value]) -> str | None:
    """Return the slot to ask for: the first that is not filled and whose guard holds.

    Raises EvaluationError.
    """
    for name, slot in order.slots.items():
        if name not in form and (slot.when is None or slot.when.evaluate(scope) is True):
            return name
    return None


def cleared(order: OrderType, name: str) -> Changes:
    """Return what opens a slot again: it is forgotten, with every slot that depends on it, and with
    the terms, which were asked for with it."""
    gone = {name}
    for other, slot in order.slots.items():
        if not gone.isdisjoint(groups_read(slot)):
            gone.add(other)
    return {**dict.fromkeys(sorted(gone)), TERMS: None}


def groups_read(slot: Slot) -> frozenset[str]:
    """Return the slots, and other groups, that a slot reads or asks about."""
    spoken = chain.from_iterable(speech.expressions() for speech in slot.speeches())
    return groups(chain(slot.expressions(), spoken))


def groups(expressions: Iterable[Expression]) -> frozenset[str]:
    """Return the groups and single names that expressions read or ask about."""
    return frozenset().union(*(_read(expression.source) for expression in expressions))


@lru_cache(maxsize=4096)
def _read(source: str) -> frozenset[str]:
    nodes = (node for node in ast.walk(tree(source)) if isinstance(node, ast.expr))
    names = (name_of(node) for node in nodes)
    return frozenset(name.partition(".")[0] for name in names if name is not None)


def flat(form: Mapping[str, Any], order: OrderType) -> dict[str, Scalar]:
    """Return the slots that are filled, each field by its dotted name."""
    found: dict[str, Scalar] = {}
    for name in order.slots:
        value = form.get(name)
        if isinstance(value, Mapping):
            found.update({f"{name}.{field}": one for field, one in value.items()})
        elif value is not None:
            found[name] = value
    return found
