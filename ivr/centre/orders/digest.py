"""The digest of a read-back: what a PIN authorises, and nothing else."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from ivr.model.prompt import Audible, Prompted
from ivr.model.values import Money, Scalar
from ivr.ports.orders import Task


def canonical(
    language: str,
    heard: Sequence[Audible],
    slots: Mapping[str, Scalar],
    task: Task,
    amount: Money,
    fee: Money,
) -> str:
    """Return the one text of a read-back: what was heard, item by item, and what it stands for.

    It is JSON with sorted keys, so that two read-backs that differ in anything differ in it.
    """
    said = {
        "language": language,
        "heard": [_item(one) for one in heard],
        "slots": {name: _plain(value) for name, value in slots.items()},
        "task": {
            "operation": task.operation,
            "arguments": {name: _plain(value) for name, value in task.arguments.items()},
            "case": task.case,
            "owner": task.owner,
        },
        "amount": _plain(amount),
        "fee": _plain(fee),
    }
    return json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def digest(order: str, text: str) -> str:
    """Return the digest of an order's read-back: SHA-256 (hex) of its id, a line feed and the text."""
    return hashlib.sha256(f"{order}\n{text}".encode()).hexdigest()


def order_id(call_id: str, began: str, count: int) -> str:
    """Return the id of an order: 32 hex digits, the same for the same order of the same call.

    `began` is when the call did: Asterisk's call ids alone are unique on one machine only.
    """
    return hashlib.sha256(f"{call_id}\n{began}\n{count}".encode()).hexdigest()[:32]


def _item(item: Audible) -> list[Any]:
    if isinstance(item, Prompted):
        return ["prompt", item.id, *([item.language] if item.language else ())]
    return [item.kind, _plain(item.value)]


def _plain(value: Scalar) -> Any:
    return msgspec.to_builtins(value) if isinstance(value, Money) else value
