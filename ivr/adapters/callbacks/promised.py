"""Promised calls: on the disk before anybody is told, or any telephone rung."""

from __future__ import annotations

from datetime import datetime
from typing import Self

import msgspec

from ivr.adapters.callbacks import KIND
from ivr.database import Connection, Place
from ivr.database.beside import Database
from ivr.database.fence import Token, nobody_asks
from ivr.model.session import Session
from ivr.ports.callbacks import Callback, State

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
_SESSION = "UPDATE callbacks SET session = ? WHERE id = ?"


class DatabaseCallbacks:
    """The CallbackStore port. Any number of engines may share the database; one that leads no more, by
    its `token`, writes nothing: Fenced is raised."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @classmethod
    async def open(cls, place: Place, token: Token = nobody_asks) -> Self:
        """Open the database, making it at the first use. Raises PortError."""
        return cls(await Database.open(place, KIND, token))

    async def close(self) -> None:
        """Close it."""
        await self._database.close()

    async def put(self, callback: Callback) -> None:
        """Write a callback down as it is now."""
        await self._database.do(_PUT, *_row(callback))

    async def put_with(self, callback: Callback, session: Session) -> None:
        """Write a callback down with the call that it goes on with."""

        def putting(connection: Connection) -> None:
            connection.execute(_PUT, _row(callback))
            connection.execute(_SESSION, (session.to_json(), callback.id))

        await self._database.run(putting)

    async def claim(self, callback: Callback) -> bool:
        """Write down that an attempt begins, before it does; False: somebody else was first."""
        id_, state, attempt, tries, *_, body = _row(callback)
        values = (state, attempt, tries, body, id_, State.KEPT.value, callback.attempts - 1)
        return bool(await self._database.do(_CLAIM, *values))

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
        rows = await self._database.rows("SELECT session FROM callbacks WHERE id = ?", callback)
        return Session.from_json(rows[0][0]) if rows and rows[0][0] else None

    async def _found(self, where: str, *values: object) -> tuple[Callback, ...]:
        sql = f"SELECT body FROM callbacks WHERE {where}"  # noqa: S608 - conditions of our own
        return tuple(_DECODER.decode(body) for (body,) in await self._database.rows(sql, *values))


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
