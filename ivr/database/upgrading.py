"""Making the schemas of PostgreSQL, and bringing them to the newest version.

Several engines may start at once: one of them does it, and the others find it done.
"""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import psycopg

from ivr.database.kind import AHEAD, Kind, scripts
from ivr.database.postgres import COMMON, WAIT_S, explained
from ivr.database.server import Server
from ivr.model.errors import PortError

_LOCK = 0x4F434D47
"""Of who changes schemas."""
_COMMON = Kind("database", 0, files(__package__), files(__package__) / "migrations", COMMON)
_VERSIONS = f"""CREATE SCHEMA IF NOT EXISTS {COMMON};
CREATE TABLE IF NOT EXISTS {COMMON}.versions (schema text PRIMARY KEY, version integer NOT NULL)"""
_THERE = f"SELECT to_regclass('{COMMON}.versions') IS NOT NULL"
_FOUND = f"SELECT version FROM {COMMON}.versions WHERE schema = %s"  # noqa: S608 - our own constant
_REACHED = f"""INSERT INTO {COMMON}.versions VALUES (%s, %s)
ON CONFLICT (schema) DO UPDATE SET version = excluded.version"""  # noqa: S608 - as above

Raw = psycopg.Connection[Any]


def prepare(server: Server, kind: Kind) -> None:
    """Make a kind's schema if there is none, and bring it to the newest version. Raises PortError."""
    with explained(server, kind), connected(server) as raw:
        if newest(kind) <= version_found(raw, kind) <= newest(kind) + AHEAD:
            return
        with raw.transaction():
            raw.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
            raw.execute(_VERSIONS.encode())
            for one in (_COMMON, kind):
                _migrate(raw, one, server)


def there(server: Server, kind: Kind) -> bool:
    """Whether anybody has made the schema. Raises PortError."""
    with explained(server, kind), connected(server) as raw:
        return version_found(raw, kind) > 0


def newest(kind: Kind) -> int:
    """Return the version that this OneCall knows. Raises PortError for a kind that is SQLite's only."""
    if kind.postgres is None:
        raise PortError(kind.port, "is kept in an SQLite file only")
    return max(scripts(kind.postgres))


def version_found(raw: Raw, kind: Kind) -> int:
    """Return the version of a kind's schema; 0: there is none. Raises psycopg.Error."""
    (made,) = raw.execute(_THERE).fetchone() or (False,)
    found = raw.execute(_FOUND, (kind.home,)).fetchone() if made else None
    return int(found[0]) if found else 0


def _migrate(raw: Raw, kind: Kind, server: Server) -> None:
    found, last = version_found(raw, kind), newest(kind)
    if found > last + AHEAD:
        raise PortError(
            kind.port,
            f"the database {server.name} is of version {found}, and this OneCall knows {last} at most: "
            "run the newer OneCall that wrote it, or use another database",
        )
    if found >= last or kind.postgres is None:
        return
    texts = scripts(kind.postgres)
    raw.execute(f'CREATE SCHEMA IF NOT EXISTS "{kind.home}"'.encode())
    raw.execute(f'SET LOCAL search_path = "{kind.home}", {COMMON}'.encode())
    for version in range(found + 1, last + 1):
        raw.execute(texts[version].encode())
    raw.execute(_REACHED, (kind.home, last))


def connected(server: Server) -> Raw:
    """Connect, to look at versions or to change schemas. Raises psycopg.Error."""
    return psycopg.connect(
        server.url.reveal(),
        autocommit=True,
        connect_timeout=WAIT_S,
        options="-c client_min_messages=warning",
    )
