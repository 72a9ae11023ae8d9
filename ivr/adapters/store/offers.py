"""Offers, opt-outs and calls without an end, on the store's database."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from ivr.adapters.store.codec import decode_event, decode_session, encode, millis
from ivr.adapters.store.coverage import Keeper, Knowing
from ivr.adapters.store.finding import BEFORE
from ivr.centre.dialling import telephone
from ivr.centre.surveys.story import LOST, NOT_SERVED, known_by
from ivr.database import Connection
from ivr.database.beside import Database
from ivr.model.events import CallEnded, CallUnserved, Event
from ivr.model.session import Session
from ivr.ports.clock import Clock
from ivr.ports.coverage import How, Progress
from ivr.ports.offers import Known, Offer, Unserved
from ivr.ports.store import StampedEvent

_FIELDS = Offer.__struct_fields__
_TIMES = ("made_at", "not_before", "not_after")
_COLUMNS = ", ".join(_FIELDS)
_MAKE = f"""INSERT INTO offers ({_COLUMNS}, telephone)
VALUES ({", ".join("?" * len(_FIELDS))}, ?) ON CONFLICT DO NOTHING"""  # noqa: S608
_SET = ", ".join(f"{name} = ?" for name in _FIELDS)
_CHANGE = f"UPDATE offers SET {_SET} WHERE about = ? AND progress = ? AND tries = ? AND how = ?"  # noqa: S608
_OF_CALLER = """(telephone <> '' AND telephone = ? OR customer <> '' AND customer = ?) AND made_at >= ?
AND progress IN ('due', 'sent', 'answered') ORDER BY made_at DESC LIMIT 10"""
_CALL_OFF = """UPDATE offers SET progress = 'cancelled' WHERE progress = 'due'
AND (telephone <> '' AND 'ani:' || telephone = :caller OR customer <> '' AND 'customer:' || customer = :caller)"""
_WISH = """INSERT INTO opt_outs (caller, wish, at, who, after)
VALUES (?, ?, ?, ?, (SELECT coalesce(max(number), 0) FROM coverage))"""
_SAID = """SELECT call_id, at, body FROM survey_events JOIN events USING (seq)
WHERE about = ? ORDER BY seq"""
_SPOKEN_OF = "SELECT DISTINCT about FROM survey_events WHERE seq > ? AND seq <= ?"
_NEWEST = "SELECT coalesce(max(seq), 0) FROM survey_events"
_BEGUN = """SELECT call_id FROM events AS begun WHERE kind = 'CallStarted' AND at >= ? AND at < ?
AND NOT EXISTS (SELECT 1 FROM events WHERE call_id = begun.call_id AND kind = 'CallEnded')
AND NOT EXISTS (SELECT 1 FROM sessions WHERE call_id = begun.call_id)"""
_UNENDED = """SELECT value FROM json_each(?) WHERE NOT EXISTS
  (SELECT 1 FROM events WHERE call_id = value AND kind = 'CallEnded')"""
_ENDED = "SELECT 1 FROM events WHERE call_id = ? AND kind = 'CallEnded'"
_ANY = "SELECT 1 FROM events WHERE call_id = ? LIMIT 1"
_SAVED = "SELECT 1 FROM sessions WHERE call_id = ? AND saved_at >= ?"
_FORGET = "DELETE FROM sessions WHERE call_id = ?"
_EVENT = "INSERT INTO events (call_id, at, kind, body) VALUES (?, ?, ?, ?)"


class DatabaseOffers:
    """The Offers port. `rows` is the store's way to read, `keeper` writes the rows of calls."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        keeper: Keeper,
        rows: Callable[..., Awaitable[Iterable[Any]]],
    ) -> None:
        self._database = database
        self._clock = clock
        self._keeper = keeper
        self._rows = rows

    async def make(self, offer: Offer) -> bool:
        """Write an offer down; False: there is one about this already."""
        return await self._write(_MAKE, *_values(offer), self._telephone(offer.ani))

    async def due(self, now: datetime) -> tuple[Offer, ...]:
        """Return the offers that are due now, or have been for too long, the oldest first."""
        return await self._found(
            "progress = 'due' AND not_before <= ? ORDER BY made_at, about", millis(now)
        )

    async def pending(self, since: datetime) -> tuple[Offer, ...]:
        """Return the offers made since then that nobody has answered, the oldest first."""
        return await self._found(
            "progress IN ('due', 'sent') AND made_at >= ? ORDER BY made_at, about", millis(since)
        )

    async def find(self, about: str) -> Offer | None:
        """Return the offer about a call or a case."""
        return next(iter(await self._found("about = ?", about)), None)

    async def of_attempt(self, attempt: str) -> Offer | None:
        """Return the offer for which the bank has made this call."""
        return next(iter(await self._found("attempt <> '' AND attempt = ?", attempt)), None)

    async def of_caller(self, ani: str, customer: str, since: datetime) -> tuple[Offer, ...]:
        """Return the latest offers made to a caller that may still be answered, the newest first."""
        return await self._found(_OF_CALLER, self._telephone(ani), customer, millis(since))

    async def change(self, was: Offer, now: Offer) -> bool:
        """Have an offer be so; False: somebody else has changed it meanwhile."""
        before = (was.about, was.progress.value, was.tries, was.how.value)
        return await self._write(_CHANGE, *_values(now), *before)

    async def wish(self, ani: str, customer: str, out: bool, who: str) -> None:
        """Note that a caller wants not to be asked, or takes that back."""
        at = millis(self._clock.now())
        callers = known_by(ani, customer, self._keeper.country)
        await self._database.run(lambda one: _wish(one, callers, out, who, at))

    async def known(self, ani: str, customer: str) -> Known:
        """Return what is known of a caller."""
        callers = known_by(ani, customer, self._keeper.country)
        return await self._database.run(lambda one: Knowing(one, callers).of(callers), write=False)

    async def said(self, about: str) -> list[StampedEvent]:
        """Return what was said in surveys about a call or a case, in order."""
        return [decode_event(*found) for found in await self._rows(_SAID, about)]

    async def spoken_of(self, since: datetime, after: int) -> tuple[int, tuple[str, ...]]:
        """Return about what something was said in surveys after a mark, and the next mark."""
        ((newest,),) = await self._rows(_NEWEST)
        if not after:
            ((after,),) = await self._rows(BEFORE, newest, millis(since))
        found = await self._rows(_SPOKEN_OF, after, newest)
        return newest, tuple(about for (about,) in found)

    async def open_calls(self, before: datetime) -> tuple[Session, ...]:
        """Return the calls in progress that were saved last before then."""
        sql = "SELECT call_id, body FROM sessions WHERE saved_at < ?"
        return tuple(decode_session(*found) for found in await self._rows(sql, millis(before)))

    async def begun(self, since: datetime, before: datetime) -> tuple[str, ...]:
        """Return the calls that began in this time, have not ended, and are in no session."""
        found = await self._rows(_BEGUN, millis(since), millis(before))
        return tuple(call for (call,) in found)

    async def lose(self, call_id: str, customer: str, before: datetime) -> bool:
        """Have a call be over whose end no engine wrote."""
        end = CallEnded(LOST, customer)
        at = self._clock.now()
        return await self._database.run(lambda one: self._lose(one, call_id, end, at, before))

    async def unended(self, calls: Sequence[str]) -> tuple[str, ...]:
        """Return those of some calls that have not ended."""
        found = await self._rows(_UNENDED, json.dumps(calls))
        return tuple(call for (call,) in found)

    async def unserved(self, call: Unserved) -> bool:
        """Have a call be over that no engine had."""
        return await self._database.run(lambda one: self._unserved(one, call))

    def _telephone(self, ani: str) -> str:
        return telephone(ani, self._keeper.country)

    def _lose(
        self, database: Connection, call_id: str, end: CallEnded, at: datetime, before: datetime
    ) -> bool:
        if database.execute(_SAVED, (call_id, millis(before))).fetchone():
            return False
        database.execute(_FORGET, (call_id,))
        if database.execute(_ENDED, (call_id,)).fetchone():
            return False
        _happened(database, call_id, at, end)
        self._keeper.take(database, [call_id], ())
        return True

    def _unserved(self, database: Connection, call: Unserved) -> bool:
        if database.execute(_ENDED, (call.call_id,)).fetchone():
            return False
        had = database.execute(_ANY, (call.call_id,)).fetchone()
        if not had:
            started = call.started_at.astimezone(UTC)
            told = CallUnserved(call.dnis, call.ani, started)
            _happened(database, call.call_id, call.ended_at, told)
        end = CallEnded(LOST if had else NOT_SERVED)
        _happened(database, call.call_id, call.ended_at, end)
        self._keeper.take(database, [call.call_id], ())
        return True

    async def _write(self, sql: str, *values: object) -> bool:
        return await self._database.do(sql, *values) > 0

    async def _found(self, where: str, *values: object) -> tuple[Offer, ...]:
        rows = await self._rows(f"SELECT {_COLUMNS} FROM offers WHERE {where}", *values)  # noqa: S608
        return tuple(_offer(*row) for row in rows)


def _wish(database: Connection, callers: Sequence[str], out: bool, who: str, at: int) -> None:
    for caller in callers:
        database.execute(_WISH, (caller, out, at, who))
        if out:
            database.execute(_CALL_OFF, {"caller": caller})


def _happened(database: Connection, call_id: str, at: datetime, event: Event) -> None:
    row = (call_id, millis(at), type(event).__name__, encode(event))
    database.execute(_EVENT, row)


def _values(offer: Offer) -> list[object]:
    fields = msgspec.structs.asdict(offer)
    return [millis(value) if name in _TIMES else value for name, value in fields.items()]


def _offer(*row: Any) -> Offer:
    fields = dict(zip(_FIELDS, row, strict=True))
    times = {name: datetime.fromtimestamp(fields[name] / 1000, UTC) for name in _TIMES}
    kinds = {"how": How(fields["how"]), "progress": Progress(fields["progress"])}
    return Offer(**{**fields, **times, **kinds})
