"""Order types: what callers may dictate, as `flows/orders/*.yaml` says it."""

from ivr.model.orders.document import (
    CaseDocument,
    LevelAbove,
    Limit,
    OpenHours,
    OrderDocument,
    Part,
    PostingDocument,
)
from ivr.model.orders.kind import OrderType
from ivr.model.orders.slot import MoneyField, Shown, Slot, money_of

__all__ = [
    "CaseDocument",
    "LevelAbove",
    "Limit",
    "MoneyField",
    "OpenHours",
    "OrderDocument",
    "OrderType",
    "Part",
    "PostingDocument",
    "Shown",
    "Slot",
    "money_of",
]
