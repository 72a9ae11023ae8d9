"""Reading months of calls for a report: a few kinds of events, once through, in the order written.

A million calls are some ten million rows, of which a third is wanted. They are read along the table, not
by an index, and most bodies are like others: each is decoded once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from itertools import islice

import msgspec

from ivr.adapters.store.codec import decode_body, encode, millis
from ivr.adapters.store.kind import KIND
from ivr.database import Connection, Place, reading, there
from ivr.model.errors import PortError
from ivr.model.events import (
    CallEnded,
    CallQueued,
    CallStarted,
    Event,
    SurveyAnswered,
)
from ivr.ports.voc import Proof, Told

PAGE = 2_000
MOST_AT_ONCE = 500
MOST_ALIKE = 10_000
"""Bodies that are remembered with what they say."""

_KINDS = ", ".join(
    f"'{kind.__name__}'" for kind in (CallStarted, CallQueued, CallEnded, SurveyAnswered)
)
_FIRST = "SELECT seq FROM events WHERE kind = 'CallStarted' AND at >= ? ORDER BY at LIMIT 1"
"""The first row of a time, by the first call that began after it."""
LATE_MS = 48 * 3_600_000
"""What was written later than so long after it happened is not looked for."""
_BETWEEN = f"""
SELECT seq, call_id, at, body FROM events
WHERE seq BETWEEN ? AND ? AND at >= ? AND at < ?
AND (kind IN ({_KINDS}) OR (kind = 'StepEntered' AND ({{steps}})))
ORDER BY seq
"""  # noqa: S608 - names of our own classes
_OF_CALLS = f"""
SELECT call_id, at, body FROM events
WHERE call_id IN ({{calls}}) AND seq <= ?
AND (kind IN ({_KINDS}) OR (kind = 'StepEntered' AND instr(body, ?) > 0))
ORDER BY seq
"""  # noqa: S608 - as above
_MENU = b'"verb":"menu"'
_NEWEST = 1 << 62


class StoredCalls:
    """The CallEvents port on the store's database; also while engines write it."""

    def __init__(self, place: Place) -> None:
        self._place = place

    def between(
        self,
        since: datetime,
        until: datetime,
        steps: Collection[str],
        mark: int | None = None,
        menus: bool = True,
    ) -> StoredReading:
        """Read what tells of all calls in a span of time."""
        wanted = [_MENU] if menus else []
        wanted += [_written(step) for step in sorted(steps)]
        return StoredReading(self._place, millis(since), millis(until), wanted, mark)

    def of_calls(self, calls: Sequence[str], mark: int) -> Iterator[Told]:
        """Yield what tells of these calls."""
        if not there(self._place, KIND):
            return
        with reading(self._place, KIND) as database:
            for first in range(0, len(calls), MOST_AT_ONCE):
                some = calls[first : first + MOST_AT_ONCE]
                sql = _OF_CALLS.format(calls=", ".join("?" * len(some)))
                for call_id, at, body in database.execute(sql, (*some, mark, _MENU)):
                    yield call_id, at, decode_body(call_id, body)


class StoredReading:
    """One time through; the database is as it was at the beginning."""

    def __init__(
        self, place: Place, begin: int, end: int, steps: Sequence[bytes], mark: int | None
    ) -> None:
        self.proof = Proof()
        self._place = place
        self._span = (begin, end)
        self._steps = steps
        self._mark = _NEWEST if mark is None else mark

    def __iter__(self) -> Iterator[Told]:
        """Yield what happened. Raises PortError."""
        if not there(self._place, KIND):
            return
        sql = _BETWEEN.format(
            steps=" OR ".join(["false", *["instr(body, ?) > 0"] * len(self._steps)])
        )
        count, last, digest = 0, 0, hashlib.sha256()
        known: dict[bytes, Event] = {}
        with reading(self._place, KIND) as database:
            values = (*self._bounds(database), *self._span, *self._steps)
            rows = database.stream(sql, values)
            while page := list(islice(rows, PAGE)):
                count, last = count + len(page), page[-1][0]
                digest.update(msgspec.msgpack.encode(page))
                for _, call_id, at, body in page:
                    event = known.get(body)
                    if event is None:
                        event = decode_body(call_id, body)
                        if len(known) < MOST_ALIKE:
                            known[body] = event
                    yield call_id, at, event
        self.proof = Proof(count, digest.hexdigest(), last)

    def _bounds(self, database: Connection) -> tuple[int, int]:
        """Return the numbers between which the rows of the span are: an index over all their times would
        be as long to read as they are."""
        begin, end = self._span
        first = database.execute(_FIRST, (begin - LATE_MS,)).fetchone()
        after = database.execute(_FIRST, (end + LATE_MS,)).fetchone()
        return (first or (_NEWEST,))[0], min((after or (_NEWEST,))[0], self._mark)


def _written(step: str) -> bytes:
    """Return what stands in the body of an event that enters a step. Raises PortError."""
    flow, _, name = step.partition(".")
    if not name:
        raise PortError("store", f"`{step}` is no step; write FLOW.STEP")
    return encode({"flow": flow, "step": name})[1:-1]
