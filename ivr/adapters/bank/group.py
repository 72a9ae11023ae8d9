"""Group commit: what is to be posted while others are being posted goes to the disk with one write."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Sequence
from pathlib import Path

from ivr.adapters.bank.counter import post
from ivr.adapters.bank.thread import PORT, ConnectionThread, whole
from ivr.database.sqlite import explain
from ivr.model.errors import PortError
from ivr.ports.posting import Posted, Posting

MOST_AT_ONCE = 200

Waiting = tuple[Posting, "asyncio.Future[Posted]"]


class GroupCommit:
    """Posts through one thread. A posting that is given up meanwhile is done all the same."""

    def __init__(self, path: Path, thread: ConnectionThread, turn: asyncio.Lock) -> None:
        self._path = path
        self._thread = thread
        self._turn = turn
        self._waiting: list[Waiting] = []
        self._writing: asyncio.Task[None] | None = None

    async def post(self, posting: Posting) -> Posted:
        """Post, and return when it is on the disk. Raises PortError."""
        answer: asyncio.Future[Posted] = asyncio.get_running_loop().create_future()
        self._waiting.append((posting, answer))
        if self._writing is None:
            self._writing = asyncio.create_task(self._write(), name="bank-posting")
        return await answer

    async def finish(self) -> None:
        """Wait for what is under way."""
        if self._writing is not None:
            await self._writing

    async def _write(self) -> None:
        try:
            while self._waiting:
                async with self._turn:
                    batch = self._waiting[:MOST_AT_ONCE]
                    del self._waiting[:MOST_AT_ONCE]
                    await self._write_batch(batch)
        finally:
            self._writing = None

    async def _write_batch(self, batch: Sequence[Waiting]) -> None:
        postings = [posting for posting, _ in batch]
        try:
            answers: Sequence[Posted | PortError] = await self._thread.run(
                lambda database: self._post(database, postings)
            )
        except PortError as error:
            answers = [error] * len(batch)
        for (_, waiting), answer in zip(batch, answers, strict=True):
            _tell(waiting, answer)

    def _post(
        self, database: sqlite3.Connection, postings: Sequence[Posting]
    ) -> list[Posted | PortError]:
        with whole(database, "IMMEDIATE"):
            return [self._one(database, posting) for posting in postings]

    def _one(self, database: sqlite3.Connection, posting: Posting) -> Posted | PortError:
        """Post one of many: what the database refuses of it stops none of the others."""
        database.execute("SAVEPOINT one")
        try:
            answer = post(database, posting)
        except PortError as error:
            return error
        except sqlite3.IntegrityError as error:
            database.execute("ROLLBACK TO one")
            return explain(error, PORT, self._path)
        finally:
            database.execute("RELEASE one")
        return answer


def _tell(waiting: asyncio.Future[Posted], answer: Posted | PortError) -> None:
    if waiting.done():  # given up
        return
    if isinstance(answer, PortError):
        waiting.set_exception(answer)
    else:
        waiting.set_result(answer)
