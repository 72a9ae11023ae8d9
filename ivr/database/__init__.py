"""OneCall's own data: SQLite files of one machine, or schemas of a PostgreSQL that several nodes share.

Stores are written once, for both: a `Place` says which, a `Kind` what is kept there, and statements are
SQL that both understand (`ivr.database.dialect`). Every fault is a PortError of one line.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from types import ModuleType

from ivr.database import sqlite
from ivr.database.kind import Connection, Cursor, InDoubt, Kind, Values
from ivr.database.server import Server

__all__ = [
    "Connection",
    "Cursor",
    "InDoubt",
    "Kind",
    "Place",
    "Server",
    "Values",
    "connect_now",
    "explained",
    "prepare",
    "reading",
    "there",
    "writing",
]

Place = Path | Server
"""Where a database is: an SQLite file, or a server."""


def prepare(place: Place, kind: Kind) -> None:
    """Make the database if there is none, and bring it to the newest version; safe while other processes
    do the same. Raises PortError."""
    if isinstance(place, Path):
        sqlite.prepare(place, kind)
    else:
        from ivr.database import upgrading

        upgrading.prepare(place, kind)


def there(place: Place, kind: Kind) -> bool:
    """Whether anybody has made the database. Raises PortError."""
    if isinstance(place, Path):
        return place.exists()
    from ivr.database import upgrading

    return upgrading.there(place, kind)


def connect_now(place: Place, kind: Kind) -> Connection:
    """Connect to a prepared database, for one thread. Raises PortError."""
    if isinstance(place, Path):
        return sqlite.connect_now(place, kind.port)
    return _postgres().connect_now(place, kind)  # type: ignore[no-any-return]


def explained(place: Place, kind: Kind) -> AbstractContextManager[None]:
    """Have the faults of a block be PortErrors."""
    if isinstance(place, Path):
        return sqlite.explained(place, kind.port)
    return _postgres().explained(place, kind)  # type: ignore[no-any-return]


@contextmanager
def writing(place: Place, kind: Kind) -> Iterator[Connection]:
    """Write to a prepared database from a command, as its only writer: all of the block or nothing.
    Raises PortError."""
    with _transaction(place, kind, write=True) as connection:
        yield connection


@contextmanager
def reading(place: Place, kind: Kind) -> Iterator[Connection]:
    """Read a prepared database from a command, as it is at one moment. Raises PortError."""
    with _transaction(place, kind, write=False) as connection:
        yield connection


@contextmanager
def _transaction(place: Place, kind: Kind, *, write: bool) -> Iterator[Connection]:
    connection = connect_now(place, kind)
    try:
        with explained(place, kind):
            connection.begin(write=write)
            try:
                yield connection
                connection.commit()
            except BaseException:
                connection.rollback()
                raise
    finally:
        connection.close()


def _postgres() -> ModuleType:
    """PostgreSQL's driver is installed where it is used."""
    from ivr.database import postgres

    return postgres
