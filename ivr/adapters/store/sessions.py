"""What calls give the store: they are taken at once, and written soon after."""

from __future__ import annotations

from ivr.adapters.store.codec import decode_session
from ivr.adapters.store.pending import Left
from ivr.adapters.store.reader import Reader
from ivr.adapters.store.writer import Writer
from ivr.model.events import Event
from ivr.model.session import Session
from ivr.ports.clock import Clock

_LOAD = "SELECT body FROM sessions WHERE call_id = ?"
_RESUMED = "SELECT resumed FROM sessions WHERE call_id = ?"
_JOURNAL = "SELECT entries FROM journal WHERE call_id = ? ORDER BY seq"


class DatabaseSessions:
    """The Sessions port: the latest session of a call within a write is the one written."""

    def __init__(self, writer: Writer, reader: Reader) -> None:
        self._writer = writer
        self._reader = reader

    def save(self, session: Session) -> None:
        """Keep the session."""
        self._put(session.call_id, Left(session.resumed, session))

    def close(self, session: Session, reason: str) -> None:
        """Forget the session; the CallEnded event tells why."""
        self._put(session.call_id, Left(session.resumed))

    async def load(self, call_id: str) -> Session | None:
        """Return the latest session saved, written or not. Raises PortError."""
        left = self._writer.left(call_id)
        if left is not None:
            return left.session
        row = await self._reader.glance(_LOAD, call_id)
        return decode_session(call_id, row[0]) if row else None

    async def resumed(self, call_id: str) -> int:
        """Return how often the call was resumed, on whatever node. Raises PortError."""
        row = await self._reader.glance(_RESUMED, call_id)
        return int(row[0]) if row else 0

    def _put(self, call_id: str, left: Left) -> None:
        before = self._writer.pending.sessions.get(call_id)
        if before is None or before.resumed <= left.resumed:
            self._writer.pending.sessions[call_id] = left
            self._writer.touch()


class DatabaseEvents:
    """The Events port."""

    def __init__(self, writer: Writer, clock: Clock) -> None:
        self._writer = writer
        self._clock = clock

    def emit(self, call_id: str, event: Event) -> None:
        """Take one event and stamp it."""
        self._writer.pending.events.append((call_id, self._clock.now(), event))
        self._writer.touch()


class DatabaseJournals:
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
        rows = await self._reader.rows(_JOURNAL, call_id)
        return [entry for (entries,) in rows for entry in entries.split(b"\n")]
