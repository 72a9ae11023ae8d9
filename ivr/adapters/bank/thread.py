"""A connection to the bank's file that lives in a thread of its own: work on it is plain SQL."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from ivr.database.sqlite import connect_now, explain

T = TypeVar("T")

PORT = "bank"


class ConnectionThread:
    """Runs functions of a connection one after another; the file is opened by the first."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="bank")

    async def run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Return what `work` returns. Raises PortError; work that is given up is done all the same."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._do, work)

    async def close(self) -> None:
        """Close the file, after what is under way."""
        await asyncio.get_running_loop().run_in_executor(self._thread, self._close)
        self._thread.shutdown()

    def _do(self, work: Callable[[sqlite3.Connection], T]) -> T:
        try:
            if self._connection is None:
                self._connection = connect_now(self._path, PORT)
            return work(self._connection)
        except sqlite3.Error as error:
            raise explain(error, PORT, self._path) from error

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()


@contextmanager
def whole(database: sqlite3.Connection, kind: str = "DEFERRED") -> Iterator[None]:
    """Read what belongs together, or write (`IMMEDIATE`) all of the block or nothing."""
    database.execute(f"BEGIN {kind}")
    try:
        yield
        database.execute("COMMIT")
    finally:
        if database.in_transaction:
            database.execute("ROLLBACK")
