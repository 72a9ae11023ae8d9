"""The ledger of orders on an SQLite file, which several engines of one machine may share."""

from __future__ import annotations

import asyncio
import functools
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from typing import Any, TypeVar

from ivr.adapters.ledger.choosing import chosen
from ivr.adapters.ledger.codec import PORT, decode_case, decode_notice, decode_record
from ivr.adapters.ledger.commit import GroupCommit, Result
from ivr.adapters.ledger.transaction import Transaction
from ivr.database import Kind
from ivr.database.sqlite import connect_now, explain, prepare
from ivr.model.errors import OneCallError
from ivr.ports.backend import Settings
from ivr.ports.cases import Case
from ivr.ports.ledger import (
    Claimed,
    Decide,
    Head,
    Index,
    Kept,
    OrderRecord,
    Outgoing,
    Row,
    SealedEntry,
    Wanted,
    millis,
)
from ivr.ports.orders import Allowance

T = TypeVar("T")
Job = Callable[[Transaction], Any]

KIND = Kind(
    PORT,
    0x4F434F31,
    files(__package__) / "migrations",
    files(__package__) / "migrations_postgres",
)

PAGE = 1_000
"""Rows that are read at a time."""

_FIND = """SELECT record FROM orders WHERE customer = :customer
  AND state NOT IN ('draft', 'read_back', 'cancelled')
  AND (:reference = '' OR reference = :reference) AND (:kind = '' OR kind = :kind)
  ORDER BY authorised_at DESC LIMIT 1"""
_FORSAKEN = (
    "SELECT id FROM orders WHERE state IN ('draft', 'read_back') AND opened_at < ? LIMIT 100"
)
_ENTRIES = "SELECT order_id, number, hash, body FROM entries WHERE order_id = ? ORDER BY number"
_ROWS = "SELECT n, order_id, number, hash, body, seal FROM entries ORDER BY n"
_KEPT = """SELECT record, state, desk, kind, customer, reference, opened_at, authorised_at, amount,
  currency, booked_on FROM orders ORDER BY id"""
_CASES = "SELECT body FROM cases WHERE closed_at IS NULL ORDER BY opened_at, number"


class SqliteLedger:
    """Implements OrderLedger. One thread writes, in transactions that are on the disk (WAL,
    synchronous=FULL) before anybody is answered; a kill loses nothing that was answered."""

    def __init__(
        self,
        path: Path,
        writer: sqlite3.Connection,
        reader: sqlite3.Connection,
        thread: ThreadPoolExecutor,
    ) -> None:
        self._path = path
        self._writer = writer
        self._reader = reader
        self._thread = thread
        self._commit = GroupCommit[Job](self._transact)

    @classmethod
    async def open(cls, path: Path) -> SqliteLedger:
        """Open the ledger, making the file (mode 0600) at the first use. Raises PortError."""
        thread = ThreadPoolExecutor(1, thread_name_prefix="ledger")
        try:
            opened = await asyncio.get_running_loop().run_in_executor(thread, _open, path)
        except BaseException:
            thread.shutdown(wait=False)
            raise
        return cls(path, *opened, thread)

    @classmethod
    async def opened(cls, settings: Settings) -> SqliteLedger:
        """Open it as the configuration says."""
        return await cls.open(settings.file)

    async def close(self) -> None:
        """Write what is waiting, and close the file."""
        await self._commit.finish()
        await asyncio.get_running_loop().run_in_executor(self._thread, self._writer.close)
        self._reader.close()
        self._thread.shutdown(wait=False)

    async def change(self, order: str, decide: Decide[T], limits: Sequence[Allowance] = ()) -> T:
        """Decide on an order, and write what was decided (see `OrderLedger`)."""
        answer: T = await self._commit.do(lambda within: within.change(order, decide, limits))
        return answer

    async def record(self, order: str) -> OrderRecord | None:
        """Return an order."""
        rows = self._rows("SELECT record FROM orders WHERE id = ?", order)
        return decode_record(rows[0][0]) if rows else None

    async def find(self, customer: str, reference: str, kind: str) -> OrderRecord | None:
        """Return a customer's binding order."""
        wanted = {"customer": customer, "reference": reference, "kind": kind}
        rows = self._rows(_FIND, **wanted)
        return decode_record(rows[0][0]) if rows else None

    async def entries(self, order: str) -> tuple[SealedEntry, ...]:
        """Return the entries of an order."""
        return tuple(SealedEntry(*row) for row in self._rows(_ENTRIES, order))

    async def select(self, wanted: Wanted) -> tuple[OrderRecord, ...]:
        """Return orders, the latest first."""
        sql, values = chosen(wanted)
        rows = await asyncio.to_thread(self._scan, sql, values)
        return tuple(decode_record(record) for (record,) in rows)

    async def claim(
        self, desk: str, now: datetime, until: datetime, most: int
    ) -> tuple[Claimed, ...]:
        """Take orders of a desk that are due."""
        rows = await self._commit.do(
            lambda within: within.claim(desk, millis(now), millis(until), most)
        )
        return tuple(Claimed(decode_record(record), tries) for record, tries in rows)

    async def put_off(self, order: str, due: datetime) -> None:
        """Let a claimed order be claimed again from `due` on."""
        await self._commit.do(lambda within: within.put_off(order, millis(due)))

    async def forsaken(self, before: datetime) -> tuple[str, ...]:
        """Return orders that nobody authorised or cancelled."""
        return tuple(order for (order,) in self._rows(_FORSAKEN, millis(before)))

    async def outbox(self, now: datetime, until: datetime, most: int) -> tuple[Outgoing, ...]:
        """Take notices that are due to be sent."""
        rows = await self._commit.do(lambda within: within.outbox(millis(now), millis(until), most))
        return tuple(Outgoing(order, decode_notice(body), tries) for order, body, tries in rows)

    async def put_off_notice(self, key: str, due: datetime) -> None:
        """Let a notice be taken again from `due` on."""
        await self._commit.do(lambda within: within.put_off_notice(key, millis(due)))

    async def list_open(self) -> tuple[Case, ...]:
        """Return the cases that are not closed."""
        return tuple(decode_case(body) for (body,) in self._rows(_CASES))

    async def contents(self) -> AsyncIterator[Row | Kept | Head]:
        """Yield all there is, as it is at one moment."""
        try:
            with closing(_reader(self._path)) as database:
                database.execute("BEGIN")
                async for n, order, number, hash_, body, seal in _pages(database, _ROWS):
                    yield Row(n, SealedEntry(order, number, hash_, body), seal)
                async for record, *columns in _pages(database, _KEPT):
                    yield Kept(decode_record(record), Index(*columns))
                async for n, seal in _pages(database, "SELECT n, seal FROM head"):
                    yield Head(n, seal)
        except sqlite3.Error as error:
            raise explain(error, PORT, self._path) from error

    async def _transact(self, jobs: Sequence[Job]) -> Sequence[Result]:
        write = functools.partial(_write, self._writer, self._path, jobs)
        return await asyncio.get_running_loop().run_in_executor(self._thread, write)

    def _rows(self, sql: str, *values: object, **named: object) -> list[Any]:
        """Read what an index leads to, here and now: it takes some 20 µs, and waits for no lock."""
        try:
            return self._reader.execute(sql, named or values).fetchall()
        except sqlite3.Error as error:
            raise explain(error, PORT, self._path) from error

    def _scan(self, sql: str, values: Iterable[object]) -> list[Any]:
        """Read much, in a thread."""
        try:
            with closing(_reader(self._path)) as database:
                return database.execute(sql, tuple(values)).fetchall()
        except sqlite3.Error as error:
            raise explain(error, PORT, self._path) from error


def _open(path: Path) -> tuple[sqlite3.Connection, sqlite3.Connection]:
    prepare(path, KIND)
    writer = connect_now(path, PORT)
    try:
        return writer, _reader(path)
    except sqlite3.Error as error:
        writer.close()
        raise explain(error, PORT, path) from error


def _reader(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, isolation_level=None, check_same_thread=False)


async def _pages(database: sqlite3.Connection, sql: str) -> AsyncIterator[Any]:
    """Yield the rows of a query, read some at a time in a thread."""
    cursor = await asyncio.to_thread(database.execute, sql)
    while found := await asyncio.to_thread(cursor.fetchmany, PAGE):
        for row in found:
            yield row


def _write(writer: sqlite3.Connection, path: Path, jobs: Sequence[Job]) -> list[Result]:
    """Do all jobs in one transaction. A job that raises OneCallError has written nothing yet."""
    try:
        writer.execute("BEGIN IMMEDIATE")
        within = Transaction(writer)
        results = [_run(job, within) for job in jobs]
        within.finish()
        writer.execute("COMMIT")
    except sqlite3.Error as error:
        writer.rollback()
        raise explain(error, PORT, path) from error
    except BaseException:
        writer.rollback()
        raise
    return results


def _run(job: Job, within: Transaction) -> Result:
    try:
        return Result(job(within))
    except OneCallError as error:
        return Result(error=error)


BACKEND = SqliteLedger
