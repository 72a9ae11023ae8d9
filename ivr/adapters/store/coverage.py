"""The coverage ledger's half of a write: in the transaction that writes the ends of calls, their rows.

No engine, agent or crash comes between the two: who has the one has the other.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import chain

import msgspec

from ivr.adapters.store.codec import decode_event, decode_files, millis
from ivr.adapters.store.pending import many
from ivr.centre.chain import canonical
from ivr.centre.dialling import telephone
from ivr.centre.surveys.chain import FIRST, row
from ivr.centre.surveys.deciding import Asking, decide
from ivr.centre.surveys.story import TELLING, Story, known_by, story
from ivr.database import Connection
from ivr.model.errors import PortError
from ivr.model.events import SurveyAnswered, SurveyEnded, SurveyOffered
from ivr.ports.coverage import CoverageRow, How, Progress
from ivr.ports.offers import Known
from ivr.ports.store import StampedEvent

AskingOf = Callable[[Mapping[str, str]], Asking]
"""Reads whom flows ask from their files, by path."""

SAID = (SurveyOffered, SurveyAnswered, SurveyEnded)
"""What is said in surveys."""


def _names(kinds: Iterable[type]) -> str:
    return ", ".join(f"'{kind.__name__}'" for kind in kinds)


_HEAD = "SELECT number, hash FROM coverage ORDER BY number DESC LIMIT 1"
_THERE = "SELECT call_id FROM coverage WHERE call_id IN (SELECT value FROM json_each(?))"
EVENTS = f"""SELECT call_id, at, body FROM events
WHERE call_id IN (SELECT value FROM json_each(?)) AND kind IN ({_names(TELLING)}) ORDER BY seq"""  # noqa: S608
_ASKED_AT = """SELECT value, (SELECT ended_at FROM coverage
  WHERE asked AND {column} <> '' AND {column} = substr(value, {length})
  ORDER BY number DESC LIMIT 1) FROM json_each(?) WHERE value LIKE '{column}:%'"""
_OPTED_OUT = """SELECT value, (SELECT wish FROM opt_outs WHERE caller = value
  ORDER BY seq DESC LIMIT 1) FROM json_each(?)"""
_FILES = "SELECT files FROM flow_versions WHERE version = ?"
_ROW = """INSERT INTO coverage (number, call_id, ended_at, asked, ani, customer, hash, body) VALUES {}"""
_OFFER = """INSERT INTO offers (about, how, progress, survey, language, ani, telephone, customer, version,
  made_at, not_before, not_after) VALUES {}"""
_SAID = f"""SELECT seq, call_id, body FROM events
WHERE call_id IN (SELECT value FROM json_each(?)) AND kind IN ({_names(SAID)}) ORDER BY seq"""  # noqa: S608
_SAYING = msgspec.json.Decoder(SurveyOffered | SurveyAnswered | SurveyEnded)
_ABOUT = "INSERT INTO survey_events (about, seq) VALUES {} ON CONFLICT DO NOTHING"
_PROGRESS = """UPDATE offers SET progress = ?
WHERE about IN (SELECT value FROM json_each(?)) AND progress IN ({})"""


class Keeper:
    """Writes rows. `asking_of` reads the rules of a version's files; each version is read once. `country`
    is the calling code of the bank's country."""

    def __init__(self, asking_of: AskingOf, country: str) -> None:
        self.country = country
        self._asking_of = asking_of
        self._asking: dict[str, Asking] = {}

    def take(self, database: Connection, ended: Sequence[str], said: Sequence[str]) -> None:
        """Write the rows of calls that have `ended`, one a call whatever was written before, and note
        what was `said` in the surveys of calls. Within a transaction. Raises what the database raises."""
        if ended:
            self._rows(database, ended)
        if said:
            _note(database, said)

    def asking(self, database: Connection, version: str) -> Asking:
        """Return whom the flows of a version ask; nobody, where they are not kept."""
        asking = self._asking.get(version)
        if asking is None:
            kept = database.execute(_FILES, (version,)).fetchone()
            if kept is None:
                return Asking()
            asking = self._asking[version] = self._asking_of(decode_files(kept[0]))
        return asking

    def _rows(self, database: Connection, ended: Sequence[str]) -> None:
        there = {call for (call,) in database.execute(_THERE, (json.dumps(ended),))}
        stories = _stories(database, [call for call in ended if call not in there])
        callers = {told.call_id: self._callers(told) for told in stories}
        knowing = Knowing(database, chain.from_iterable(callers.values()))
        number, previous = database.execute(_HEAD).fetchone() or (0, FIRST)
        rows: list[CoverageRow] = []
        for told in stories:
            asking = self.asking(database, told.version)
            verdict = decide(told, knowing.of(callers[told.call_id]), asking)
            number += 1
            new = row(told, verdict, number, previous)
            previous = new.hash
            rows.append(new)
            if new.how is not How.INELIGIBLE:
                knowing.asked(callers[told.call_id], told.ended_at)
        for sql, values in many(_ROW, "(?, ?, ?, ?, ?, ?, ?, ?)", map(self._columns, rows)):
            database.execute(sql, values)
        offers = (
            self._offer(one, self.asking(database, one.version))
            for one in rows
            if one.how in (How.CALL, How.MESSAGE)
        )
        for sql, values in many(_OFFER, "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", offers):
            database.execute(sql, values)

    def _callers(self, told: Story) -> tuple[str, ...]:
        return known_by(told.ani, told.customer, self.country)

    def _columns(self, row: CoverageRow) -> tuple[object, ...]:
        return (
            row.number,
            row.call_id,
            millis(row.ended_at),
            row.how is not How.INELIGIBLE,
            telephone(row.ani, self.country),
            row.customer,
            row.hash,
            canonical(row),
        )

    def _offer(self, row: CoverageRow, asking: Asking) -> tuple[object, ...]:
        within = timedelta(milliseconds=asking.rules.later.within)
        return (
            *(row.call_id, row.how.value, Progress.DUE.value, row.survey, row.language),
            *(row.ani, telephone(row.ani, self.country), row.customer, row.version),
            *(millis(row.ended_at), millis(row.ended_at), millis(row.ended_at + within)),
        )


class Knowing:
    """What the store knows of some callers (`known_by`), and what the rows of one write add to it."""

    def __init__(self, database: Connection, callers: Iterable[str]) -> None:
        listed = json.dumps(sorted(set(callers)))
        self._out = dict(database.execute(_OPTED_OUT, (listed,)))
        self._at: dict[str, datetime] = {}
        for column in ("ani", "customer"):
            sql = _ASKED_AT.format(column=column, length=len(column) + 2)
            for caller, at in database.execute(sql, (listed,)):
                if at is not None:
                    self._at[caller] = datetime.fromtimestamp(at / 1000, UTC)

    def of(self, callers: Iterable[str]) -> Known:
        """Return what is known of who is known by these."""
        known = tuple(callers)
        times = [self._at[caller] for caller in known if caller in self._at]
        out = any(self._out.get(caller) for caller in known)
        return Known(out, max(times, default=None))

    def asked(self, callers: Iterable[str], at: datetime) -> None:
        """Who is known by these is asked about a call that ended then."""
        self._at.update(dict.fromkeys(callers, at))


def _stories(database: Connection, calls: Sequence[str]) -> list[Story]:
    """Return the stories of calls that have ended, in this order."""
    events: dict[str, list[StampedEvent]] = {call: [] for call in calls}
    for found in database.execute(EVENTS, (json.dumps(calls),)):
        happened(events, found)
    stories = map(story, events.values())
    return [one for one in stories if one is not None]


def happened(events: dict[str, list[StampedEvent]], found: tuple[str, int, bytes]) -> None:
    """Add an event to those of its call, if this version knows it: one of a newer OneCall, before a
    roll-back, is left out of the row, and out of its verification."""
    with suppress(PortError):
        events[found[0]].append(decode_event(*found))


def _note(database: Connection, calls: Sequence[str]) -> None:
    """Note what was said in surveys under what it is about, and how far the offers have come by it."""
    abouts: list[tuple[str, int]] = []
    offered, answered = set(), set()
    for seq, call_id, body in database.execute(_SAID, (json.dumps(calls),)).fetchall():
        event = _SAYING.decode(body)
        about = event.about or call_id
        abouts.append((about, seq))
        offered.add(about)
        if isinstance(event, SurveyAnswered) and event.answer:
            answered.add(about)
    for sql, values in many(_ABOUT, "(?, ?)", abouts):
        database.execute(sql, values)
    for progress, some, before in (
        (Progress.ANSWERED, answered, "'due', 'sent'"),
        (Progress.SENT, offered, "'due'"),
    ):
        database.execute(_PROGRESS.format(before), (progress.value, json.dumps(sorted(some))))
