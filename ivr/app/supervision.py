"""A service under systemd: ready when it serves, alive while it does, stopping when it is asked to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

from ivr.adapters.systemd import ALIVE, READY, tell, watchdog_s
from ivr.model.errors import PortError

BEATS = 3
"""Signs of life within the time after which systemd misses one."""
PATIENCE_S = 30.0
"""A disk may stall for so long: a restart would not make it any faster."""


@asynccontextmanager
async def supervised(
    alive: Callable[[], Awaitable[object]], status: str, patience_s: float = PATIENCE_S
) -> AsyncIterator[None]:
    """Say that this process is ready, and from then on that it is alive: as long as the event loop runs, and
    `alive`, which asks what no call can do without, has answered within `patience_s`. An error is an answer:
    a full disk is no reason to end the calls that go on.
    """
    limit = watchdog_s()
    beating = asyncio.create_task(_beat(alive, limit / BEATS, patience_s)) if limit else None
    tell(READY, f"STATUS={status}")
    try:
        yield
    finally:
        if beating is not None:
            beating.cancel()
            with suppress(asyncio.CancelledError):
                await beating


async def _beat(alive: Callable[[], Awaitable[object]], pause_s: float, patience_s: float) -> None:
    async def ask() -> None:
        with suppress(PortError):
            await alive()

    now = asyncio.get_running_loop().time
    while True:
        asked = now()
        asking = asyncio.ensure_future(ask())
        try:
            while not asking.done() and now() < asked + patience_s:
                tell(ALIVE)
                await asyncio.wait({asking}, timeout=pause_s)
            # From here on whoever hangs is found out.
            await asking
        finally:
            asking.cancel()
        tell(ALIVE)
        await asyncio.sleep(pause_s)
