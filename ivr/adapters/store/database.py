"""The store on a database: an SQLite file, or a PostgreSQL that nodes share."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from datetime import datetime

from ivr.adapters.store.codec import decode_event, decode_files
from ivr.adapters.store.coverage import AskingOf, Keeper
from ivr.adapters.store.covered import DatabaseCoverage
from ivr.adapters.store.finding import Finder
from ivr.adapters.store.kind import KIND
from ivr.adapters.store.offers import DatabaseOffers
from ivr.adapters.store.profiles import DatabaseProfiles
from ivr.adapters.store.reader import Reader
from ivr.adapters.store.releases import DatabaseReleases
from ivr.adapters.store.sessions import DatabaseEvents, DatabaseJournals, DatabaseSessions
from ivr.adapters.store.writer import MOST_PENDING, Writer
from ivr.centre.dialling import CHINA
from ivr.centre.surveys.deciding import Asking
from ivr.database import Place
from ivr.database.beside import Database
from ivr.model.errors import PortTimeout
from ivr.ports.clock import Clock
from ivr.ports.store import CallFilter, CallRecord, StampedEvent, StoreHealth

CLOSE_MS = 5_000
"""How long closing waits for a disk."""

_LOG = logging.getLogger("ivr.store")


def _nobody(files: Mapping[str, str]) -> Asking:
    """Nobody is asked."""
    return Asking()


class DatabaseStore:
    """OneCall's own store: an SQLite file, which several engines of one machine may share, or a schema of
    PostgreSQL, for those of several. It reads, writes what calls tell it, and changes what somebody waits
    for, each on a connection of its own, so that none waits for another."""

    def __init__(
        self, reader: Reader, writer: Writer, changes: Database, clock: Clock, keeper: Keeper
    ) -> None:
        self._writer = writer
        self._changes = changes
        self._reader = reader
        self._finder = Finder(reader)
        self.sessions = DatabaseSessions(writer, reader)
        self.events = DatabaseEvents(writer, clock)
        self.journal = DatabaseJournals(writer, reader)
        self.releases = DatabaseReleases(changes, clock, reader.glance, reader.rows)
        self.profiles = DatabaseProfiles(changes, clock, reader.glance)
        self.coverage = DatabaseCoverage(reader)
        self.offers = DatabaseOffers(changes, clock, keeper, reader.rows)
        self.country = keeper.country

    @classmethod
    async def open(
        cls,
        place: Place,
        clock: Clock,
        most_pending: int = MOST_PENDING,
        asking_of: AskingOf = _nobody,
        country: str = CHINA,
    ) -> DatabaseStore:
        """Open the store, making it (a file of mode 0600) at the first use. Raises PortError.

        `asking_of` tells whom the flows of calls ask about the service, which the coverage ledger says;
        `country` is the calling code of the bank's country, so that callers are known by telephone.
        """
        async with AsyncExitStack() as opened:
            reader = await Reader.open(place)
            opened.push_async_callback(reader.close)
            changes = await Database.open(place, KIND)
            opened.push_async_callback(changes.close)
            writing = await Database.open(place, KIND)
            opened.pop_all()
        keeper = Keeper(asking_of, country)
        writer = Writer(writing, clock, keeper, most_pending)
        return cls(reader, writer, changes, clock, keeper)

    async def read_events(self, call_id: str) -> list[StampedEvent]:
        """Return a call's written events in order."""
        rows = await self._reader.rows(
            "SELECT call_id, at, body FROM events WHERE call_id = ? ORDER BY seq", call_id
        )
        return [decode_event(*row) for row in rows]

    def events_between(
        self, since: datetime, until: datetime | None = None
    ) -> AsyncIterator[StampedEvent]:
        """Yield the written events of all calls in the order of time, `since` to before `until`."""
        return self._finder.events(since, until)

    def calls(self, wanted: CallFilter) -> AsyncIterator[CallRecord]:
        """Yield the calls that are wanted, the newest first."""
        return self._finder.calls(wanted)

    async def ended(self, since: datetime, after: int = 0) -> tuple[int, list[CallRecord]]:
        """Return the calls whose end was written after a mark, and the next mark."""
        return await self._finder.ended(since, after)

    async def happened(self, since: datetime, after: int = 0) -> tuple[int, list[StampedEvent]]:
        """Return the events that were written after a mark, and the next mark."""
        return await self._finder.happened(since, after)

    async def messages(self) -> list[StampedEvent]:
        """Return the MessageRecorded events of all calls, oldest first."""
        rows = await self._reader.rows(
            "SELECT call_id, at, body FROM events WHERE kind = 'MessageRecorded' ORDER BY at, seq"
        )
        return [decode_event(*row) for row in rows]

    async def version_files(self, version: str) -> dict[str, str] | None:
        """Return the files of a version, or None when it was never kept."""
        rows = await self._reader.rows("SELECT files FROM flow_versions WHERE version = ?", version)
        return next((decode_files(body) for (body,) in rows), None)

    async def flush(self, budget_ms: int = 5_000) -> None:
        """Wait until what was taken so far is written. Raises PortTimeout when it is not in time."""
        await self._writer.flush(budget_ms)

    async def close(self) -> None:
        """Write what is left, as far as the disk takes it, and end."""
        try:
            await self._writer.flush(CLOSE_MS)
        except PortTimeout:
            health = self._writer.health()
            _LOG.error("store: ended with %d entries unwritten: %s", health.pending, health.problem)
        await self._writer.stop()
        await self._changes.close()
        await self._reader.close()

    def health(self) -> StoreHealth:
        """Return how writing goes."""
        return self._writer.health()
