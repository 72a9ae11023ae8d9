"""What waits to be written: bounded, so that a full disk never fills the memory as well."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import chain, islice
from typing import Any

import msgspec

from ivr.adapters.store.codec import UNFIT, encode, millis
from ivr.model.events import Event
from ivr.model.session import Session

EventRow = tuple[str, datetime, Event]
JournalRow = tuple[str, bytes]
Row = tuple[Any, ...]
Statement = tuple[str, Row]

ROWS = 500
"""In one statement; SQLite takes 32,766 values."""

_FORGET = "DELETE FROM sessions WHERE resumed <= {} AND call_id IN ({{}})"
_SAVE = """INSERT INTO sessions (call_id, saved_at, resumed, body) VALUES {}
ON CONFLICT (call_id) DO UPDATE SET saved_at = excluded.saved_at, resumed = excluded.resumed,
  body = excluded.body WHERE excluded.resumed >= sessions.resumed"""
_EVENT = "INSERT INTO events (call_id, at, kind, body) VALUES {}"
_JOURNAL = "INSERT INTO journal (call_id, entries) VALUES {}"


class Left(msgspec.Struct, frozen=True):
    """How a call was left: its session, or None to forget it. `resumed` is how often it had been resumed:
    another node that has resumed it since is not written over."""

    resumed: int
    session: Session | None = None


class Batch(msgspec.Struct):
    """What is written together."""

    sessions: dict[str, Left]
    events: list[EventRow]
    journal: list[JournalRow]
    unfit: int = 0

    def __len__(self) -> int:
        return len(self.sessions) + len(self.events) + len(self.journal)

    def calls_with(self, *kinds: type[Event]) -> tuple[str, ...]:
        """Return the calls of which an event of these kinds is in it, each once, in order."""
        found = (_sql(call_id) for call_id, _, event in self.events if isinstance(event, kinds))
        return tuple(dict.fromkeys(found))

    def statements(self, now_ms: int) -> Iterator[Statement]:
        """Yield what writes this batch. What cannot be encoded is left out and counted."""
        self.unfit = 0
        forgotten: dict[int, list[Row]] = {}
        for call_id, left in self.sessions.items():
            if left.session is None:
                forgotten.setdefault(left.resumed, []).append((_sql(call_id),))
        for resumed, calls in forgotten.items():
            yield from many(_FORGET.format(resumed), "?", calls)
        yield from many(_SAVE, "(?, ?, ?, ?)", self._saved(now_ms))
        yield from many(_EVENT, "(?, ?, ?, ?)", self._event_rows())
        yield from many(_JOURNAL, "(?, ?)", self._journal_rows())

    def _saved(self, now_ms: int) -> Iterator[tuple[str, int, int, bytes]]:
        for call_id, left in self.sessions.items():
            if left.session is None:
                continue
            try:
                yield _sql(call_id), now_ms, left.resumed, left.session.to_json()
            except UNFIT:
                self.unfit += 1

    def _event_rows(self) -> Iterator[tuple[str, int, str, bytes]]:
        for call_id, at, event in self.events:
            try:
                yield _sql(call_id), millis(at), type(event).__name__, encode(event)
            except UNFIT:
                self.unfit += 1

    def _journal_rows(self) -> Iterator[tuple[str, bytes]]:
        """Yield one row a call: what it added since the last write."""
        calls: dict[str, list[bytes]] = {}
        for call_id, entry in self.journal:
            calls.setdefault(call_id, []).append(entry)
        return ((_sql(call_id), b"\n".join(entries)) for call_id, entries in calls.items())


class Pending:
    """Sessions (the latest of each call), events and journal entries, in order.

    Beyond `most` of a sort the oldest are dropped and counted in `lost`.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self.sessions: dict[str, Left] = {}
        self.events: deque[EventRow] = deque()
        self.journal: deque[JournalRow] = deque()
        self.lost = 0

    def __len__(self) -> int:
        return len(self.sessions) + len(self.events) + len(self.journal)

    def trim(self) -> None:
        """Drop what is too much."""
        while len(self.sessions) > self._most:
            del self.sessions[next(iter(self.sessions))]
            self.lost += 1
        for queue in (self.events, self.journal):
            while len(queue) > self._most:
                queue.popleft()
                self.lost += 1

    @property
    def full(self) -> bool:
        """Whether something must be dropped."""
        most = self._most
        return len(self.events) > most or len(self.journal) > most or len(self.sessions) > most

    def take(self, most: int) -> Batch:
        """Remove and return the oldest, at most `most` of each sort."""
        chosen = list(islice(self.sessions, most))
        return Batch(
            {call_id: self.sessions.pop(call_id) for call_id in chosen},
            _take(self.events, most),
            _take(self.journal, most),
        )

    def put_back(self, batch: Batch) -> None:
        """Return a batch that could not be written; what came meanwhile is newer."""
        self.sessions = batch.sessions | self.sessions
        self.events.extendleft(reversed(batch.events))
        self.journal.extendleft(reversed(batch.journal))


def _take(queue: deque[EventRow] | deque[JournalRow], most: int) -> list[Any]:
    return [queue.popleft() for _ in range(min(most, len(queue)))]


def many(sql: str, row: str, rows: Iterable[Row]) -> Iterator[Statement]:
    """Yield statements of many rows each, `row` being the marks of one.

    The database's thread gives way to calls at each statement and must wait for its turn again:
    with a row a statement that would cost more than all the rest of writing.
    """
    waiting = iter(rows)
    while chunk := list(islice(waiting, ROWS)):
        yield sql.format(", ".join([row] * len(chunk))), tuple(chain.from_iterable(chunk))


def _sql(text: str) -> str:
    """Return a text that a database can hold: neither a lone surrogate nor a NUL."""
    if text.isascii() and text.isprintable():
        return text  # as nearly all are
    return text.encode("utf-8", "replace").decode("utf-8").replace("\0", "\ufffd")
