"""Which telephones the bank rings, beside the calls that it has promised."""

from __future__ import annotations

from datetime import datetime
from typing import Self
from zoneinfo import ZoneInfo

from ivr.adapters.callbacks import KIND
from ivr.database import Connection, Place
from ivr.database.beside import Database
from ivr.database.fence import Token, nobody_asks
from ivr.ports.dialler import Dialled, Ringing

_TAKE = """
    INSERT INTO attempts (id, number, at, until, over) VALUES (?, ?, ?, ?, false)
    ON CONFLICT (number) WHERE NOT over DO NOTHING"""
_RUNG = "SELECT count(*) FROM attempts WHERE number = ? AND at >= ?"
_LIVE = "SELECT id, number, at, until FROM attempts WHERE NOT over ORDER BY at, id"


class DatabaseRingings:
    """The Ringings port. Any number of engines may share the database; one that leads no more, by its
    `token`, takes no telephone: Fenced is raised."""

    def __init__(self, database: Database, zone: ZoneInfo) -> None:
        self._database = database
        self._zone = zone

    @classmethod
    async def open(cls, place: Place, zone: ZoneInfo, token: Token = nobody_asks) -> Self:
        """Open the database, making it at the first use. Raises PortError."""
        return cls(await Database.open(place, KIND, token), zone)

    async def close(self) -> None:
        """Close it."""
        await self._database.close()

    async def take(self, ringing: Ringing, since: datetime, most: int) -> Dialled | None:
        """Take a telephone for a call."""
        values = (ringing.id, ringing.number, _millis(ringing.at), _millis(ringing.until))

        def taking(connection: Connection) -> Dialled | None:
            if _count(connection, ringing.number, since) >= most:
                return Dialled.TOO_MANY
            return None if connection.execute(_TAKE, values).rowcount else Dialled.LIVE

        return await self._database.run(taking)

    async def over(self, id: str) -> None:
        """Let a telephone go."""
        await self._database.do("UPDATE attempts SET over = true WHERE id = ?", id)

    async def live(self) -> tuple[Ringing, ...]:
        """Return the calls that are not known to be over."""
        return tuple(
            Ringing(id_, number, self._time(at), self._time(until))
            for id_, number, at, until in await self._database.rows(_LIVE)
        )

    async def rung(self, number: str, since: datetime) -> int:
        """Return how often a telephone was rung since then."""
        return await self._database.run(
            lambda connection: _count(connection, number, since), write=False
        )

    def _time(self, millis: int) -> datetime:
        return datetime.fromtimestamp(millis / 1000, self._zone)


def _count(connection: Connection, number: str, since: datetime) -> int:
    return int(connection.execute(_RUNG, (number, _millis(since))).fetchone()[0])


def _millis(at: datetime) -> int:
    return int(at.timestamp() * 1000)
