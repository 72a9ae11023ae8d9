"""Order types: what callers may dictate, as `flows/orders/*.yaml` says it."""

from ivr.model.orders.document import (
    CaseTask,
    LevelAbove,
    Limit,
    OpenHours,
    OrderDocument,
    Part,
    PostingTask,
)
from ivr.model.orders.kind import OrderType
from ivr.model.orders.slot import MoneyField, Shown, Slot, money_of

__all__ = [
    "CaseTask",
    "LevelAbove",
    "Limit",
    "MoneyField",
    "OpenHours",
    "OrderDocument",
    "OrderType",
    "Part",
    "PostingTask",
    "Shown",
    "Slot",
    "money_of",
]
