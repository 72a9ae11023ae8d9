"""An engine follows the ledger: it looks twice a second whether something else is in force, and when it is told."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from ivr.app.canary import Keeper
from ivr.app.flows import Published
from ivr.app.prompts import LatestPrompts
from ivr.model.errors import OneCallError

LOOK_S = 0.5

_LOG = logging.getLogger(__name__)


class Follower:
    """Looks at the ledger and at the trial in force, if there is one.

    What keeps it from doing so is reported once, not twice a second.
    """

    def __init__(self, published: Published, prompts: LatestPrompts, keeper: Keeper) -> None:
        self._published = published
        self._prompts = prompts
        self._keeper = keeper
        self._problem = ""
        self._told = asyncio.Event()

    def hurry(self) -> None:
        """Look at once: somebody says that the ledger has grown."""
        self._told.set()

    async def look(self) -> None:
        """Look now. Whatever is wrong, what is in force stays so."""
        try:
            await self._published.look()
            while await self._keeper.keep(self._published.state):
                await self._published.look()
        except OneCallError as error:
            self._report(str(error))
        except Exception as error:  # noqa: BLE001 - whatever it is, calls go on and it is tried again
            self._report(f"{type(error).__name__}: {error}")
        else:
            if self._problem:
                _LOG.warning("the ledger is followed again")
                self._problem = ""

    async def look_at_all(self) -> None:
        """Look at the ledger and the prompts, because somebody said that there is something new."""
        await self._prompts.read_again()
        await self.look()
        entry, release = self._published.state.number, self._published.serving.number
        _LOG.info("looked at ledger and prompts: entry %d, release %d is in force", entry, release)

    def _report(self, problem: str) -> None:
        if problem != self._problem:
            _LOG.error("the ledger cannot be followed, what is in force stays so: %s", problem)
            self._problem = problem

    async def _for_ever(self) -> None:
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_S):
                    await self._told.wait()
            self._told.clear()
            await self.look()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Look twice a second, and when told, as long as this lasts."""
        task = asyncio.create_task(self._for_ever(), name="follow-ledger")
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
