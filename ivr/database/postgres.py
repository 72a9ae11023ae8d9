"""PostgreSQL, used as our SQLite files are: each kind of database is a schema of its own.

One writer of a kind follows the other, on whatever machine, as with `BEGIN IMMEDIATE`: a lock is taken as
a transaction begins and let go after its rows are seen. So what is decided on what was read holds, and
rows are seen in the order of their numbers.
"""

from __future__ import annotations

import secrets
import time
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import psycopg
from psycopg import RawCursor, RawServerCursor
from psycopg.types.string import StrDumperUnknown

from ivr.database.dialect import numbered
from ivr.database.faults import explain
from ivr.database.kind import Cursor, InDoubt, Kind, Values
from ivr.database.server import Server

WAIT_S = 5
"""The longest wait for a connection, for another writer, or for what came of a COMMIT."""
RETRY_S = 0.05
PAGE = 2_000
"""Rows of a stream that are fetched together."""
COMMON = "onecall"
"""The schema of what all kinds share: `versions`, `commits`, functions."""

_CONNECTION: dict[str, Any] = {
    "application_name": "onecall",
    "connect_timeout": WAIT_S,
    # Of a server that vanished, the kernel would tell us after a quarter of an hour.
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}
# What is read was written lately, and is in memory: an index is worth its while.
_SETTINGS = f"""SET search_path = "{{schema}}", {COMMON}; SET random_page_cost = 1.1;
SET lock_timeout = '{WAIT_S}s'; SET synchronous_commit = on; SET client_min_messages = warning"""
_READ = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
# A frozen engine does not keep the others from writing.
_WRITE = f"""BEGIN; SET LOCAL idle_in_transaction_session_timeout = '{WAIT_S}s';
SELECT pg_advisory_xact_lock({{lock}});
INSERT INTO {COMMON}.commits VALUES ('{{name}}', {{number}})
ON CONFLICT (connection) DO UPDATE SET number = excluded.number, at = excluded.at"""  # noqa: S608
_WRITTEN = f"SELECT number FROM {COMMON}.commits WHERE connection = $1"  # noqa: S608 - names of our own
_FORGET = f"""DELETE FROM {COMMON}.commits
WHERE connection = $1 OR at < now() - interval '1 day'"""  # noqa: S608


class _Text(StrDumperUnknown):
    """PostgreSQL keeps no NUL in a text, and no text that is not Unicode: hostile callers send both."""

    def dump(self, obj: str) -> Any:
        return obj.replace("\0", "\ufffd").encode("utf-8", "replace")


class Postgres:
    """A connection that is made again when the server was restarted, as long as no transaction is open."""

    def __init__(self, server: Server, kind: Kind) -> None:
        self._server = server
        self._kind = kind
        self._lock = lock_number(kind.home)
        self._name = secrets.token_hex(8)
        self._begun = 0
        self._within = False
        self._raw = self._connected()

    def execute(self, sql: str, values: Values = (), /) -> Cursor:
        """Run a statement. Raises psycopg.Error."""
        text, listed = numbered(sql, values)
        try:
            return self._raw.execute(text, listed, binary=True)
        except psycopg.OperationalError:
            if self._within or not self._raw.closed:
                raise
        self._reconnect()
        return self._raw.execute(text, listed, binary=True)

    def executemany(self, sql: str, rows: Iterable[Values], /) -> Cursor:
        """Run a statement for each row of values. Raises psycopg.Error."""
        both = [numbered(sql, values) for values in rows]
        cursor = self._raw.cursor()
        if both:
            cursor.executemany(both[0][0], [values for _, values in both])
        return cursor

    def stream(self, sql: str, values: Values = ()) -> Iterator[Any]:
        """Yield the rows of a query, a page at a time. Raises psycopg.Error."""
        text, listed = numbered(sql, values)
        with RawServerCursor(self._raw, "stream") as cursor:
            cursor.itersize = PAGE
            yield from cursor.execute(text, listed, binary=True)

    def begin(self, *, write: bool) -> None:
        """Begin a transaction; for a writer, wait for those before it. Raises psycopg.Error."""
        if write:
            self._begun += 1
        sql = (
            _WRITE.format(lock=self._lock, name=self._name, number=self._begun) if write else _READ
        )
        try:
            self._raw.execute(sql.encode())
        except psycopg.OperationalError:
            if not self._raw.closed:
                self.rollback()
                raise
            self._reconnect()
            self._raw.execute(sql.encode())
        self._within = True

    def commit(self) -> None:
        """End a transaction; if the answer is lost, ask for it. Raises InDoubt, psycopg.Error."""
        self._within = False
        try:
            self._raw.execute(b"COMMIT")
        except psycopg.OperationalError:
            if not self._raw.closed or not self._settled(time.monotonic() + WAIT_S):
                raise

    def rollback(self) -> None:
        """Undo a transaction, if one is open."""
        self._within = False
        with suppress(psycopg.OperationalError):
            self._raw.rollback()

    def settled(self) -> bool:
        """Return whether the last transaction, which was in doubt, was written. Raises InDoubt."""
        return self._settled(time.monotonic())

    def close(self) -> None:
        """Close the connection."""
        with suppress(psycopg.OperationalError):
            if self._begun:
                self._raw.execute(_FORGET, (self._name,))
        self._raw.close()

    def _settled(self, until: float) -> bool:
        while True:
            try:
                self._reconnect()
                # Behind the lock: the server may not have noticed yet that the other connection is gone.
                with self._raw.transaction():
                    self._raw.execute("SELECT pg_advisory_xact_lock($1)", (self._lock,))
                    found = self._raw.execute(_WRITTEN, (self._name,)).fetchone()
            except psycopg.OperationalError as error:
                if time.monotonic() > until:
                    raise InDoubt(self._kind.port, self._server.name, self.settled) from error
                time.sleep(RETRY_S)
            else:
                return found is not None and found[0] == self._begun

    def _reconnect(self) -> None:
        self._raw.close()
        self._raw = self._connected()

    def _connected(self) -> psycopg.Connection[Any]:
        raw = psycopg.connect(self._server.url.reveal(), autocommit=True, **_CONNECTION)
        raw.cursor_factory = RawCursor
        raw.adapters.register_dumper(str, _Text)
        try:
            raw.execute(_SETTINGS.format(schema=self._kind.home).encode())
        except BaseException:
            raw.close()
            raise
        return raw


def lock_number(schema: str) -> int:
    """Return the number of the lock that the writers of a schema take."""
    return 0x4F43 << 32 | zlib.crc32(schema.encode())


@contextmanager
def explained(server: Server, kind: Kind) -> Iterator[None]:
    """Say a fault in one line. Raises PortError."""
    try:
        yield
    except psycopg.Error as error:
        raise explain(error, kind.port, server.name) from error


def connect_now(server: Server, kind: Kind) -> Postgres:
    """Connect, for one thread. Raises PortError."""
    with explained(server, kind):
        return Postgres(server, kind)
