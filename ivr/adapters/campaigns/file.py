"""The SQLite file of campaigns: opened once, written by one at a time."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from typing import Any, Self

import aiosqlite

from ivr.database import Kind
from ivr.database.sqlite import connect, explain, prepare, transaction
from ivr.ports.clock import Clock

PORT = "campaigns"
KIND = Kind(PORT, 0x4F434D31, files(__package__) / "migrations")


class CampaignFile:
    """The file. Any number of engines and commands may share it."""

    def __init__(self, path: Path, database: aiosqlite.Connection, clock: Clock) -> None:
        self._path = path
        self._database = database
        self._clock = clock
        self._turn = asyncio.Lock()

    @classmethod
    async def open(cls, path: Path, clock: Clock) -> Self:
        """Open the file, making it (mode 0600) at the first use. Raises PortError."""
        await asyncio.to_thread(prepare, path, KIND)
        return cls(path, await connect(path, PORT), clock)

    async def close(self) -> None:
        """Close the file."""
        await self._database.close()

    async def _rows(self, sql: str, *values: object) -> list[Any]:
        try:
            return list(await self._database.execute_fetchall(sql, values))
        except sqlite3.Error as error:
            raise explain(error, PORT, self._path) from error

    async def _do(self, sql: str, *values: object) -> int:
        """Do one thing; return how many rows it has changed."""
        async with self._writing() as database:
            return (await database.execute(sql, values)).rowcount

    @asynccontextmanager
    async def _writing(self) -> AsyncIterator[aiosqlite.Connection]:
        try:
            async with self._turn, transaction(self._database):
                yield self._database
        except sqlite3.Error as error:
            raise explain(error, PORT, self._path) from error

    def _time(self, millis: int) -> datetime:
        zone = self._clock.now().tzinfo
        return datetime.fromtimestamp(millis / 1000, zone)

    def _now(self) -> int:
        return millis(self._clock.now())


def millis(at: datetime) -> int:
    """Return a time as it is kept."""
    return int(at.timestamp() * 1000)
