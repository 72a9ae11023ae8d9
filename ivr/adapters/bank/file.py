"""The bank's SQLite file: one connection that writes, one that reads."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any

import aiosqlite

from ivr.database import Kind
from ivr.database.sqlite import connect, explain, prepare, transaction
from ivr.model.errors import PortError

KIND = Kind("bank", 0x4F434231, files(__package__) / "migrations")


class BankFile:
    """An open file; any number of nodes may share it. Every method raises PortError, with
    `retryable` when the file was only busy."""

    def __init__(
        self, path: Path, writer: aiosqlite.Connection, reader: aiosqlite.Connection
    ) -> None:
        self.path = path
        self._writer = writer
        self._reader = reader
        self.turn = asyncio.Lock()
        """Whose turn it is to write: in turns nobody waits as SQLite does, trying again and again."""

    @classmethod
    async def open(cls, path: Path) -> BankFile:
        """Open the file, making it at the first use."""
        await asyncio.to_thread(prepare, path, KIND)
        writer = await connect(path, KIND.port)
        try:
            reader = await connect(path, KIND.port)
        except PortError:
            await writer.close()
            raise
        return cls(path, writer, reader)

    async def close(self) -> None:
        """Close the file."""
        await self._reader.close()
        await self._writer.close()

    async def row(self, sql: str, *values: object) -> Any:
        """Return the first row that a query finds, or None."""
        rows = await self.rows(sql, *values)
        return rows[0] if rows else None

    async def rows(self, sql: str, *values: object) -> list[Any]:
        """Return the rows that a query finds."""
        try:
            return list(await self._reader.execute_fetchall(sql, values))
        except sqlite3.Error as error:
            raise explain(error, KIND.port, self.path) from error

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[aiosqlite.Connection]:
        """Write all of the block or nothing; it is on the disk afterwards."""
        try:
            async with self.turn, transaction(self._writer):
                yield self._writer
        except sqlite3.Error as error:
            raise explain(error, KIND.port, self.path) from error
