"""SQLite files of our own: opened safely, brought up to date, their faults said in plain words.

Every database is a file of one kind (`application_id`) at one version (`user_version`); numbered
scripts `0001_name.sql` lead from each version to the next.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

import aiosqlite

from ivr.database.kind import AHEAD, Kind, Values, scripts
from ivr.model.errors import PortError

RETRY_S = 0.01
BUSY_MS = 2_000
"""How long a writer waits for another process's write."""

_HINTS = {
    "NOTADB": "is not a database: move it away, or point the configuration at another file",
    "CORRUPT": "is damaged: restore it from a backup, or move it away to begin a new one",
    "READONLY": "cannot be written: let this user write the file and its folder",
    "CANTOPEN": "cannot be opened: the path must be a file in a folder that this user may write",
    "PERM": "may not be opened: let this user read and write it",
    "AUTH": "may not be opened: let this user read and write it",
    "BUSY": "is kept locked by another process: end that process",
    "LOCKED": "is kept locked by another process: end that process",
    "FULL": "cannot grow: the disk is full",
    "IOERR": "cannot be read or written: the disk is full or failing",
}

_RETRYABLE = {"BUSY", "LOCKED", "FULL", "IOERR"}


class Sqlite(sqlite3.Connection):
    """A connection, with what one to PostgreSQL can do (`ivr.database.Connection`)."""

    def stream(self, sql: str, values: Values = ()) -> Iterator[tuple[object, ...]]:
        """Yield the rows of a query. Raises sqlite3.Error."""
        with closing(self.execute(sql, values)) as rows:
            yield from rows

    def begin(self, *, write: bool) -> None:
        """Begin a transaction. Raises sqlite3.Error."""
        self.execute("BEGIN IMMEDIATE" if write else "BEGIN")


@contextmanager
def explained(path: Path, port: str) -> Iterator[None]:
    """Say a fault in one line. Raises PortError."""
    try:
        yield
    except sqlite3.Error as error:
        raise explain(error, port, path) from error


def explain(error: sqlite3.Error, port: str, path: Path) -> PortError:
    """Say a database's fault in one line: what, where, what to do."""
    name = getattr(error, "sqlite_errorname", "") or ""
    code = name.removeprefix("SQLITE_").split("_")[0]
    hint = _HINTS.get(code, f"answered: {error}")
    return PortError(port, f"the database {path} {hint}", retryable=code in _RETRYABLE)


def prepare(path: Path, kind: Kind) -> None:
    """Make the database if there is none (mode 0600), and bring it to the newest version.

    Safe while other processes do the same. Raises PortError.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            # Never again: whoever closes a file lets go of all locks that this process has on it. Another
            # process would then take the write-ahead log for nobody's, and delete it.
            with suppress(FileExistsError):
                os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except OSError as error:
        problem = f"the database {path} cannot be opened: {error.strerror}"
        raise PortError(kind.port, problem) from error
    # SQLite waits for another's write by itself, but not for another's switch to WAL.
    until = time.monotonic() + BUSY_MS / 1000
    while True:
        try:
            _prepare(path, kind)
        except sqlite3.Error as error:
            busy = getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY
            if not busy or time.monotonic() > until:
                raise explain(error, kind.port, path) from error
            time.sleep(RETRY_S)
        else:
            return


def version_found(path: Path, kind: Kind) -> int:
    """Return the version of a database, without touching it; 0: there is none. Raises PortError."""
    if not path.exists():
        return 0
    address = f"file:{quote(str(path))}?mode=ro"
    with explained(path, kind.port), closing(sqlite3.connect(address, uri=True)) as database:
        database.isolation_level = None
        _check_kind(database, path, kind)
        return _number(database, "user_version")


def _prepare(path: Path, kind: Kind) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        _apply(database)
        database.execute("PRAGMA journal_mode=WAL")
        _check_kind(database, path, kind)
        _migrate(database, path, kind)


async def connect(path: Path, port: str) -> aiosqlite.Connection:
    """Connect to a prepared database; transactions are begun by hand. Raises PortError."""
    try:
        database = await aiosqlite.connect(path, isolation_level=None)
        for pragma in _PRAGMAS:
            await database.execute(pragma)
    except sqlite3.Error as error:
        raise explain(error, port, path) from error
    return database


def connect_now(path: Path, port: str) -> Sqlite:
    """Connect to a prepared database, for one thread. Raises PortError."""
    with explained(path, port):
        database = sqlite3.connect(path, isolation_level=None, factory=Sqlite)
        _apply(database)
    return database


@contextmanager
def writing(path: Path, port: str) -> Iterator[Sqlite]:
    """Write to a prepared database from a command: all of the block or nothing. Raises PortError."""
    with closing(connect_now(path, port)) as database, explained(path, port):
        database.begin(write=True)
        yield database
        database.commit()


@contextmanager
def reading(path: Path, port: str) -> Iterator[Sqlite]:
    """Read a prepared database from a command, as it is at one moment. Raises PortError."""
    with closing(connect_now(path, port)) as database, explained(path, port):
        database.begin(write=False)
        yield database


@asynccontextmanager
async def transaction(database: aiosqlite.Connection) -> AsyncIterator[None]:
    """Write all of the block or nothing; only one task at a time may do so on a connection."""
    try:
        await database.execute("BEGIN IMMEDIATE")
        yield
        await database.execute("COMMIT")
    except BaseException:
        # Also when cancelled: the connection's thread runs in order, so this comes after whatever
        # of the block it has not begun yet. Outside a transaction it does nothing.
        await database.rollback()
        raise


_PRAGMAS = (
    f"PRAGMA busy_timeout={BUSY_MS}",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
)


def _apply(database: sqlite3.Connection) -> None:
    for pragma in _PRAGMAS:
        database.execute(pragma)


def _check_kind(database: sqlite3.Connection, path: Path, kind: Kind) -> None:
    # One snapshot for both: another process may be making the database just now.
    database.execute("BEGIN")
    found = _number(database, "application_id")
    empty = not database.execute("SELECT 1 FROM sqlite_schema LIMIT 1").fetchone()
    database.execute("COMMIT")
    if found != kind.application_id and not (found == 0 and empty):
        raise PortError(
            kind.port,
            f"the database {path} holds something else: "
            f"point the configuration at a {kind.port} database or at a file that does not exist",
        )


def _migrate(database: sqlite3.Connection, path: Path, kind: Kind) -> None:
    texts = scripts(kind.scripts)
    newest = max(texts)
    if _number(database, "user_version") < newest:
        database.execute("BEGIN IMMEDIATE")
    found = _number(database, "user_version")
    if found > newest + AHEAD:
        raise PortError(
            kind.port,
            f"the database {path} is of version {found}, and this OneCall knows {newest} at most: "
            "run the newer OneCall that wrote it, or use another file",
        )
    for version in range(found + 1, newest + 1):
        for statement in _statements(texts[version]):
            database.execute(statement)
        database.execute(f"PRAGMA user_version={version}")
    if database.in_transaction:
        database.execute(f"PRAGMA application_id={kind.application_id}")
        database.execute("COMMIT")


def _number(database: sqlite3.Connection, pragma: str) -> int:
    return int(database.execute(f"PRAGMA {pragma}").fetchone()[0])


def _statements(script: str) -> Iterator[str]:
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
