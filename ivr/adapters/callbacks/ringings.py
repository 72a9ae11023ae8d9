"""Which telephones the bank rings, in the SQLite file of the promised calls."""

from __future__ import annotations

import asyncio
import sqlite3
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import aiosqlite

from ivr.adapters.callbacks.sqlite import KIND, PORT
from ivr.database.sqlite import connect, explain, prepare, transaction
from ivr.ports.dialler import Dialled, Ringing

_TAKE = """
    INSERT INTO attempts (id, number, at, until, over) VALUES (?, ?, ?, ?, false)
    ON CONFLICT (number) WHERE NOT over DO NOTHING"""
_RUNG = "SELECT count(*) FROM attempts WHERE number = ? AND at >= ?"


class SqliteRingings:
    """The Ringings port. Any number of engines may share the file."""

    def __init__(self, path: Path, database: aiosqlite.Connection, zone: ZoneInfo) -> None:
        self._path = path
        self._database = database
        self._zone = zone
        self._turn = asyncio.Lock()

    @classmethod
    async def open(cls, path: Path, zone: ZoneInfo) -> SqliteRingings:
        """Open the file, making it (mode 0600) at the first use. Raises PortError."""
        await asyncio.to_thread(prepare, path, KIND)
        return cls(path, await connect(path, PORT), zone)

    async def close(self) -> None:
        """Close the file."""
        await self._database.close()

    async def take(self, ringing: Ringing, since: datetime, most: int) -> Dialled | None:
        """Take a telephone for a call."""
        try:
            async with self._turn, transaction(self._database):
                if await self._count(ringing.number, since) >= most:
                    return Dialled.TOO_MANY
                values = (ringing.id, ringing.number, _millis(ringing.at), _millis(ringing.until))
                taken = await self._database.execute(_TAKE, values)
                return None if taken.rowcount else Dialled.LIVE
        except sqlite3.Error as error:
            raise explain(error, PORT, self._path) from error

    async def over(self, id: str) -> None:
        """Let a telephone go."""
        try:
            async with self._turn, transaction(self._database):
                await self._database.execute("UPDATE attempts SET over = true WHERE id = ?", (id,))
        except sqlite3.Error as error:
            raise explain(error, PORT, self._path) from error

    async def live(self) -> tuple[Ringing, ...]:
        """Return the calls that are not known to be over."""
        rows = await self._rows("SELECT id, number, at, until FROM attempts WHERE NOT over")
        return tuple(
            Ringing(id_, number, self._time(at), self._time(until))
            for id_, number, at, until in rows
        )

    async def rung(self, number: str, since: datetime) -> int:
        """Return how often a telephone was rung since then."""
        try:
            return await self._count(number, since)
        except sqlite3.Error as error:
            raise explain(error, PORT, self._path) from error

    async def _count(self, number: str, since: datetime) -> int:
        rows = await self._database.execute_fetchall(_RUNG, (number, _millis(since)))
        return int(next(iter(rows))[0])

    async def _rows(self, sql: str) -> list[Any]:
        try:
            return list(await self._database.execute_fetchall(sql))
        except sqlite3.Error as error:
            raise explain(error, PORT, self._path) from error

    def _time(self, millis: int) -> datetime:
        return datetime.fromtimestamp(millis / 1000, self._zone)


def _millis(at: datetime) -> int:
    return int(at.timestamp() * 1000)
