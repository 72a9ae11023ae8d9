"""A database as an event loop uses it: a connection in a thread of its own.

Whatever needs several statements is best done in one trip to the thread (`run`): each trip there and back
costs more than a statement.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Any, Self, TypeVar

import msgspec

from ivr.database import Connection, InDoubt, Kind, Place, Values, connect_now, explained, prepare
from ivr.database.fence import Token, admit, nobody_asks

T = TypeVar("T")


class Done(msgspec.Struct, frozen=True):
    """What a statement did: how many rows it changed, and what it returned."""

    rowcount: int
    rows: list[Any]


class Database:
    """An open database of one kind, made at the first use. Everything raises PortError.

    Of a leader's, by its `token`, every write raises Fenced once another has led. One transaction at a time: who reads while another task writes waits for it.
    """

    def __init__(
        self,
        place: Place,
        kind: Kind,
        connection: Connection,
        thread: ThreadPoolExecutor,
        token: Token,
    ) -> None:
        self.place = place
        self.kind = kind
        self._token = token
        self._connection = connection
        self._thread = thread
        self._turn = asyncio.Lock()
        self._writer: asyncio.Task[Any] | None = None

    @classmethod
    async def open(cls, place: Place, kind: Kind, token: Token = nobody_asks) -> Self:
        """Make the database if there is none, bring it up to date, and connect."""
        thread = ThreadPoolExecutor(1, thread_name_prefix=kind.home)

        def opened() -> Connection:
            prepare(place, kind)
            return connect_now(place, kind)

        try:
            connection = await asyncio.get_running_loop().run_in_executor(thread, opened)
        except BaseException:
            thread.shutdown(wait=False)
            raise
        return cls(place, kind, connection, thread, token)

    async def close(self) -> None:
        """Close the connection once the thread has done what it was told."""
        await self._there(self._connection.close)
        self._thread.shutdown(wait=False)

    async def rows(self, sql: str, *values: object) -> list[Any]:
        """Return the rows of a query; within `writing`, as they are there."""
        if asyncio.current_task() is self._writer:
            return (await self.execute(sql, values)).rows
        async with self._turn:
            return (await self.execute(sql, values)).rows

    async def do(self, sql: str, *values: object) -> int:
        """Run one statement in a transaction of its own; return how many rows it changed."""
        return await self.run(lambda connection: connection.execute(sql, values).rowcount)

    async def run(self, job: Callable[[Connection], T], *, write: bool = True) -> T:
        """Do a job in the thread, in one transaction: all of it or nothing.

        Who is cancelled meanwhile does not know which: the thread brings it to an end.
        """
        async with self._turn:
            return await self._there(self._transact, job, write)

    async def settle(self, doubt: InDoubt) -> bool:
        """Ask whether the transaction was written that is in doubt. Raises InDoubt while nobody answers."""
        async with self._turn:
            return await self._there(doubt.settled)

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[Self]:
        """Write all of the block, by `execute`, or nothing."""
        async with self._turn:
            try:
                await self._there(self._begin, write=True)
                self._writer = asyncio.current_task()
                yield self
                await self._there(self._connection.commit)
            except BaseException:
                # Also when cancelled: the thread runs in order, so this comes after whatever of the
                # block it has not begun yet.
                await self._there(self._connection.rollback)
                raise
            finally:
                self._writer = None

    async def execute(self, sql: str, values: Values = ()) -> Done:
        """Run a statement within `writing`."""
        return await self._there(self._executed, sql, values)

    def _begin(self, *, write: bool) -> None:
        self._connection.begin(write=write)
        if write:
            try:
                admit(self._connection, self._token())
            except BaseException:
                self._connection.rollback()
                raise

    def _executed(self, sql: str, values: Values) -> Done:
        cursor = self._connection.execute(sql, values)
        return Done(cursor.rowcount, cursor.fetchall() if cursor.description else [])

    def _transact(self, job: Callable[[Connection], T], write: bool) -> T:
        self._begin(write=write)
        try:
            done = job(self._connection)
            self._connection.commit()
        except BaseException:
            self._connection.rollback()
            raise
        return done

    async def _there(self, work: Callable[..., T], *arguments: Any, **options: Any) -> T:
        def explaining() -> T:
            with explained(self.place, self.kind):
                return work(*arguments, **options)

        return await asyncio.get_running_loop().run_in_executor(self._thread, explaining)
