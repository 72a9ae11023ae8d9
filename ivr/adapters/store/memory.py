"""The store in memory, for the simulator and tests: what it keeps went through its written form."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime

from ivr.adapters.store.codec import decode_event, decode_session, encode, millis
from ivr.adapters.store.profiles import MemoryProfiles
from ivr.centre.outcomes import record, wanted_record, wanted_start
from ivr.model.events import CallEnded, Event, MessageRecorded, StepEntered
from ivr.model.session import Session
from ivr.ports.clock import Clock
from ivr.ports.releases import FIRST, Kept, LedgerMoved, Sealed
from ivr.ports.store import CallFilter, CallRecord, StampedEvent, StoreHealth


class MemorySessions:
    """The Sessions port."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[int, bytes]] = {}

    def save(self, session: Session) -> None:
        """Keep the session."""
        if session.resumed >= self._resumed(session.call_id):
            self._kept[session.call_id] = (session.resumed, session.to_json())

    def close(self, session: Session, reason: str) -> None:
        """Forget the session."""
        if session.resumed >= self._resumed(session.call_id):
            self._kept.pop(session.call_id, None)

    async def load(self, call_id: str) -> Session | None:
        """Return the latest session saved."""
        kept = self._kept.get(call_id)
        return None if kept is None else decode_session(call_id, kept[1])

    async def resumed(self, call_id: str) -> int:
        """Return how often the call was resumed."""
        return self._resumed(call_id)

    def _resumed(self, call_id: str) -> int:
        return self._kept.get(call_id, (0, b""))[0]


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


class MemoryReleases:
    """The ledger. `versions` are the flows kept with its entries."""

    def __init__(self, versions: dict[str, dict[str, str]]) -> None:
        self._versions = versions
        self._ledger: list[Sealed] = []

    async def append(self, sealed: Sealed, previous: str, flows: Kept | None = None) -> None:
        """Add an entry after `previous`, with its flows. Raises LedgerMoved."""
        number, last = await self.head()
        if last != previous:
            raise LedgerMoved(f"entry {number} was written meanwhile")
        if flows is not None:
            self._versions[flows.version] = dict(flows.files)
        self._ledger.append(sealed)

    async def since(self, number: int = 0) -> list[Sealed]:
        """Return the entries after a number, in order."""
        return [sealed for sealed in self._ledger if sealed.number > number]

    async def head(self) -> tuple[int, str]:
        """Return the last entry's number and hash."""
        return (self._ledger[-1].number, self._ledger[-1].hash) if self._ledger else (0, FIRST)


class MemoryStore:
    """A store that ends with its process."""

    def __init__(self, clock: Clock) -> None:
        self.sessions = MemorySessions()
        self.events = MemoryEvents(clock)
        self.journal = MemoryJournals()
        self._versions: dict[str, dict[str, str]] = {}
        self.releases = MemoryReleases(self._versions)
        self.profiles = MemoryProfiles()

    async def read_events(self, call_id: str) -> list[StampedEvent]:
        """Return a call's events in order."""
        return [decode_event(*row) for row in self.events.rows if row[0] == call_id]

    async def events_between(
        self, since: datetime, until: datetime | None = None
    ) -> AsyncIterator[StampedEvent]:
        """Yield the events of all calls in the order of time, from `since` to before `until`."""
        rows = sorted(self.events.rows, key=lambda row: row[1])
        for call_id, at, body in rows:
            if millis(since) <= at and (until is None or at < millis(until)):
                yield decode_event(call_id, at, body)

    async def calls(self, wanted: CallFilter) -> AsyncIterator[CallRecord]:
        """Yield the calls that are wanted, the newest first."""
        calls = self._by_call().values()
        chosen = [one for events in calls if (one := _chosen(wanted, events)) is not None]
        newest = sorted(chosen, key=lambda call: call.started)[::-1]
        for call in newest[: wanted.last or None]:
            yield call

    async def ended(self, since: datetime, after: int = 0) -> tuple[int, list[CallRecord]]:
        """Return the calls whose end was written after a mark, and the next mark."""
        rows = self.events.rows
        new = [decode_event(*row) for row in rows[after:] if row[1] >= millis(since)]
        calls = self._by_call()
        records = [record(calls[one.call_id]) for one in new if isinstance(one.event, CallEnded)]
        return len(rows), [one for one in records if one is not None]

    async def happened(self, since: datetime, after: int = 0) -> tuple[int, list[StampedEvent]]:
        """Return the events that were written after a mark, and the next mark."""
        rows = self.events.rows
        new = [row for row in rows[after:] if after or row[1] >= millis(since)]
        return len(rows), [decode_event(*row) for row in new]

    def _by_call(self) -> dict[str, list[StampedEvent]]:
        calls: dict[str, list[StampedEvent]] = {}
        for row in self.events.rows:
            calls.setdefault(row[0], []).append(decode_event(*row))
        return calls

    async def messages(self) -> list[StampedEvent]:
        """Return the MessageRecorded events of all calls, oldest first."""
        events = [decode_event(*row) for row in self.events.rows]
        return [one for one in events if isinstance(one.event, MessageRecorded)]

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


def _chosen(wanted: CallFilter, events: list[StampedEvent]) -> CallRecord | None:
    """Return how a call went, if it is wanted."""
    call = record(events)
    steps = {
        f"{one.event.flow}.{one.event.step}" for one in events if isinstance(one.event, StepEntered)
    }
    if (
        call is None
        or not any(wanted_start(wanted, one.event) for one in events)
        or not wanted_record(wanted, call)
        or (wanted.step and wanted.step not in steps)
        or (wanted.since is not None and call.started < wanted.since)
        or (wanted.until is not None and call.started >= wanted.until)
    ):
        return None
    return call
