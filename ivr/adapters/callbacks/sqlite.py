"""Promised calls in an SQLite file: on the disk before anybody is told, or any telephone rung."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

import aiosqlite
import msgspec

from ivr.database import Kind
from ivr.database.sqlite import connect, explain, prepare, transaction
from ivr.model.session import Session
from ivr.ports.callbacks import Callback, State

PORT = "callbacks"
KIND = Kind(PORT, 0x4F434C31, files(__package__) / "migrations")

_OPEN = tuple(state.value for state in State if state.open)
_PUT = """
    INSERT INTO callbacks (id, state, attempt, tries, entered, until, body)
    VALUES (?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (id) DO UPDATE SET state = excluded.state, attempt = excluded.attempt,
      tries = excluded.tries, entered = excluded.entered, until = excluded.until,
      body = excluded.body"""
_CLAIM = """
    UPDATE callbacks SET state = ?, attempt = ?, tries = ?, body = ?
    WHERE id = ? AND state = ? AND tries = ?"""


class SqliteCallbacks:
    """The CallbackStore port. Any number of engines may share the file."""

    def __init__(self, path: Path, database: aiosqlite.Connection) -> None:
        self._path = path
        self._database = database
        self._turn = asyncio.Lock()

    @classmethod
    async def open(cls, path: Path) -> SqliteCallbacks:
        """Open the file, making it (mode 0600) at the first use. Raises PortError."""
        await asyncio.to_thread(prepare, path, KIND)
        return cls(path, await connect(path, PORT))

    async def close(self) -> None:
        """Close the file."""
        await self._database.close()

    async def put(self, callback: Callback) -> None:
        """Write a callback down as it is now."""
        async with self._writing() as database:
            await database.execute(_PUT, _row(callback))

    async def put_with(self, callback: Callback, session: Session) -> None:
        """Write a callback down with the call that it goes on with."""
        async with self._writing() as database:
            await database.execute(_PUT, _row(callback))
            await database.execute(
                "UPDATE callbacks SET session = ? WHERE id = ?", (session.to_json(), callback.id)
            )

    async def claim(self, callback: Callback) -> bool:
        """Write down that an attempt begins, before it does; False: somebody else was first."""
        async with self._writing() as database:
            id_, *now, _, _, body = _row(callback)
            was = (State.KEPT.value, callback.attempts - 1)
            claimed = await database.execute(_CLAIM, (*now, body, id_, *was))
        return bool(claimed.rowcount)

    async def open_ones(self) -> tuple[Callback, ...]:
        """Return the callbacks that are not over, in the order of their places."""
        marks = ", ".join("?" * len(_OPEN))
        return await self._found(f"state IN ({marks}) ORDER BY entered, id", *_OPEN)

    async def since(self, at: datetime) -> tuple[Callback, ...]:
        """Return all that were open then, in the order of their places."""
        return await self._found("until >= ? ORDER BY entered, id", _millis(at))

    async def of_attempt(self, attempt: str) -> Callback | None:
        """Return the callback whose latest attempt this is."""
        found = await self._found("attempt = ?", attempt)
        return found[0] if found else None

    async def session(self, callback: str) -> Session | None:
        """Return the call that a callback goes on with."""
        rows = await self._rows("SELECT session FROM callbacks WHERE id = ?", callback)
        return Session.from_json(rows[0][0]) if rows and rows[0][0] else None

    async def _found(self, where: str, *values: object) -> tuple[Callback, ...]:
        rows = await self._rows(f"SELECT body FROM callbacks WHERE {where}", *values)  # noqa: S608
        return tuple(_DECODER.decode(body) for (body,) in rows)

    async def _rows(self, sql: str, *values: object) -> list[Any]:
        try:
            return list(await self._database.execute_fetchall(sql, values))
        except sqlite3.Error as error:
            raise explain(error, PORT, self._path) from error

    @asynccontextmanager
    async def _writing(self) -> AsyncIterator[aiosqlite.Connection]:
        try:
            async with self._turn, transaction(self._database):
                yield self._database
        except sqlite3.Error as error:
            raise explain(error, PORT, self._path) from error


_DECODER = msgspec.json.Decoder(Callback)


def _row(callback: Callback) -> tuple[object, ...]:
    return (
        callback.id,
        callback.state.value,
        callback.attempt,
        callback.attempts,
        _millis(callback.entered),
        _millis(callback.until),
        msgspec.json.encode(callback),
    )


def _millis(at: datetime) -> int:
    return int(at.timestamp() * 1000)
