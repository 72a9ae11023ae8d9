"""What the expressions of an order type may read, with its type."""

from __future__ import annotations

from collections.abc import Mapping

from ivr.centre.orders.form import ITEM, ORDER, TERMS
from ivr.centre.orders.slots.choose import ChooseSlot
from ivr.model.orders import OrderType
from ivr.ports.posting import OPERATIONS


def kept(order: OrderType) -> dict[str, str]:
    """Return all names that some expression of an order type may read: dotted name → type.

    A field of `item` that two sources have with two types is of `any` type.
    """
    found: dict[str, str] = {f"{ORDER}.id": "text", f"{ORDER}.day": "text"}
    found[f"{ORDER}.reference"] = "text"
    for name, slot in order.slots.items():
        found.update(fields(name, slot.fields()))
        if isinstance(slot, ChooseSlot):
            for field, kind in fields(ITEM, slot.fields()).items():
                found[field] = kind if found.get(field, kind) == kind else "any"
    found.update(fields(TERMS, facts(order)))
    return found


def fields(name: str, types: Mapping[str, str]) -> dict[str, str]:
    """Return the fields of a group by their dotted names; of a single value, its name."""
    return {f"{name}.{field}" if field else name: kind for field, kind in types.items()}


def facts(order: OrderType) -> dict[str, str]:
    """Return what the terms of an order type tell: name → type. A case has no fee."""
    posting = order.document.posting
    operation = OPERATIONS.get(posting.operation) if posting is not None else None
    return {"fee": "money", **(operation.tells if operation is not None else {})}
