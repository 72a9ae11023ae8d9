"""What customers hold, what is open with them, and the moving of money: the embedded bank's part."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from ivr.adapters.bank import counter
from ivr.adapters.bank.desk import Asked, money
from ivr.adapters.bank.group import GroupCommit
from ivr.adapters.bank.operations.transfers import arrival
from ivr.adapters.bank.shared import Part, Shared
from ivr.adapters.bank.thread import ConnectionThread, whole
from ivr.model.errors import PortError
from ivr.model.values import Money, Scalar
from ivr.ports.bank import Matter, MatterState
from ivr.ports.posting import Item, Posted, Posting, Terms

T = TypeVar("T")

RECENT = timedelta(hours=72)
"""How long a transfer is a matter that the customer may ask about."""


class LedgerDesk(Part):
    """The part of the Bank port that is about money (see `ivr.ports.bank`, `ivr.ports.posting`).

    It reads and posts in two threads of its own.
    """

    def __init__(self, shared: Shared) -> None:
        super().__init__(shared)
        path = shared.file.path
        self._reading = ConnectionThread(path)
        self._writing = ConnectionThread(path)
        self._group = GroupCommit(path, self._writing, shared.file.turn)

    async def close_books(self) -> None:
        """End the threads, after what is under way."""
        await self._group.finish()
        await self._writing.close()
        await self._reading.close()

    async def balance(self, account: str) -> Money:
        """Return the available balance of an account the caller is authenticated for."""
        found = await self._rows("SELECT balance, currency FROM books WHERE number = ?", account)
        if not found:
            raise PortError("bank", "there is no such account")
        return Money(*found[0])

    async def products(self, customer: str) -> tuple[str, ...]:
        """Return what a customer holds, in alphabetical order."""
        found = await self._rows(
            """SELECT kind FROM books
               WHERE customer = ? AND (kind IN ('current', 'savings') OR balance <> 0)
               UNION SELECT 'card' FROM cards WHERE customer = ? ORDER BY 1""",
            customer,
            customer,
        )
        return tuple(product for (product,) in found)

    async def matters(self, customer: str, now: datetime) -> tuple[Matter, ...]:
        """Return a customer's open matters as of `now`, the latest first: those that somebody opened,
        and the transfers posted by telephone lately."""
        seconds = int(now.timestamp())
        opened = await self._rows(
            """SELECT id, kind, coalesce(opened_at, ? - age_s), level, state, amount, currency
               FROM matters WHERE customer = ?""",
            seconds,
            customer,
        )
        posted = await self._rows(
            """SELECT number, day, at, operation, amount FROM postings
               WHERE customer = ? AND at > ? AND at <= ? AND reason = ''
               AND operation IN ('transfer', 'remit')""",
            customer,
            (seconds - int(RECENT.total_seconds())) * 1000,
            seconds * 1000 + 999,
        )
        found = [_matter(row, now) for row in opened] + [_transfer(row, now) for row in posted]
        return tuple(sorted(found, key=lambda one: (-one.opened_at.timestamp(), one.id)))

    async def items(self, source: str, customer: str, now: datetime) -> tuple[Item, ...]:
        """Return what a customer can choose from a source, in the order it is offered."""
        await self._do_due(now)
        return await self._read(lambda found: counter.items(Asked(found, customer, now), source))

    async def terms(
        self, operation: str, customer: str, arguments: dict[str, Scalar], now: datetime
    ) -> Terms:
        """Return what the bank says of an operation; nothing has moved."""
        await self._do_due(now)
        return await self._read(
            lambda found: counter.terms(Asked(found, customer, now), operation, arguments)
        )

    async def post(self, posting: Posting) -> Posted:
        """Do it, once for its key; it is on the disk when it is answered."""
        return await self._group.post(posting)

    async def query(self, key: str) -> Posted | None:
        """Return what came of a key; None when it never arrived."""
        return await self._read(lambda found: counter.query(found, key))

    async def booked(self, day: date) -> tuple[Posted, ...]:
        """Return all that was done on a day, by key."""
        return await self._read(lambda found: counter.booked(found, day))

    async def _do_due(self, now: datetime) -> None:
        if await self._read(lambda found: counter.is_due(found, now)):
            async with self._shared.file.turn:
                await self._writing.run(lambda found: _in_one(found, now))

    async def _rows(self, sql: str, *values: object) -> list[Any]:
        return await self._reading.run(lambda found: found.execute(sql, values).fetchall())

    async def _read(self, look: Callable[[sqlite3.Connection], T]) -> T:
        """Return what is seen of the file at one moment."""

        def looking(database: sqlite3.Connection) -> T:
            with whole(database):
                return look(database)

        return await self._reading.run(looking)


def _in_one(database: sqlite3.Connection, now: datetime) -> None:
    with whole(database, "IMMEDIATE"):
        counter.do_due(database, now)


def _matter(row: Any, now: datetime) -> Matter:
    number, kind, opened, level, state, amount, currency = row
    return Matter(
        number,
        kind,
        datetime.fromtimestamp(opened, now.tzinfo),
        level,
        MatterState(state),
        None if amount is None else Money(amount, currency),
    )


def _transfer(row: Any, now: datetime) -> Matter:
    number, day, at, operation, amount = row
    when = datetime.fromtimestamp(at / 1000, now.tzinfo)
    away = operation == "remit" and arrival(amount, when) > now.date()
    state = MatterState.PENDING if away else MatterState.DONE
    return Matter(counter.reference(day, number), "transfer", when, 2, state, money(amount))
