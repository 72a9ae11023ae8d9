"""Group commit: what gathers while one transaction is written is the next transaction.

A commit that reaches the disk costs the same for one order as for fifty, so orders authorised by
many calls at the same moment share it, and none waits for more than two of them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Generic, TypeVar

import msgspec

J = TypeVar("J")

MOST_AT_ONCE = 200
"""Jobs of one transaction: a long one would keep those after it waiting."""


class Result(msgspec.Struct, frozen=True):
    """What came of one job of a transaction that was committed: its value, or why it did nothing."""

    value: Any = None
    error: Exception | None = None


class GroupCommit(Generic[J]):
    """Runs jobs in transactions, one after the other. `transact` writes those it is given, all or
    nothing, and returns a result for each; it raises PortError when nothing was written."""

    def __init__(self, transact: Callable[[Sequence[J]], Awaitable[Sequence[Result]]]) -> None:
        self._transact = transact
        self._waiting: list[tuple[J, asyncio.Future[Any]]] = []
        self._writing: asyncio.Task[None] | None = None

    async def do(self, job: J) -> Any:
        """Do a job; it is durable when this returns. Raises what the job raises, PortError.

        Who is cancelled while waiting does not know whether it was done.
        """
        done: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting.append((job, done))
        if self._writing is None:
            self._writing = asyncio.create_task(self._write(), name="ledger-writer")
        return await done

    async def finish(self) -> None:
        """Wait until everything taken so far is written."""
        if self._writing is not None:
            await asyncio.wait([self._writing])

    async def _write(self) -> None:
        while self._waiting:
            batch = self._waiting[:MOST_AT_ONCE]
            del self._waiting[:MOST_AT_ONCE]
            try:
                results = await self._transact([job for job, _ in batch])
            except Exception as error:  # noqa: BLE001 - whatever it is, those who wait are told
                results = [Result(error=error)] * len(batch)
            for (_, done), result in zip(batch, results, strict=True):
                _answer(done, result)
        self._writing = None


def _answer(done: asyncio.Future[Any], result: Result) -> None:
    if done.done():
        return
    if result.error is not None:
        done.set_exception(result.error)
    else:
        done.set_result(result.value)
