"""Reading the store's database beside the writer, which it never waits for."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path
from typing import Any

from ivr.adapters.store.kind import KIND
from ivr.database import Place
from ivr.database.beside import Database
from ivr.database.sqlite import explained
from ivr.model.errors import PortTimeout

GLANCE_MS = 800
"""How long a call waits for a server that does not answer; then it begins without."""


class Reader:
    """Its own connection; for an SQLite file a second one, that is looked at without a thread."""

    def __init__(self, database: Database, glancing: sqlite3.Connection | None) -> None:
        self._database = database
        self._glancing = glancing

    @classmethod
    async def open(cls, place: Place) -> Reader:
        """Open it. Raises PortError."""
        database = await Database.open(place, KIND)
        if not isinstance(place, Path):
            return cls(database, None)
        try:
            with explained(place, KIND.port):
                return cls(database, sqlite3.connect(place, timeout=0, isolation_level=None))
        except BaseException:
            await database.close()
            raise

    async def close(self) -> None:
        """Close the connections."""
        if self._glancing is not None:
            self._glancing.close()
        await self._database.close()

    async def glance(self, sql: str, *values: object) -> Any:
        """Return the one row that an index leads to, or None. Raises PortError.

        Every call that comes in asks once, and the ledger is looked at all the time. A file is read here
        and now: it takes 10 µs, from pages written lately, and no lock is waited for; a trip to the other
        connection's thread and back would cost each call ten times that.
        """
        if self._glancing is not None:
            try:
                return self._glancing.execute(sql, values).fetchone()
            except sqlite3.Error:
                pass
        try:
            async with asyncio.timeout(GLANCE_MS / 1000):
                return next(iter(await self.rows(sql, *values)), None)
        except TimeoutError as error:
            raise PortTimeout(KIND.port, GLANCE_MS) from error

    async def rows(self, sql: str, *values: object) -> list[Any]:
        """Return the rows of a query. Raises PortError."""
        return await self._database.rows(sql, *values)
