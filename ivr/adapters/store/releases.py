"""The Releases port on the store's database."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from ivr.adapters.store.codec import encode, millis
from ivr.database import Connection
from ivr.database.beside import Database
from ivr.ports.clock import Clock
from ivr.ports.releases import FIRST, Kept, LedgerMoved, Sealed

_HEAD = "SELECT number, hash FROM releases ORDER BY number DESC LIMIT 1"
_SINCE = "SELECT number, hash, body FROM releases WHERE number > ? ORDER BY number"
_KEEP = """INSERT INTO flow_versions VALUES (?, ?, ?)
ON CONFLICT (version) DO UPDATE SET files = excluded.files WHERE flow_versions.files <> excluded.files"""


class DatabaseReleases:
    """The ledger in a table. `glance` and `rows` are the store's ways to read."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        glance: Callable[..., Awaitable[Any]],
        rows: Callable[..., Awaitable[Iterable[Any]]],
    ) -> None:
        self._database = database
        self._clock = clock
        self._glance = glance
        self._rows = rows

    async def append(self, sealed: Sealed, previous: str, flows: Kept | None = None) -> None:
        """Add an entry after `previous`, with its flows. Raises LedgerMoved, PortError."""
        kept = None
        if flows is not None:
            kept = (flows.version, millis(self._clock.now()), encode(dict(flows.files)))
        await self._database.run(lambda one: _append(one, sealed, previous, kept))

    async def since(self, number: int = 0) -> list[Sealed]:
        """Return the entries after a number, in order. Raises PortError."""
        return [Sealed(*row) for row in await self._rows(_SINCE, number)]

    async def head(self) -> tuple[int, str]:
        """Return the last entry's number and hash. Raises PortError."""
        return (await self._glance(_HEAD)) or (0, FIRST)


def _append(
    connection: Connection, sealed: Sealed, previous: str, kept: tuple[str, int, bytes] | None
) -> None:
    number, last = connection.execute(_HEAD).fetchone() or (0, FIRST)
    if last != previous:
        raise LedgerMoved(f"entry {number} was written meanwhile; look at `ivr releases`")
    if kept is not None:
        connection.execute(_KEEP, kept)
    row = (sealed.number, sealed.hash, sealed.body)
    connection.execute("INSERT INTO releases VALUES (?, ?, ?)", row)
