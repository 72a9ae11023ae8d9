"""A service under systemd: ready when it serves, alive while it does, stopping when it is asked to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

from ivr.adapters.systemd import ALIVE, READY, tell, watchdog_s
from ivr.model.errors import PortError

BEATS = 3
"""Signs of life within the time after which systemd misses one."""


@asynccontextmanager
async def supervised(alive: Callable[[], Awaitable[object]], status: str) -> AsyncIterator[None]:
    """Say that this process is ready, and from then on that it is alive: as long as the event loop runs and
    `alive` answers, which asks what no call can do without. That it answers with an error is an answer: a
    full disk is no reason to end the calls that go on.
    """
    limit = watchdog_s()
    beating = asyncio.create_task(_beat(alive, limit / BEATS)) if limit else None
    tell(READY, f"STATUS={status}")
    try:
        yield
    finally:
        if beating is not None:
            beating.cancel()
            with suppress(asyncio.CancelledError):
                await beating


async def _beat(alive: Callable[[], Awaitable[object]], pause_s: float) -> None:
    while True:
        # Without a time limit of our own: what hangs is what systemd shall find out.
        with suppress(PortError):
            await alive()
        tell(ALIVE)
        await asyncio.sleep(pause_s)
