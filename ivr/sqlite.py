"""SQLite files of our own: opened safely, brought up to date, their faults said in plain words.

Every database is a file of one kind (`application_id`) at one version (`user_version`); numbered
scripts `0001_name.sql` lead from each version to the next.
"""

from __future__ import annotations

import os
import re
import sqlite3
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from importlib.resources.abc import Traversable
from pathlib import Path

import aiosqlite
import msgspec

from ivr.model.errors import PortError

RETRY_S = 0.01
BUSY_MS = 2_000
"""How long a writer waits for another process's write."""

_SCRIPT = re.compile(r"(\d{4})_[a-z0-9_]+\.sql")

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


class Kind(msgspec.Struct, frozen=True):
    """A kind of database: the `port` it serves, a number of its own, its scripts' folder."""

    port: str
    application_id: int
    scripts: Traversable


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
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
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


def _prepare(path: Path, kind: Kind) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        _apply(database)
        database.execute("PRAGMA journal_mode=WAL")
        _check_kind(database, path, kind)
        _migrate(database, path, kind)


@contextmanager
def writing(path: Path, port: str) -> Iterator[sqlite3.Connection]:
    """Write to a prepared database from a command: all of the block or nothing. Raises PortError."""
    try:
        with closing(sqlite3.connect(path, isolation_level=None)) as database:
            _apply(database)
            database.execute("BEGIN IMMEDIATE")
            yield database
            database.execute("COMMIT")
    except sqlite3.Error as error:
        raise explain(error, port, path) from error


@contextmanager
def reading(path: Path, port: str) -> Iterator[sqlite3.Connection]:
    """Read a prepared database from a command, as it is at one moment. Raises PortError."""
    try:
        with closing(sqlite3.connect(path, isolation_level=None)) as database:
            _apply(database)
            database.execute("BEGIN")
            yield database
    except sqlite3.Error as error:
        raise explain(error, port, path) from error


async def connect(path: Path, port: str) -> aiosqlite.Connection:
    """Connect to a prepared database; transactions are begun by hand. Raises PortError."""
    try:
        database = await aiosqlite.connect(path, isolation_level=None)
        for pragma in _PRAGMAS:
            await database.execute(pragma)
    except sqlite3.Error as error:
        raise explain(error, port, path) from error
    return database


def connect_now(path: Path, port: str) -> sqlite3.Connection:
    """Connect to a prepared database, for one thread. Raises PortError."""
    try:
        database = sqlite3.connect(path, isolation_level=None)
        _apply(database)
    except sqlite3.Error as error:
        raise explain(error, port, path) from error
    return database


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
    scripts = _scripts(kind)
    newest = max(scripts)
    if _number(database, "user_version") != newest:
        database.execute("BEGIN IMMEDIATE")
    found = _number(database, "user_version")
    if found > newest:
        raise PortError(
            kind.port,
            f"the database {path} is of version {found}, and this OneCall knows {newest} at most: "
            "run the newer OneCall that wrote it, or use another file",
        )
    for version in range(found + 1, newest + 1):
        for statement in _statements(scripts[version]):
            database.execute(statement)
        database.execute(f"PRAGMA user_version={version}")
    if database.in_transaction:
        database.execute(f"PRAGMA application_id={kind.application_id}")
        database.execute("COMMIT")


def _number(database: sqlite3.Connection, pragma: str) -> int:
    return int(database.execute(f"PRAGMA {pragma}").fetchone()[0])


def _scripts(kind: Kind) -> dict[int, str]:
    named = ((_SCRIPT.fullmatch(file.name), file) for file in kind.scripts.iterdir())
    return {int(match[1]): file.read_text("utf-8") for match, file in named if match}


def _statements(script: str) -> Iterator[str]:
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
