"""Which orders are listed, as SQL that every backend understands, with `?` for each value."""

from __future__ import annotations

from collections.abc import Sequence

from ivr.ports.ledger import Wanted, millis


def chosen(wanted: Wanted) -> tuple[str, list[object]]:
    """Return a query of records, and its values."""
    states = ", ".join("?" for _ in wanted.states)
    terms: list[tuple[str, Sequence[object]]] = [
        (f"state IN ({states})", [state.value for state in wanted.states]),
        ("customer = ?", [wanted.customer] if wanted.customer else []),
        ("kind = ?", [wanted.kind] if wanted.kind else []),
        ("desk = ?", [wanted.desk] if wanted.desk else []),
        ("booked_on = ?", [wanted.booked_on] if wanted.booked_on else []),
        ("(id = ? OR reference = ?)", [wanted.name] * 2 if wanted.name else []),
        ("opened_at >= ?", [millis(wanted.since)] if wanted.since else []),
        ("opened_at < ?", [millis(wanted.until)] if wanted.until else []),
    ]
    asked = [(term, values) for term, values in terms if values]
    where = " AND ".join(term for term, _ in asked) or "true"
    values = [value for _, some in asked for value in some]
    sql = f"SELECT record FROM orders WHERE {where} ORDER BY opened_at DESC, id"  # noqa: S608 - the terms are those above
    return (sql, values) if wanted.most is None else (f"{sql} LIMIT ?", [*values, wanted.most])
