"""The coverage ledger as it is read: page by page, so that a year of calls fits in any memory."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, TypeVar

import msgspec

from ivr.adapters.store.codec import millis, read
from ivr.adapters.store.coverage import EVENTS, happened
from ivr.adapters.store.finding import FOREVER_MS, Rows
from ivr.centre.surveys.answers import asked
from ivr.centre.surveys.story import Story, story
from ivr.centre.surveys.verifying import Wish
from ivr.model.errors import PortError
from ivr.model.events import SurveyAnswered
from ivr.ports.coverage import Asked, Begun, CoverageRow, Progress, Tally
from ivr.ports.offers import CASE
from ivr.ports.store import StampedEvent

PAGE = 1_000
BEGINNING = datetime.fromtimestamp(0, UTC)

_BOUNDS = "SELECT min(number), max(number) FROM coverage WHERE ended_at >= ? AND ended_at < ?"
_ROWS = """SELECT number, hash, body FROM coverage
WHERE number > ? AND number <= ? AND ended_at >= ? AND ended_at < ? ORDER BY number LIMIT ?"""
_ONE = "SELECT number, hash, body FROM coverage WHERE call_id = ?"
_SAID = """SELECT about, at, body FROM survey_events JOIN events USING (seq)
WHERE about IN (SELECT value FROM json_each(?)) ORDER BY about, seq"""
_PROGRESS = "SELECT about, progress FROM offers WHERE about IN (SELECT value FROM json_each(?))"
_CASES = f"""SELECT about, survey, made_at FROM offers
WHERE about >= '{CASE}' AND about < '{CASE[:-1]};' AND made_at >= ? AND made_at < ?
ORDER BY made_at, about"""  # noqa: S608
_TALLY = """SELECT count(*), count(*) FILTER (WHERE progress IS NULL OR progress IN ('sent', 'answered')),
  count(*) FILTER (WHERE progress = 'due')
FROM coverage LEFT JOIN offers ON about = call_id
WHERE asked AND progress IS DISTINCT FROM 'cancelled' AND ended_at >= ? AND ended_at < ?"""
_ENDED = """SELECT call_id FROM events WHERE kind = 'CallEnded' AND at >= ? AND at < ?
AND seq > (SELECT seq FROM coverage_begins)
AND NOT EXISTS (SELECT 1 FROM coverage WHERE coverage.call_id = events.call_id) GROUP BY call_id ORDER BY min(seq)"""
_WISHES = "SELECT caller, wish, after FROM opt_outs ORDER BY seq"
_COUNT = "SELECT count(*) FROM coverage"
_DECODER = msgspec.json.Decoder(CoverageRow)
_BEGUN = msgspec.json.Decoder(Begun)
T = TypeVar("T")


class UnreadableRow(PortError):
    """A row is no row any more."""

    def __init__(self, number: int, why: str) -> None:
        super().__init__("store", f"row {number} of the coverage ledger cannot be read: {why}")
        self.number = number


class DatabaseCoverage:
    """The CoverageBook on the store's database. What was written by an engine is read at once."""

    def __init__(self, database: Rows) -> None:
        self._database = database

    async def rows(
        self, since: datetime, until: datetime | None = None
    ) -> AsyncIterator[CoverageRow]:
        """Yield the rows of calls that ended in a time, in the order written. Raises PortError."""
        async for page in self._pages(since, until):
            for row in page:
                yield row

    async def asked(self, since: datetime, until: datetime | None = None) -> AsyncIterator[Asked]:
        """Yield what came of asking about the same calls, in the same order. Raises PortError."""
        async for _, one in self.told(since, until):
            yield one

    async def told(
        self, since: datetime, until: datetime | None = None
    ) -> AsyncIterator[tuple[CoverageRow, Asked]]:
        """Yield the same rows, each with what came of asking. Raises PortError."""
        async for page in self._pages(since, until):
            came = self._asked([(row.call_id, row.survey) for row in page])
            for row, one in zip(page, await came, strict=True):
                yield row, one

    async def begun(self, since: datetime, until: datetime | None = None) -> AsyncIterator[Begun]:
        """Yield who called when, of the same rows. Raises PortError."""
        async for page in self._read(since, until):
            for number, _, body in page:
                yield _decoded(_BEGUN, number, body)

    async def asked_of_cases(
        self, since: datetime, until: datetime | None = None
    ) -> AsyncIterator[Asked]:
        """Yield what came of asking about cases closed in a time. Raises PortError."""
        cases = list(await self._database.rows(_CASES, millis(since), _end(until)))
        for first in range(0, len(cases), PAGE):
            page = cases[first : first + PAGE]
            for one in await self._asked([(about, survey) for about, survey, _ in page]):
                yield one

    async def tally(self, since: datetime, until: datetime | None = None) -> Tally:
        """Return how many of the calls that ended in a time were asked about. Raises PortError."""
        (counts,) = await self._database.rows(_TALLY, millis(since), _end(until))
        return Tally(*counts)

    async def row(self, call_id: str) -> CoverageRow | None:
        """Return the row of a call; None: it has none. Raises PortError."""
        return next((_row(*found) for found in await self._database.rows(_ONE, call_id)), None)

    async def asked_about(self, about: str, survey: str) -> Asked:
        """Return what came of asking about a call, or a case. Raises PortError."""
        (one,) = await self._asked([(about, survey)])
        return one

    async def count(self) -> int:
        """Return how many rows there are. Raises PortError."""
        ((count,),) = await self._database.rows(_COUNT)
        return int(count)

    async def pages(self) -> AsyncIterator[tuple[list[CoverageRow], dict[str, Story]]]:
        """Yield all rows, from the first, and the stories of their calls as the events tell them: a page
        at a time. Raises UnreadableRow, PortError."""
        async for page in self._pages(BEGINNING, None):
            found: dict[str, list[StampedEvent]] = {row.call_id: [] for row in page}
            for event in await self._database.rows(EVENTS, json.dumps(list(found))):
                happened(found, event)
            told = {call: one for call, events in found.items() if (one := story(events))}
            yield page, told

    async def uncovered(self, since: datetime, until: datetime | None) -> tuple[str, ...]:
        """Return the calls that ended in a time and have no row. Raises PortError."""
        rows = await self._database.rows(_ENDED, millis(since), _end(until))
        return tuple(call for (call,) in rows)

    async def wishes(self) -> list[Wish]:
        """Return who opted out, and came back, in the order written. Raises PortError."""
        return [
            Wish(one, bool(out), after) for one, out, after in await self._database.rows(_WISHES)
        ]

    async def _pages(
        self, since: datetime, until: datetime | None
    ) -> AsyncIterator[list[CoverageRow]]:
        async for page in self._read(since, until):
            yield [_row(*found) for found in page]

    async def _read(
        self, since: datetime, until: datetime | None
    ) -> AsyncIterator[list[tuple[int, str, bytes]]]:
        begin, end = millis(since), _end(until)
        ((first, last),) = await self._database.rows(_BOUNDS, begin, end)
        after = first - 1 if first is not None else 0
        while first is not None:
            values = (after, last, begin, end, PAGE)
            page = list(await self._database.rows(_ROWS, *values))
            if page:
                yield page
                after = page[-1][0]
            if len(page) < PAGE:
                return

    async def _asked(self, surveys: Sequence[tuple[str, str]]) -> list[Asked]:
        names = json.dumps([name for name, _ in surveys])
        times: dict[str, list[int]] = {name: [] for name, _ in surveys}
        said: dict[str, list[bytes]] = {name: [] for name, _ in surveys}
        for name, at, body in await self._database.rows(_SAID, names):
            times[name].append(at)
            said[name].append(body)
        progress: dict[str, Any] = dict(await self._database.rows(_PROGRESS, names))
        come = {name: Progress(one) for name, one in progress.items()}
        return [
            _came(name, survey, tuple(said[name]), times[name], come.get(name))
            for name, survey in surveys
        ]


def _came(
    about: str, survey: str, said: tuple[bytes, ...], times: Sequence[int], come: Progress | None
) -> Asked:
    try:
        found, last = _alike(survey, said)
    except msgspec.DecodeError as error:
        problem = f"what was said about {about} cannot be read: {error}"
        raise PortError("events", problem) from error
    at = None if last is None else datetime.fromtimestamp(times[last] / 1000, UTC)
    return Asked(about, found.survey, found.answers, found.recordings, found.how, come, at)


@lru_cache(4_096)
def _alike(survey: str, said: tuple[bytes, ...]) -> tuple[Asked, int | None]:
    """Return what came of asking, and which was the last answer: most calls are alike in it, and each is read
    once. Raises msgspec.DecodeError."""
    events = [read(body) for body in said]
    answers = [place for place, one in enumerate(events) if isinstance(one, SurveyAnswered)]
    found = asked("", (StampedEvent(BEGINNING, "", one) for one in events), survey)
    return found, answers[-1] if answers else None


def _row(number: int, hash_: str, body: bytes) -> CoverageRow:
    """Read a row. Whatever it says of itself, it is the `number`th, and has this hash."""
    row = _decoded(_DECODER, number, body)
    return msgspec.structs.replace(row, number=number, hash=hash_)


def _decoded(decoder: msgspec.json.Decoder[T], number: int, body: bytes) -> T:
    try:
        return decoder.decode(body)
    except msgspec.DecodeError as error:
        raise UnreadableRow(number, str(error)) from error


def _end(until: datetime | None) -> int:
    return millis(until) if until is not None else FOREVER_MS
