"""Rows that go once they are too old to keep, a few at a time: whoever else writes waits no longer than for
these."""

from __future__ import annotations

import msgspec

from ivr.database import Kind, Place, reading, writing

MOST_AT_ONCE = 1_000


class Old(msgspec.Struct, frozen=True):
    """Rows of a `table`, found by their `key`, that are old where `when` holds: `:before` is the
    time, in ms since 1970."""

    table: str
    key: str
    when: str


def count(place: Place, kind: Kind, old: Old, before_ms: int) -> int:
    """Return how many rows are old. Raises PortError."""
    sql = f"SELECT count(*) FROM {old.table} WHERE {old.when}"  # noqa: S608 - names of our own
    with reading(place, kind) as connection:
        return int(connection.execute(sql, {"before": before_ms}).fetchone()[0])


def delete_some(place: Place, kind: Kind, old: Old, before_ms: int) -> int:
    """Delete some of the rows that are old; return how many: fewer than `MOST_AT_ONCE` were the last.
    Raises PortError."""
    some = f"SELECT {old.key} FROM {old.table} WHERE {old.when} LIMIT {MOST_AT_ONCE}"  # noqa: S608
    sql = f"DELETE FROM {old.table} WHERE {old.key} IN ({some})"  # noqa: S608 - as above
    with writing(place, kind) as connection:
        return connection.execute(sql, {"before": before_ms}).rowcount
