"""Who wants no calls, who agrees to be called for sales, and what they do not want to be offered:
whatever the campaign."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from ivr.adapters.campaigns import KIND
from ivr.centre.campaigns.dialable import Wishes
from ivr.database import Connection, Place
from ivr.database.beside import Database
from ivr.database.fence import Token, nobody_asks
from ivr.ports.campaigns import NoCall, Scope
from ivr.ports.clock import Clock

AGREE = """
    INSERT INTO consents (telephone, at, given, by) VALUES (?, ?, ?, ?)
    ON CONFLICT (telephone, at) DO UPDATE SET given = excluded.given, by = excluded.by"""
_NO_CALLS = "SELECT telephone, scope, at, by, why FROM no_calls ORDER BY at DESC, telephone"
_BAR = """
    INSERT INTO no_calls (telephone, scope, at, by, why) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (telephone, scope) DO NOTHING"""
_REFUSE = """
    INSERT INTO refusals (who, product, at) VALUES (?, ?, ?)
    ON CONFLICT (who, product) DO UPDATE SET at = excluded.at"""
_SCOPES = "SELECT scope FROM no_calls WHERE telephone = ?"
_AGREED = "SELECT given FROM consents WHERE telephone = ? ORDER BY at DESC LIMIT 1"
_REFUSED = "SELECT product FROM refusals WHERE who IN (?, ?)"


class DatabaseWishes:
    """The part of the book that is about people. Any number of engines and commands may share it; an
    engine that leads no more, by its `token`, writes nothing: Fenced is raised."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    @classmethod
    async def open(cls, place: Place, clock: Clock, token: Token = nobody_asks) -> Self:
        """Open the database, making it at the first use. Raises PortError."""
        return cls(await Database.open(place, KIND, token), clock)

    async def close(self) -> None:
        """Close it."""
        await self._database.close()

    async def no_calls(self) -> tuple[NoCall, ...]:
        """Return who wants no calls. Raises PortError."""
        return tuple(
            NoCall(telephone, Scope(scope), self._time(at), by, why)
            for telephone, scope, at, by, why in await self._database.rows(_NO_CALLS)
        )

    async def bar(self, telephone: str, scope: Scope, by: str, why: str) -> None:
        """Write down that a telephone is not called. Raises PortError."""
        await self._database.do(_BAR, telephone, scope.value, self._now(), by, why)

    async def unbar(self, telephone: str, scope: Scope) -> bool:
        """Let a telephone be called again; False: it might be. Raises PortError."""
        sql = "DELETE FROM no_calls WHERE telephone = ? AND scope = ?"
        return bool(await self._database.do(sql, telephone, scope.value))

    async def agree(self, telephone: str, given: bool, by: str) -> None:
        """Write down that somebody agrees to be called for sales, or not any more. Raises PortError."""
        await self._database.do(AGREE, telephone, self._now(), given, by)

    async def refuse(self, who: str, product: str) -> None:
        """Write down that somebody does not want a product. Raises PortError."""
        await self._database.do(_REFUSE, who, product, self._now())

    async def wishes(self, telephone: str, customer: str = "") -> Wishes:
        """Return what is known of somebody's wishes. Raises PortError."""
        return await self._database.run(
            lambda connection: wishes_of(connection, telephone, customer), write=False
        )

    def _time(self, millis: int) -> datetime:
        zone = self._clock.now().tzinfo
        return datetime.fromtimestamp(millis / 1000, zone)

    def _now(self) -> int:
        return millis(self._clock.now())


def wishes_of(connection: Connection, telephone: str, customer: str) -> Wishes:
    """Return what is known of somebody's wishes, within a transaction."""
    agreed = connection.execute(_AGREED, (telephone,)).fetchone()
    return Wishes(
        frozenset(Scope(scope) for (scope,) in connection.execute(_SCOPES, (telephone,))),
        bool(agreed and agreed[0]),
        frozenset(
            product
            for (product,) in connection.execute(_REFUSED, (telephone, customer or telephone))
        ),
    )


def millis(at: datetime) -> int:
    """Return a time as it is kept."""
    return int(at.timestamp() * 1000)
