"""The ledger of orders on PostgreSQL, which engines of several machines share."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from importlib.resources import files
from itertools import count
from typing import Any, TypeVar

import asyncpg
import msgspec

from ivr.adapters.ledger.choosing import chosen
from ivr.adapters.ledger.codec import PORT, decode_case, decode_notice, decode_record
from ivr.adapters.ledger.commit import GroupCommit, Result
from ivr.adapters.ledger.postgres_transaction import PostgresTransaction
from ivr.database.kind import AHEAD
from ivr.model.errors import OneCallError, PortError
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


class Job(msgspec.Struct, frozen=True):
    """Something to do within a transaction; `order` is read beforehand, if it names one."""

    run: Callable[[PostgresTransaction], Awaitable[Any]]
    order: str = ""


SCRIPTS = files(__package__) / "migrations_postgres"
CONNECTIONS = 4
WAIT_S = 5
"""The longest wait for a connection, a lock, or an answer."""

_SCRIPT = re.compile(r"(\d{4})_[a-z0-9_]+\.sql")
_MIGRATING = 0x4F434F31
"""The number of the lock that keeps engines from migrating at the same time."""

_FIND = """SELECT record FROM orders WHERE customer = $1
  AND state NOT IN ('draft', 'read_back', 'cancelled')
  AND ($2 = '' OR reference = $2) AND ($3 = '' OR kind = $3)
  ORDER BY authorised_at DESC LIMIT 1"""
_FORSAKEN = (
    "SELECT id FROM orders WHERE state IN ('draft', 'read_back') AND opened_at < $1 LIMIT 100"
)
_ENTRIES = "SELECT order_id, number, hash, body FROM entries WHERE order_id = $1 ORDER BY number"
_ROWS = "SELECT n, order_id, number, hash, body, seal FROM entries ORDER BY n"
_KEPT = """SELECT record, state, desk, kind, customer, reference, opened_at, authorised_at, amount,
  currency, booked_on FROM orders ORDER BY id COLLATE "C" """
_CASES = "SELECT body FROM cases WHERE closed_at IS NULL ORDER BY opened_at, number"


class PostgresLedger:
    """Implements OrderLedger. Writers of all engines follow one another at the row `head`, so an
    entry is sealed after the one before it; each writes what gathered while it waited."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self._commit = GroupCommit[Job](self._transact)

    @classmethod
    async def opened(cls, settings: Settings) -> PostgresLedger:
        """Open it as the configuration says. Raises PortError."""
        password = settings.token.reveal() if settings.token else None
        return await cls.open(settings.url, password)

    @classmethod
    async def open(cls, url: str, password: str | None = None) -> PostgresLedger:
        """Connect to a database and bring it to the newest version. Raises PortError."""
        with _explained():
            pool = await asyncpg.create_pool(
                url,
                password=password,
                min_size=1,
                max_size=CONNECTIONS,
                timeout=WAIT_S,
                command_timeout=WAIT_S,
                server_settings={
                    "application_name": "onecall",
                    # Not the schema that is called as the user, which may be `onecall`'s of the others.
                    "search_path": "public",
                    "synchronous_commit": "on",
                    "lock_timeout": f"{WAIT_S}s",
                },
            )
        try:
            await _migrate(pool)
        except BaseException:
            pool.terminate()
            raise
        return cls(pool)

    async def close(self) -> None:
        """Write what is waiting, and close the connections."""
        await self._commit.finish()
        await self._pool.close()

    async def change(self, order: str, decide: Decide[T], limits: Sequence[Allowance] = ()) -> T:
        """Decide on an order, and write what was decided (see `OrderLedger`)."""
        job = Job(lambda within: within.change(order, decide, limits), order)
        answer: T = await self._commit.do(job)
        return answer

    async def record(self, order: str) -> OrderRecord | None:
        """Return an order."""
        rows = await self._rows("SELECT record FROM orders WHERE id = $1", order)
        return decode_record(rows[0][0]) if rows else None

    async def find(self, customer: str, reference: str, kind: str) -> OrderRecord | None:
        """Return a customer's binding order."""
        rows = await self._rows(_FIND, customer, reference, kind)
        return decode_record(rows[0][0]) if rows else None

    async def entries(self, order: str) -> tuple[SealedEntry, ...]:
        """Return the entries of an order."""
        return tuple(SealedEntry(*row) for row in await self._rows(_ENTRIES, order))

    async def select(self, wanted: Wanted) -> tuple[OrderRecord, ...]:
        """Return orders, the latest first."""
        sql, values = chosen(wanted)
        number = count(1)
        numbered = re.sub(r"\?", lambda _: f"${next(number)}", sql)
        return tuple(decode_record(row[0]) for row in await self._rows(numbered, *values))

    async def claim(
        self, desk: str, now: datetime, until: datetime, most: int
    ) -> tuple[Claimed, ...]:
        """Take orders of a desk that are due."""
        rows = await self._commit.do(
            Job(lambda within: within.claim(desk, millis(now), millis(until), most))
        )
        return tuple(Claimed(decode_record(record), tries) for record, tries in rows)

    async def put_off(self, order: str, due: datetime) -> None:
        """Let a claimed order be claimed again from `due` on."""
        await self._commit.do(Job(lambda within: within.put_off(order, millis(due))))

    async def forsaken(self, before: datetime) -> tuple[str, ...]:
        """Return orders that nobody authorised or cancelled."""
        return tuple(row[0] for row in await self._rows(_FORSAKEN, millis(before)))

    async def outbox(self, now: datetime, until: datetime, most: int) -> tuple[Outgoing, ...]:
        """Take notices that are due to be sent."""
        rows = await self._commit.do(
            Job(lambda within: within.outbox(millis(now), millis(until), most))
        )
        return tuple(Outgoing(order, decode_notice(body), tries) for order, body, tries in rows)

    async def put_off_notice(self, key: str, due: datetime) -> None:
        """Let a notice be taken again from `due` on."""
        await self._commit.do(Job(lambda within: within.put_off_notice(key, millis(due))))

    async def list_open(self) -> tuple[Case, ...]:
        """Return the cases that are not closed."""
        return tuple(decode_case(row[0]) for row in await self._rows(_CASES))

    async def contents(self) -> AsyncIterator[Row | Kept | Head]:
        """Yield all there is, as it is at one moment."""
        with _explained():
            async with (
                self._pool.acquire() as connection,
                connection.transaction(isolation="repeatable_read", readonly=True),
            ):
                async for n, order, number, hash_, body, seal in connection.cursor(_ROWS):
                    yield Row(n, SealedEntry(order, number, hash_, body), seal)
                async for record, *columns in connection.cursor(_KEPT):
                    yield Kept(decode_record(record), Index(*columns))
                for n, seal in await connection.fetch("SELECT n, seal FROM head"):
                    yield Head(n, seal)

    async def _transact(self, jobs: Sequence[Job]) -> Sequence[Result]:
        with _explained():
            async with self._pool.acquire() as connection, connection.transaction():
                orders = {job.order for job in jobs if job.order}
                within = await PostgresTransaction.begun(connection, orders)
                results = [await _run(job, within) for job in jobs]
                await within.finish()
        return results

    async def _rows(self, sql: str, *values: object) -> list[Any]:
        with _explained():
            return list(await self._pool.fetch(sql, *values))


async def _run(job: Job, within: PostgresTransaction) -> Result:
    try:
        return Result(await job.run(within))
    except OneCallError as error:
        return Result(error=error)


async def _migrate(pool: asyncpg.Pool) -> None:
    with _explained():
        async with pool.acquire() as connection, connection.transaction():
            await connection.execute("SELECT pg_advisory_xact_lock($1)", _MIGRATING)
            await connection.execute("CREATE TABLE IF NOT EXISTS versions (version integer)")
            found = await connection.fetchval("SELECT coalesce(max(version), 0) FROM versions")
            scripts = _scripts()
            if found > max(scripts) + AHEAD:
                raise PortError(
                    PORT, f"the database is of version {found}: run the newer OneCall that wrote it"
                )
            for version in range(found + 1, max(scripts) + 1):
                await connection.execute(scripts[version])
                await connection.execute("INSERT INTO versions VALUES ($1)", version)


def _scripts() -> dict[int, str]:
    named = ((_SCRIPT.fullmatch(file.name), file) for file in SCRIPTS.iterdir())
    return {int(match[1]): file.read_text("utf-8") for match, file in named if match}


@contextmanager
def _explained() -> Iterator[None]:
    """Say in one line what is wrong with the database. Raises PortError."""
    try:
        yield
    except asyncpg.PostgresError as error:
        retryable = isinstance(error, _PASSING)
        said = str(error).partition("\n")[0]
        raise PortError(PORT, f"the database answered: {said}", retryable=retryable) from error
    except (TimeoutError, asyncpg.InterfaceError, OSError) as error:
        said = str(error) or type(error).__name__
        raise PortError(PORT, f"the database cannot be reached: {said}", retryable=True) from error


_PASSING = (
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.LockNotAvailableError,
)

BACKEND = PostgresLedger
