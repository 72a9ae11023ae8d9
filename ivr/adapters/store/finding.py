"""Finding calls and events in the store's database, page by page: no list of a year's calls in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, Protocol

from ivr.adapters.store.codec import decode_event, encode, millis
from ivr.centre.outcomes import TELLING, record, wanted_record, wanted_start
from ivr.ports.store import CallFilter, CallRecord, StampedEvent

PAGE = 500
MOST = 5_000
"""Events that are given at a time to who follows them."""
FOREVER_MS = 1 << 62

_BETWEEN = """
SELECT seq, call_id, at, body FROM events
WHERE at >= ? AND at < ? AND (at, seq) > (?, ?) ORDER BY at, seq LIMIT ?
"""
_STARTED = """
SELECT seq, call_id, at, body FROM events
WHERE kind = 'CallStarted' AND at >= ? AND at < ? AND (at, seq) < (?, ?) AND instr(body, ?) > 0
ORDER BY at DESC, seq DESC LIMIT ?
"""
_KINDS = ", ".join(f"'{kind.__name__}'" for kind in TELLING)
_TELLING = """
SELECT call_id, at, body FROM events WHERE call_id IN ({calls}) AND kind IN ({kinds}) ORDER BY seq
"""
_ENTERED = """
SELECT DISTINCT call_id FROM events
WHERE call_id IN ({calls}) AND kind = 'StepEntered' AND instr(body, ?) > 0
"""
_NEWEST = "SELECT coalesce(max(seq), 0) FROM events"
# `+ 0`: found among what is that new, by the index of times, and not along all numbers.
BEFORE = "SELECT coalesce(min(seq + 0) - 1, ?) FROM events WHERE at >= ?"
_WRITTEN = "SELECT seq, call_id, at, body FROM events WHERE seq > ? ORDER BY seq LIMIT ?"
_ENDED = "SELECT call_id FROM events WHERE seq > ? AND seq <= ? AND kind = 'CallEnded' ORDER BY seq"


class Rows(Protocol):
    """Asks the database. Raises PortError."""

    async def rows(self, sql: str, *values: object) -> Iterable[Any]: ...


class Finder:
    """Finds what was written."""

    def __init__(self, database: Rows) -> None:
        self._database = database

    async def events(self, since: datetime, until: datetime | None) -> AsyncIterator[StampedEvent]:
        """Yield the events of all calls in the order of time. Raises PortError."""
        begin, end = millis(since), _end(until)
        last = (begin, -1)
        while True:
            page = list(await self._database.rows(_BETWEEN, begin, end, *last, PAGE))
            for seq, call_id, at, body in page:
                last = (at, seq)
                yield decode_event(call_id, at, body)
            if len(page) < PAGE:
                return

    async def calls(self, wanted: CallFilter) -> AsyncIterator[CallRecord]:
        """Yield the calls that are wanted, the newest first. Raises PortError."""
        found = 0
        async for page in self._starts(wanted):
            calls = await self._with_step(wanted.step, page)
            for call in await self._records(calls):
                if wanted_record(wanted, call):
                    yield call
                    found += 1
                    if found == wanted.last:
                        return

    async def ended(self, since: datetime, after: int) -> tuple[int, list[CallRecord]]:
        """Return the calls whose end was written after a mark, and the next mark. Raises PortError.

        Only what is new is read. Numbers are given in the order of writing, so unlike a time they
        miss no call whose node wrote it late.
        """
        (newest,) = await self._row(_NEWEST)
        if not after:
            (after,) = await self._row(BEFORE, newest, millis(since))
        ended = [call for (call,) in await self._database.rows(_ENDED, after, newest)]
        found: list[CallRecord] = []
        for first in range(0, len(ended), PAGE):
            found += await self._records(ended[first : first + PAGE])
        return newest, found

    async def happened(self, since: datetime, after: int) -> tuple[int, list[StampedEvent]]:
        """Return the events that were written after a mark, and the next mark. Raises PortError."""
        if not after:
            (newest,) = await self._row(_NEWEST)
            (after,) = await self._row(BEFORE, newest, millis(since))
        rows = list(await self._database.rows(_WRITTEN, after, MOST))
        mark = rows[-1][0] if rows else after
        return mark, [decode_event(*row) for _, *row in rows]

    async def _row(self, sql: str, *values: object) -> Any:
        return next(iter(await self._database.rows(sql, *values)))

    async def _starts(self, wanted: CallFilter) -> AsyncIterator[list[str]]:
        """Yield pages of the calls whose start is wanted."""
        begin = millis(wanted.since) if wanted.since is not None else 0
        end = _end(wanted.until)
        last = (end, 0)
        # Most starts that are not wanted need not leave the database; the rest is judged below.
        hint = (wanted.number or wanted.version).encode()
        while True:
            page = list(await self._database.rows(_STARTED, begin, end, *last, hint, PAGE))
            events = [decode_event(call_id, at, body) for _, call_id, at, body in page]
            yield [one.call_id for one in events if wanted_start(wanted, one.event)]
            if len(page) < PAGE:
                return
            last = (page[-1][2], page[-1][0])

    async def _with_step(self, step: str, calls: Sequence[str]) -> Sequence[str]:
        if not step or not calls:
            return calls
        flow, _, name = step.partition(".")
        written = encode({"flow": flow, "step": name})[1:-1]
        sql = _ENTERED.format(calls=_marks(calls))
        passed = {row[0] for row in await self._database.rows(sql, *calls, written)}
        return [call_id for call_id in calls if call_id in passed]

    async def _records(self, calls: Sequence[str]) -> Iterator[CallRecord]:
        events: dict[str, list[StampedEvent]] = {call_id: [] for call_id in calls}
        if calls:
            sql = _TELLING.format(calls=_marks(calls), kinds=_KINDS)
            for row in await self._database.rows(sql, *calls):
                events[row[0]].append(decode_event(*row))
        records = (record(happened) for happened in events.values())
        return (one for one in records if one is not None)


def _end(until: datetime | None) -> int:
    return millis(until) if until is not None else FOREVER_MS


def _marks(values: Sequence[object]) -> str:
    return ", ".join("?" * len(values))
