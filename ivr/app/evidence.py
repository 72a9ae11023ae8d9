"""The evidence of an order: what was read back, what was authorised, and what became of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from ivr.centre.ledger.acts import Act, story
from ivr.centre.ledger.chain import Entry, opened
from ivr.centre.ledger.masking import masked
from ivr.model.errors import OneCallError
from ivr.ports.ledger import OrderLedger, OrderRecord, SealedEntry, Wanted


class Evidence(msgspec.Struct, frozen=True):
    """An order with its entries as they were written."""

    record: OrderRecord
    sealed: tuple[SealedEntry, ...]

    @property
    def entries(self) -> list[Entry[Act]]:
        """The entries, read. Raises NotGenuine."""
        return [opened(one) for one in self.sealed]


class Line(msgspec.Struct, frozen=True):
    """One entry, for people."""

    at: datetime
    by: str
    text: str
    hash: str


async def evidence(ledger: OrderLedger, name: str) -> Evidence:
    """Return the evidence of an order by its reference or id. Raises OneCallError for none, PortError."""
    found = await ledger.select(Wanted(name=name, most=1))
    if not found:
        raise OneCallError(f"there is no order {name}; `ivr orders` lists them")
    return Evidence(found[0], await ledger.entries(found[0].draft.id))


def lines(of: Evidence, language: str) -> list[Line]:
    """Tell an order's entries in words. Raises NotGenuine for one that was changed."""
    return [
        Line(entry.at, entry.by, story(entry.act, language), sealed.hash)
        for entry, sealed in zip(of.entries, of.sealed, strict=True)
    ]


def heard(text: str, prompts: Mapping[str, str]) -> str:
    """Return in words what the caller heard: the canonical text of a read-back, with the texts of its
    prompts (by id); as it is when it has another form."""
    try:
        items = json.loads(text)["heard"]
    except (ValueError, TypeError, KeyError):
        return masked(text)
    return masked(" ".join(_item(item, prompts) for item in items))


def _item(item: list[Any], prompts: Mapping[str, str]) -> str:
    kind, value = item[0], item[1]
    if kind == "prompt":
        return prompts.get(value, f"<{value}>")
    if isinstance(value, list):
        _, minor, currency = value
        return f"{minor / 100:,.2f} {currency}"
    return str(value)
