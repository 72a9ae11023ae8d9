"""Reference documentation of order types, written from their models: one page of Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ivr.centre.orders.slots import discover
from ivr.engine.reference import MARK, fields, prose
from ivr.model.orders import OrderDocument
from ivr.ports.posting import OPERATIONS, SOURCES

PAGE = "order-types.md"
"""The file of the page, beside those of the step types."""


def page() -> str:
    """Return the page."""
    schema = OrderDocument.model_json_schema(by_alias=True)
    parts = [
        "# Order types",
        MARK,
        "What a file under `flows/orders/` may hold. [docs/orders.md](../orders.md) tells how to write one.",
        *fields("## An order type", schema, schema),
        *_slots(),
        "## What can be chosen from",
        "`choose` takes one of these; `item.…` and the slot's value have these fields, and `id`.",
        _table(("source", "fields"), {name: _typed(told) for name, told in SOURCES.items()}),
        "## What the bank can do",
        "`posting` takes one of these; `terms.…` has what it tells, and `fee`.",
        _table(
            ("operation", "takes", "tells"),
            {
                name: f"{_typed(one.takes)} | {_typed(one.tells)}"
                for name, one in OPERATIONS.items()
            },
        ),
    ]
    return "\n\n".join(parts) + "\n"


def _slots() -> Iterator[str]:
    for name, kind in discover().items():
        schema = kind.model_json_schema(by_alias=True)
        yield f"## The slot `{name}`"
        yield prose(kind)
        yield from fields("### Its fields", schema, schema)


def _typed(types: Mapping[str, str]) -> str:
    return ", ".join(f"`{name}` {kind}" for name, kind in types.items())


def _table(heads: tuple[str, ...], rows: Mapping[str, str]) -> str:
    lines = [f"| `{name}` | {told} |" for name, told in rows.items()]
    return "\n".join([f"| {' | '.join(heads)} |", "|---" * len(heads) + "|", *lines])
