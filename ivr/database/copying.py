"""Copying an SQLite file into the schema of a PostgreSQL that holds nothing yet, and reading it back.

What two databases hold is compared by the sum of the hashes of their rows: it is the same in any order,
and the two sort texts differently.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
from psycopg import ServerCursor

from ivr.database import sqlite
from ivr.database.kind import Kind
from ivr.database.postgres import PAGE, explained
from ivr.database.server import Server
from ivr.database.upgrading import Raw, connected
from ivr.model.errors import PortError

_TABLES = (
    "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY rowid"
)
_COLUMNS = "SELECT name FROM pragma_table_info(?)"
_NUMBERED = """SELECT table_name, column_name FROM information_schema.columns
WHERE table_schema = %s AND is_identity = 'YES'"""
_GOES_ON = """SELECT setval(pg_get_serial_sequence('{table}', '{column}'), max("{column}"))
FROM "{table}" HAVING max("{column}") IS NOT NULL"""
_SUMS = 1 << 256

Row = tuple[Any, ...]


class Held(msgspec.Struct, frozen=True):
    """What a table holds: how many rows, and the sum of their SHA-256 modulo 2^256."""

    rows: int = 0
    total: int = 0

    def and_(self, row: Row) -> Held:
        """Return what it holds with one row more."""
        number = int.from_bytes(hashlib.sha256(msgspec.msgpack.encode(row)).digest())
        return Held(self.rows + 1, (self.total + number) % _SUMS)


Contents = Mapping[str, Held]
"""What a database holds, by its tables."""


def held(file: Path, kind: Kind) -> Contents:
    """Return what a file holds, as it is at one moment. Raises PortError."""
    with sqlite.reading(file, kind.port) as source:
        return {table: _held(_rows(source, table, names)) for table, names in _tables(source)}


def held_there(server: Server, kind: Kind) -> Contents:
    """Return what a schema holds. Raises PortError."""
    with _fresh(kind) as fresh, _within(server, kind) as raw:
        return {table: _held(_rows_there(raw, table, names)) for table, names in _tables(fresh)}


def begun(kind: Kind) -> Contents:
    """Return what a database of a kind holds that was just made. Raises PortError."""
    with _fresh(kind) as fresh:
        return {table: _held(_rows(fresh, table, names)) for table, names in _tables(fresh)}


def copy(file: Path, server: Server, kind: Kind) -> Iterator[int]:
    """Copy a file into a prepared schema that holds nothing yet, in one transaction, and read it back there;
    yield now and then how many rows were written since. Nobody writes to either meanwhile.

    Raises PortError; then nothing is there.
    """
    before = begun(kind)
    with sqlite.writing(file, kind.port) as source, _within(server, kind) as raw:
        for table, names in _tables(source):
            raw.execute(f'LOCK TABLE "{table}"'.encode())
            if before[table].rows:
                raw.execute(f'DELETE FROM "{table}"'.encode())  # noqa: S608 - names of our own
            wrote = yield from _write(raw, table, names, _rows(source, table, names))
            if _held(_rows_there(raw, table, names)) != wrote:
                problem = f"{table} of {kind.home} is not there as it is in {file}"
                raise PortError(kind.port, f"{problem}: nothing of it was kept; see to both disks")
        for table, column in raw.execute(_NUMBERED, (kind.home,)).fetchall():
            raw.execute(_GOES_ON.format(table=table, column=column).encode())


def _write(
    raw: Raw, table: str, names: list[str], rows: Iterator[Row]
) -> Generator[int, None, Held]:
    columns = ", ".join(f'"{name}"' for name in names)
    held = Held()
    with raw.cursor().copy(f'COPY "{table}" ({columns}) FROM STDIN'.encode()) as into:
        for row in rows:
            into.write_row(row)
            held = held.and_(row)
            if held.rows % PAGE == 0:
                yield PAGE
    yield held.rows % PAGE
    return held


def _held(rows: Iterable[Row]) -> Held:
    held = Held()
    for row in rows:
        held = held.and_(row)
    return held


def _tables(source: sqlite.Sqlite) -> list[tuple[str, list[str]]]:
    """Return the tables with their columns; one that another points to comes before it."""
    names = [name for (name,) in source.execute(_TABLES).fetchall()]
    return [(name, [one for (one,) in source.execute(_COLUMNS, (name,))]) for name in names]


def _rows(source: sqlite.Sqlite, table: str, names: list[str]) -> Iterator[Row]:
    for row in source.stream(_select(table, names)):
        yield tuple(map(_as_kept, row))


def _rows_there(raw: Raw, table: str, names: list[str]) -> Iterator[Row]:
    with ServerCursor(raw, "held") as cursor:
        cursor.itersize = PAGE
        for row in cursor.execute(_select(table, names).encode(), binary=True):
            yield tuple(map(_as_kept, row))


def _select(table: str, names: list[str]) -> str:
    return f'SELECT {", ".join(f"{chr(34)}{name}{chr(34)}" for name in names)} FROM "{table}"'  # noqa: S608


def _as_kept(value: Any) -> Any:
    """Return a value as both sorts of database have it."""
    if isinstance(value, bool):
        return int(value)
    return value.replace("\0", "\ufffd") if isinstance(value, str) else value


@contextmanager
def _fresh(kind: Kind) -> Iterator[sqlite.Sqlite]:
    """Make an empty database of a kind, and forget it."""
    with tempfile.TemporaryDirectory(prefix="onecall-") as folder:
        file = Path(folder) / "fresh.sqlite"
        sqlite.prepare(file, kind)
        with sqlite.reading(file, kind.port) as fresh:
            yield fresh


@contextmanager
def _within(server: Server, kind: Kind) -> Iterator[Raw]:
    """Open a transaction in a kind's schema: all of the block or nothing."""
    with explained(server, kind), connected(server) as raw, raw.transaction():
        raw.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        raw.execute(f'SET LOCAL search_path = "{kind.home}"'.encode())
        yield raw
