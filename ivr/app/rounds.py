"""Work that is done again and again while an engine runs."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from ivr.model.errors import PortError

_LOG = logging.getLogger("ivr.rounds")


@asynccontextmanager
async def rounds(period_s: float, *works: Callable[[], Awaitable[object]]) -> AsyncIterator[None]:
    """Do all of it at once and then every `period_s`; what cannot be done now is done later.

    At the end nothing is begun any more.
    """
    tasks = [asyncio.create_task(_again(work, period_s)) for work in works]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)


async def _again(work: Callable[[], Awaitable[object]], period_s: float) -> None:
    problem = ""
    while True:
        try:
            await work()
        except PortError as error:
            # A fault that lasts is told once.
            if str(error) != problem:
                _LOG.error("%s; it is tried again", error)
            problem = str(error)
        else:
            problem = ""
        await asyncio.sleep(period_s)
