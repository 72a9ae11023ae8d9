"""Cases in OneCall's own database, which several processes and nodes may share."""

from __future__ import annotations

from datetime import datetime
from importlib.resources import files
from typing import Self

import msgspec

from ivr.centre.chain import seal
from ivr.database import Connection, Kind, Place
from ivr.database.beside import Database
from ivr.ports.cases import CaseCounts, CaseFilter, CaseRecord, CaseState
from ivr.ports.casestore import SealedAct, Standing
from ivr.ports.ledger import Head

PORT = "cases"
KIND = Kind(
    PORT,
    0x4F434331,
    files(__package__) / "migrations",
    files(__package__) / "migrations_postgres",
)

_BEGIN = """
    INSERT INTO cases (number, key, state, kind, owner, customer, ani, opened_at, due_at, wake_at,
      entries, record)
    VALUES (:number, :key, :state, :kind, :owner, :customer, :ani, :opened_at, :due_at, :wake_at,
      :entries, :record)
    ON CONFLICT DO NOTHING"""
_GO_ON = """
    UPDATE cases SET state = :state, owner = :owner, due_at = :due_at, wake_at = :wake_at,
      entries = :entries, record = :record
    WHERE number = :number AND entries = :entries - 1"""
# No number is given twice: the head knows how far the entries went, should the last ones be gone.
_ENTRY = """
    INSERT INTO entries (n, case_number, number, hash, body) SELECT max(n) + 1, ?, ?, ?, ?
    FROM (SELECT max(n) AS n FROM entries UNION ALL SELECT n FROM head) AS last"""
_HEAD = "SELECT n, seal FROM head"
_UNSEALED = "SELECT n, hash FROM entries WHERE n > ? ORDER BY n"
_SEALED = "UPDATE head SET n = ?, seal = ?"
_LINK = "INSERT INTO links (case_number, kind, id) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
_ENTRIES = "SELECT number, hash, body FROM entries WHERE case_number = ? ORDER BY number"
_AWAKE = "wake_at <= ? ORDER BY wake_at, number LIMIT ?"
_COUNTS = """
    SELECT count(*), count(*) FILTER (WHERE due_at < ?) FROM cases WHERE state <> 'closed'"""


class DatabaseCases:
    """The CaseStore port."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @classmethod
    async def opened(cls, place: Place) -> Self:
        """Open the database, making it at the first use. Raises PortError."""
        database = await Database.open(place, KIND)
        await database.run(_seal)
        return cls(database)

    async def close(self) -> None:
        """Close it."""
        await self._database.close()

    async def add(self, sealed: SealedAct, record: CaseRecord, wake: datetime | None) -> bool:
        """Keep an entry, and the case after it."""
        first, row = sealed.number == 1, _row(record, wake)
        links = [(record.number, link.kind.value, link.id) for link in record.links]

        def adding(connection: Connection) -> bool:
            if connection.execute(_BEGIN if first else _GO_ON, row).rowcount != 1:
                return False
            entry = (sealed.case, sealed.number, sealed.hash, sealed.body)
            connection.execute(_ENTRY, entry)
            _seal(connection)
            connection.executemany(_LINK, links)
            return True

        return await self._database.run(adding)

    async def get(self, number: str) -> CaseRecord | None:
        """Return a case."""
        found = await self._found("number = ?", number)
        return found[0] if found else None

    async def of_key(self, key: str) -> CaseRecord | None:
        """Return the case that was opened with a key."""
        found = await self._found("key = ?", key)
        return found[0] if found else None

    async def entries(self, number: str) -> tuple[SealedAct, ...]:
        """Return the entries of a case, in order."""
        return tuple(SealedAct(number, *row) for row in await self._database.rows(_ENTRIES, number))

    async def find(self, wanted: CaseFilter) -> tuple[CaseRecord, ...]:
        """Return cases."""
        where, values = _chosen(wanted)
        order = "due_at IS NULL, due_at, opened_at, number"
        return await self._found(f"{where} ORDER BY {order} LIMIT ?", *values, wanted.most)

    async def awake(self, now: datetime, most: int) -> tuple[CaseRecord, ...]:
        """Return cases whose time to be looked at has come."""
        return await self._found(_AWAKE, _millis(now), most)

    async def counts(self, now: datetime) -> CaseCounts:
        """Return how many are not closed, and how many of them are late."""
        ((open_, late),) = await self._database.rows(_COUNTS, _millis(now))
        return CaseCounts(open_, late)

    async def written(self) -> int:
        """Return how many entries there are."""
        ((most,),) = await self._database.rows("SELECT coalesce(max(n), 0) FROM entries")
        return int(most)

    async def head(self) -> Head:
        """Return how far the entries go."""
        ((n, last),) = await self._database.rows(_HEAD)
        return Head(n, last)

    async def standing(self) -> tuple[Standing, ...]:
        """Return all entries, in the order in which they were written."""
        rows = await self._database.rows("SELECT n, case_number, hash FROM entries ORDER BY n")
        return tuple(Standing(*row) for row in rows)

    async def _found(self, where: str, *values: object) -> tuple[CaseRecord, ...]:
        rows = await self._database.rows(f"SELECT record FROM cases WHERE {where}", *values)  # noqa: S608
        return tuple(_DECODER.decode(record) for (record,) in rows)


BACKEND = DatabaseCases

_DECODER = msgspec.json.Decoder(CaseRecord)


def _seal(connection: Connection) -> None:
    """Seal the entries that are not: the last one, and those of a OneCall that knew of no seals."""
    n, last = connection.execute(_HEAD).fetchone()
    unsealed = connection.execute(_UNSEALED, (n,)).fetchall()
    for _, hash_ in unsealed:
        last = seal(last, hash_)
    if unsealed:
        connection.execute(_SEALED, (unsealed[-1][0], last))


def _row(record: CaseRecord, wake: datetime | None) -> dict[str, object]:
    answered = record.due is None or record.answered_at is not None
    return {
        "number": record.number,
        "key": record.key,
        "state": record.state.value,
        "kind": record.kind,
        "owner": record.owner,
        "customer": record.customer,
        "ani": record.ani,
        "opened_at": _millis(record.opened_at),
        "due_at": None if answered or record.due is None else _millis(record.due),
        "wake_at": _millis(wake) if wake else None,
        "entries": record.entries,
        "record": msgspec.json.encode(record),
    }


def _chosen(wanted: CaseFilter) -> tuple[str, list[object]]:
    """Return the condition of a filter, and its values."""
    link = wanted.link
    of_link = "number IN (SELECT case_number FROM links WHERE kind = ? AND id = ?)"
    terms: list[tuple[str, list[object]]] = [
        ("state = ?", [wanted.state.value] if wanted.state else []),
        ("state <> ?", [] if wanted.state or wanted.past else [CaseState.CLOSED.value]),
        ("kind = ?", [wanted.kind] if wanted.kind else []),
        ("owner = ?", [wanted.owner] if wanted.owner else []),
        ("customer = ?", [wanted.customer] if wanted.customer else []),
        ("ani = ?", [wanted.ani] if wanted.ani else []),
        (of_link, [link.kind.value, link.id] if link else []),
        ("opened_at >= ?", [_millis(wanted.since)] if wanted.since else []),
        ("opened_at < ?", [_millis(wanted.until)] if wanted.until else []),
        ("due_at < ?", [_millis(wanted.late)] if wanted.late else []),
    ]
    asked = [(term, values) for term, values in terms if values]
    where = " AND ".join(term for term, _ in asked) or "true"
    return where, [value for _, values in asked for value in values]


def _millis(at: datetime) -> int:
    return int(at.timestamp() * 1000)
