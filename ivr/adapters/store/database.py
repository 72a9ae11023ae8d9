"""The writer's connection, in a thread of its own: a transaction is one trip to it and back.

aiosqlite makes a trip of every statement; on a hotline's few calls a batch, the trips would cost
more than the writing.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from ivr.adapters.store.pending import Statement
from ivr.database.sqlite import connect_now

Then = Callable[[sqlite3.Connection], None]
"""What is done at the end of a transaction, and belongs to it."""


def _nothing(database: sqlite3.Connection) -> None:
    pass


class Database:
    """An open database that is only written."""

    def __init__(self, connection: sqlite3.Connection, thread: ThreadPoolExecutor) -> None:
        self._connection = connection
        self._thread = thread

    @classmethod
    async def open(cls, path: Path, port: str) -> Database:
        """Connect to a prepared database. Raises PortError."""
        thread = ThreadPoolExecutor(1, thread_name_prefix="store")
        loop = asyncio.get_running_loop()
        try:
            return cls(await loop.run_in_executor(thread, connect_now, path, port), thread)
        except BaseException:
            thread.shutdown(wait=False)
            raise

    async def write(self, statements: Sequence[Statement], then: Then = _nothing) -> None:
        """Write all of it, and what comes `then`, or nothing. Raises sqlite3.Error.

        Who is cancelled meanwhile does not know which: the thread brings it to an end.
        """
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._thread, _transact, self._connection, statements, then)

    async def close(self) -> None:
        """Close the connection once the thread has done what it was told."""
        await asyncio.get_running_loop().run_in_executor(self._thread, self._connection.close)
        self._thread.shutdown(wait=False)


def _transact(connection: sqlite3.Connection, statements: Sequence[Statement], then: Then) -> None:
    try:
        connection.execute("BEGIN IMMEDIATE")
        for sql, values in statements:
            connection.execute(sql, values)
        then(connection)
        connection.execute("COMMIT")
    except BaseException:
        connection.rollback()
        raise
