"""The fence in the database: the greatest token that was shown, and until when the database itself has kept
a leader whose lease could not be renewed. All times are the database's own."""

from __future__ import annotations

from importlib.resources import files
from typing import Self

from ivr.database import Connection, Kind, Place, Server
from ivr.database.beside import Database
from ivr.ports.cluster import PORT, Fenced

FILE = "cluster.sqlite"
_FOLDER = files("ivr.adapters.cluster")
KIND = Kind(PORT, 0x4F43434C, _FOLDER / "migrations", _FOLDER / "migrations_postgres")
_SQLITE_NOW = "(julianday('now') - 2440587.5) * 86400.0"
_POSTGRES_NOW = "extract(epoch FROM clock_timestamp())::double precision"


class DatabaseFence:
    """The Fence port."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._now = _POSTGRES_NOW if isinstance(database.place, Server) else _SQLITE_NOW

    @classmethod
    async def open(cls, place: Place) -> Self:
        """Open it. Raises PortError."""
        return cls(await Database.open(place, KIND))

    async def close(self) -> None:
        """Close the connection."""
        await self._database.close()

    async def seen(self) -> int:
        """Return the greatest token."""
        ((token,),) = await self._database.rows("SELECT token FROM fence")
        return int(token)

    async def show(self, token: int) -> float:
        """Show a token that is greater than any before. See `Fence`."""

        def job(connection: Connection) -> float:
            sql = f"SELECT token, kept_until - {self._now} FROM fence"  # noqa: S608
            greatest, kept_s = connection.execute(sql).fetchone()
            if greatest >= token:
                raise Fenced(token)
            connection.execute("UPDATE fence SET token = ?, kept_until = 0", (token,))
            return max(0.0, float(kept_s))

        return await self._database.run(job)

    async def keep(self, token: int, lasts_s: float) -> bool:
        """Lead on for so long. See `Fence`."""
        sql = f"UPDATE fence SET kept_until = {self._now} + ? WHERE token = ?"  # noqa: S608
        return await self._database.do(sql, lasts_s, token) == 1


class NoFence:
    """The fence of a node that is alone: there is nobody to keep out."""

    async def seen(self) -> int:
        """Return that no token was shown."""
        return 0

    async def show(self, token: int) -> float:
        """Nobody else may lead."""
        return 0.0

    async def keep(self, token: int, lasts_s: float) -> bool:
        """Lead on."""
        return True
