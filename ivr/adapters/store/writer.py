"""The one task that writes: what gathers while it writes is its next write (group commit)."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress

from ivr.adapters.store.codec import millis
from ivr.adapters.store.coverage import SAID, Keeper
from ivr.adapters.store.pending import Batch, Left, Pending
from ivr.database import Connection, InDoubt
from ivr.database.beside import Database
from ivr.model.errors import PortError, PortTimeout
from ivr.model.events import CallEnded
from ivr.ports.clock import Clock
from ivr.ports.store import StoreHealth

LINGER_MS = 50
"""How long the first entry of a batch waits for more: one write for many calls."""

RETRY_MS = 1_000
MOST_AT_ONCE = 2_000
"""Entries of a sort in one write: encoding them keeps calls waiting for some 5 ms."""

MOST_PENDING = 100_000
"""Entries of a sort kept in memory while nothing can be written: some 50 MB."""

_LOG = logging.getLogger("ivr.store")


class Writer:
    """Writes `pending` to a database in the background, and goes on trying while it cannot."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        keeper: Keeper,
        most: int = MOST_PENDING,
    ) -> None:
        self.pending = Pending(most)
        self.in_flight: Batch | None = None
        self._database = database
        self._clock = clock
        self._keeper = keeper
        self._problem: str | None = None
        self._written = 0
        self._reported_lost = 0
        self._work = asyncio.Event()
        self._hurry = asyncio.Event()
        self._entered = self._settled = 0
        self._waiting: list[tuple[int, asyncio.Future[None]]] = []
        self._task = asyncio.create_task(self._run(), name="store-writer")

    def left(self, call_id: str) -> Left | None:
        """Return how a call was left, if that is not written yet."""
        flying = self.in_flight.sessions if self.in_flight is not None else {}
        return self.pending.sessions.get(call_id) or flying.get(call_id)

    def touch(self) -> None:
        """Say that there is something to write."""
        if self.pending.full:
            self._drop()
        self._entered += 1
        self._work.set()

    async def flush(self, budget_ms: int) -> None:
        """Wait until everything taken so far is written, whatever comes meanwhile. Raises PortTimeout."""
        if self._settled == self._entered:
            return
        written = asyncio.get_running_loop().create_future()
        self._waiting.append((self._entered, written))
        self._hurry.set()
        try:
            async with asyncio.timeout(budget_ms / 1000):
                await written
        except TimeoutError as error:
            raise PortTimeout("store", budget_ms) from error

    async def stop(self) -> None:
        """End the task and close the database; what is still pending is lost."""
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task
        await self._database.close()

    def health(self) -> StoreHealth:
        """Return how writing goes."""
        flying = len(self.in_flight) if self.in_flight is not None else 0
        pending = len(self.pending) + flying
        return StoreHealth(self._problem, pending, self._written, self.pending.lost)

    async def _run(self) -> None:
        while True:
            await self._work.wait()
            await self._pause(LINGER_MS)
            self.in_flight = batch = self.pending.take(MOST_AT_ONCE)
            # A batch of which nothing was left over has all that was taken so far.
            settled = self._settled if len(self.pending) else self._entered
            try:
                await self._write(batch)
            except asyncio.CancelledError:
                self._put_back(batch)
                raise
            except Exception as error:  # noqa: BLE001 - whatever it is, calls go on and it is tried again
                self._put_back(batch)
                self._failed(error)
                await self._pause(RETRY_MS)
            else:
                self.in_flight = None
                self._succeeded(batch)
                self._settle(settled)
            if not len(self.pending):
                self._work.clear()

    def _settle(self, settled: int) -> None:
        """All that had been taken by then is written: whoever waited for it goes on."""
        self._settled = settled
        for entered, written in self._waiting:
            if entered <= settled and not written.done():
                written.set_result(None)
        self._waiting = [one for one in self._waiting if one[0] > settled and not one[1].done()]
        if not self._waiting:
            self._hurry.clear()

    async def _write(self, batch: Batch) -> None:
        statements = list(batch.statements(millis(self._clock.now())))
        ended, said = batch.calls_with(CallEnded), batch.calls_with(*SAID)

        def write(connection: Connection) -> None:
            for sql, values in statements:
                connection.execute(sql, values)
            self._keeper.take(connection, ended, said)

        try:
            await self._database.run(write)
        except InDoubt as doubt:
            if not await self._was_written(doubt):
                raise

    async def _was_written(self, doubt: InDoubt) -> bool:
        """Ask until it is known: what is written twice would have happened twice."""
        while True:
            self._failed(doubt)
            await self._pause(RETRY_MS)
            with suppress(InDoubt):
                return await self._database.settle(doubt)

    def _put_back(self, batch: Batch) -> None:
        self.in_flight = None
        self.pending.put_back(batch)
        if self.pending.full:
            self._drop()

    async def _pause(self, ms: int) -> None:
        """Wait, but not when somebody waits for us."""
        with suppress(TimeoutError):
            async with asyncio.timeout(ms / 1000):
                await self._hurry.wait()

    def _failed(self, error: Exception) -> None:
        self._hurry.clear()
        known = isinstance(error, PortError)
        problem = str(error) if known else f"store: {type(error).__name__}: {error}"
        if self._problem is None:
            _LOG.error("%s; calls go on, their records wait in memory", problem)
        self._problem = problem

    def _succeeded(self, batch: Batch) -> None:
        self._written += len(batch) - batch.unfit
        if batch.unfit:
            self.pending.lost += batch.unfit
            _LOG.error("store: %d entries could not be encoded and are lost", batch.unfit)
        if self._problem is not None:
            _LOG.warning(
                "store: writing again; %d entries were lost",
                self.pending.lost - self._reported_lost,
            )
            self._problem = None
            self._reported_lost = self.pending.lost

    def _drop(self) -> None:
        if self.pending.lost == self._reported_lost:
            _LOG.error("store: too much waits to be written; the oldest entries are dropped")
        self.pending.trim()
