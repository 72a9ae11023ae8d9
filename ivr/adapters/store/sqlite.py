"""The store on an SQLite file."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import AsyncIterator, Iterable, Mapping
from datetime import datetime
from importlib.resources import files as package_files
from pathlib import Path
from typing import Any

import aiosqlite

from ivr.adapters.store.codec import decode_event, decode_files, decode_session
from ivr.adapters.store.coverage import AskingOf, Keeper
from ivr.adapters.store.covered import SqliteCoverage
from ivr.adapters.store.database import Database
from ivr.adapters.store.finding import Finder
from ivr.adapters.store.offers import SqliteOffers
from ivr.adapters.store.profiles import SqliteProfiles
from ivr.adapters.store.releases import SqliteReleases
from ivr.adapters.store.writer import MOST_PENDING, Writer
from ivr.centre.dialling import CHINA
from ivr.centre.surveys.deciding import Asking
from ivr.database import Kind
from ivr.database.sqlite import connect, explain, prepare
from ivr.model.errors import PortError, PortTimeout
from ivr.model.events import Event
from ivr.model.session import Session
from ivr.ports.clock import Clock
from ivr.ports.store import CallFilter, CallRecord, StampedEvent, StoreHealth

KIND = Kind("store", 0x4F435331, package_files(__package__) / "migrations")

CLOSE_MS = 5_000
"""How long closing waits for a disk."""

_LOAD = "SELECT body FROM sessions WHERE call_id = ?"

_LOG = logging.getLogger("ivr.store")


class Reader:
    """Reads the database beside the writer, which it never waits for."""

    def __init__(
        self, path: Path, database: aiosqlite.Connection, glancing: sqlite3.Connection
    ) -> None:
        self._path = path
        self._database = database
        self._glancing = glancing

    @classmethod
    async def open(cls, path: Path) -> Reader:
        """Open both connections. Raises PortError."""
        database = await connect(path, KIND.port)
        try:
            glancing = sqlite3.connect(path, timeout=0, isolation_level=None)
        except sqlite3.Error as error:
            await database.close()
            raise explain(error, KIND.port, path) from error
        return cls(path, database, glancing)

    async def close(self) -> None:
        """Close both connections."""
        self._glancing.close()
        await self._database.close()

    async def glance(self, sql: str, *values: object) -> Any:
        """Return the one row that an index leads to, or None. Raises PortError.

        Every call that comes in asks once, and the ledger is looked at all the time. It is read here and now: it takes 10 µs, from pages
        written lately, and no lock is waited for; a trip to the other connection's thread and back
        would cost each call ten times that.
        """
        try:
            return self._glancing.execute(sql, values).fetchone()
        except sqlite3.Error:
            return next(iter(await self.rows(sql, *values)), None)

    async def rows(self, sql: str, *values: object) -> Iterable[Any]:
        """Return the rows of a query. Raises PortError."""
        try:
            return await self._database.execute_fetchall(sql, values)
        except sqlite3.Error as error:
            raise explain(error, KIND.port, self._path) from error


class SqliteSessions:
    """The Sessions port: the latest session of a call within a write is the one written."""

    def __init__(self, writer: Writer, reader: Reader) -> None:
        self._writer = writer
        self._reader = reader

    def save(self, session: Session) -> None:
        """Keep the session."""
        self._put(session.call_id, session)

    def close(self, session: Session, reason: str) -> None:
        """Forget the session; the CallEnded event tells why."""
        self._put(session.call_id, None)

    async def load(self, call_id: str) -> Session | None:
        """Return the latest session saved, written or not. Raises PortError."""
        for sessions in (self._writer.pending.sessions, self._flying()):
            if call_id in sessions:
                return sessions[call_id]
        row = await self._reader.glance(_LOAD, call_id)
        return decode_session(call_id, row[0]) if row else None

    def _put(self, call_id: str, session: Session | None) -> None:
        self._writer.pending.sessions[call_id] = session
        self._writer.touch()

    def _flying(self) -> Mapping[str, Session | None]:
        batch = self._writer.in_flight
        return batch.sessions if batch is not None else {}


class SqliteEvents:
    """The Events port."""

    def __init__(self, writer: Writer, clock: Clock) -> None:
        self._writer = writer
        self._clock = clock

    def emit(self, call_id: str, event: Event) -> None:
        """Take one event and stamp it."""
        self._writer.pending.events.append((call_id, self._clock.now(), event))
        self._writer.touch()


class SqliteJournals:
    """Where journals go."""

    def __init__(self, writer: Writer, reader: Reader) -> None:
        self._writer = writer
        self._reader = reader

    def append(self, call_id: str, entry: bytes) -> None:
        """Take one entry, a JSON line."""
        self._writer.pending.journal.append((call_id, entry))
        self._writer.touch()

    async def read(self, call_id: str) -> list[bytes]:
        """Return the entries of a call that are written, in order. Raises PortError."""
        rows = await self._reader.rows(
            "SELECT entries FROM journal WHERE call_id = ? ORDER BY seq", call_id
        )
        return [entry for (entries,) in rows for entry in entries.split(b"\n")]


def _nobody(files: Mapping[str, str]) -> Asking:
    """Nobody is asked."""
    return Asking()


class SqliteStore:
    """OneCall's own store on an SQLite file, which several nodes of one machine may share."""

    def __init__(
        self, path: Path, writer: Writer, reader: Reader, clock: Clock, keeper: Keeper
    ) -> None:
        self._path = path
        self._writer = writer
        self._reader = reader
        self._finder = Finder(reader)
        self._clock = clock
        self.sessions = SqliteSessions(writer, reader)
        self.events = SqliteEvents(writer, clock)
        self.journal = SqliteJournals(writer, reader)
        self.releases = SqliteReleases(path, clock, reader.glance, reader.rows)
        self.profiles = SqliteProfiles(path, clock, reader.glance)
        self.coverage = SqliteCoverage(reader)
        self.offers = SqliteOffers(path, clock, keeper, reader.rows)
        self.country = keeper.country

    @classmethod
    async def open(
        cls,
        path: Path,
        clock: Clock,
        most_pending: int = MOST_PENDING,
        asking_of: AskingOf = _nobody,
        country: str = CHINA,
    ) -> SqliteStore:
        """Open the store, making the file (mode 0600) at the first use. Raises PortError.

        `asking_of` tells whom the flows of calls ask about the service, which the coverage ledger says;
        `country` is the calling code of the bank's country, so that callers are known by telephone.
        """
        await asyncio.to_thread(prepare, path, KIND)
        database = await Database.open(path, KIND.port)
        try:
            reader = await Reader.open(path)
        except PortError:
            await database.close()
            raise
        keeper = Keeper(asking_of, country)
        writer = Writer(path, database, clock, keeper, most_pending)
        return cls(path, writer, reader, clock, keeper)

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
        await self._reader.close()

    def health(self) -> StoreHealth:
        """Return how writing goes."""
        return self._writer.health()


BACKEND = SqliteStore
