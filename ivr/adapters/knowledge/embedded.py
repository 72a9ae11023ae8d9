"""The embedded knowledge: branches and fees in an SQLite file of its own."""

from __future__ import annotations

import asyncio
import sqlite3
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any

import aiosqlite

from ivr.database import Kind
from ivr.database.sqlite import connect, explain, prepare
from ivr.model.errors import PortError
from ivr.model.values import Money
from ivr.ports.backend import Settings
from ivr.ports.clock import Clock
from ivr.ports.knowledge import Branch, Fee

KIND = Kind("knowledge", 0x4F434B31, files(__package__) / "migrations")


class EmbeddedKnowledge:
    """The Knowledge port on an SQLite file. Every method raises PortError."""

    def __init__(self, path: Path, database: aiosqlite.Connection) -> None:
        self._path = path
        self._database = database

    @classmethod
    async def open(cls, path: Path) -> EmbeddedKnowledge:
        """Open the file, making it at the first use. Raises PortError."""
        await asyncio.to_thread(prepare, path, KIND)
        return cls(path, await connect(path, KIND.port))

    @classmethod
    async def opened(cls, settings: Settings, clock: Clock) -> EmbeddedKnowledge:
        """Open it as the configuration says."""
        return await cls.open(settings.file)

    async def close(self) -> None:
        """Close the file."""
        await self._database.close()

    async def branch(self, number: str, day: str) -> Branch | None:
        """Return a branch with its hours on a day (ISO date), or None if there is none."""
        found = await self._row(
            """SELECT number, name, opens, closes FROM branches
               LEFT JOIN branch_hours ON branch = number AND weekday = ? WHERE number = ?""",
            _weekday(day),
            number,
        )
        return None if found is None else Branch(*found)

    async def fee(self, service: str) -> Fee | None:
        """Return what a service costs, or None when it is not known."""
        found = await self._row(
            "SELECT service, share, least, most, currency FROM fees WHERE service = ?", service
        )
        if found is None:
            return None
        name, share, least, most, currency = found
        return Fee(name, share, Money(least, currency), Money(most, currency))

    async def _row(self, sql: str, *values: object) -> Any:
        try:
            rows = list(await self._database.execute_fetchall(sql, values))
        except sqlite3.Error as error:
            raise explain(error, KIND.port, self._path) from error
        return rows[0] if rows else None


def _weekday(day: str) -> int:
    try:
        return date.fromisoformat(day).weekday()
    except ValueError as error:
        raise PortError(KIND.port, f"not a date: {day!r}") from error


BACKEND = EmbeddedKnowledge
