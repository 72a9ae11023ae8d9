"""The store in memory, for the simulator and tests: what it keeps went through its written form."""

from __future__ import annotations

from collections.abc import Mapping

from ivr.adapters.store.codec import decode_event, decode_session, encode, millis
from ivr.model.events import Event, MessageRecorded
from ivr.model.session import Session
from ivr.ports.clock import Clock
from ivr.ports.store import StampedEvent, StoreHealth


class MemorySessions:
    """The Sessions port."""

    def __init__(self) -> None:
        self._bodies: dict[str, bytes] = {}

    def save(self, session: Session) -> None:
        """Keep the session."""
        self._bodies[session.call_id] = session.to_json()

    def close(self, session: Session, reason: str) -> None:
        """Forget the session."""
        self._bodies.pop(session.call_id, None)

    async def load(self, call_id: str) -> Session | None:
        """Return the latest session saved."""
        body = self._bodies.get(call_id)
        return None if body is None else decode_session(call_id, body)


class MemoryEvents:
    """The Events port. `rows` are (call, Unix milliseconds, event as JSON), in order."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.rows: list[tuple[str, int, bytes]] = []

    def emit(self, call_id: str, event: Event) -> None:
        """Take one event and stamp it."""
        self.rows.append((call_id, millis(self._clock.now()), encode(event)))


class MemoryJournals:
    """Where journals go."""

    def __init__(self) -> None:
        self._entries: dict[str, list[bytes]] = {}

    def append(self, call_id: str, entry: bytes) -> None:
        """Take one entry."""
        self._entries.setdefault(call_id, []).append(entry)

    async def read(self, call_id: str) -> list[bytes]:
        """Return the entries of a call in order."""
        return list(self._entries.get(call_id, ()))


class MemoryStore:
    """A store that ends with its process."""

    def __init__(self, clock: Clock) -> None:
        self.sessions = MemorySessions()
        self.events = MemoryEvents(clock)
        self.journal = MemoryJournals()
        self._versions: dict[str, dict[str, str]] = {}

    async def read_events(self, call_id: str) -> list[StampedEvent]:
        """Return a call's events in order."""
        return [decode_event(*row) for row in self.events.rows if row[0] == call_id]

    async def messages(self) -> list[StampedEvent]:
        """Return the MessageRecorded events of all calls, oldest first."""
        events = [decode_event(*row) for row in self.events.rows]
        return [one for one in events if isinstance(one.event, MessageRecorded)]

    async def keep_version(self, version: str, files: Mapping[str, str]) -> None:
        """Keep a published set of flow files."""
        self._versions.setdefault(version, dict(files))

    async def version_files(self, version: str) -> dict[str, str] | None:
        """Return the files of a version, or None when it was never kept."""
        return self._versions.get(version)

    async def flush(self, budget_ms: int = 5_000) -> None:
        """Return at once: nothing waits."""

    async def close(self) -> None:
        """Return at once: nothing is left."""

    def health(self) -> StoreHealth:
        """Nothing waits, nothing is lost."""
        return StoreHealth(written=len(self.events.rows))


BACKEND = MemoryStore
