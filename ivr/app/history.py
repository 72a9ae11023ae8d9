"""What happened: the store of an engine's `state` folder, opened by a command."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from ivr.adapters.clock import SystemClock
from ivr.adapters.store.sqlite import SqliteStore
from ivr.app.config import Config
from ivr.model.errors import OneCallError


class NoCalls(OneCallError):
    """There is no such call, or no store at all. The text says which, and what to do."""


@asynccontextmanager
async def history(config: Config) -> AsyncIterator[SqliteStore]:
    """Open the store for reading. Raises NoCalls where no engine has run yet, PortError."""
    file = config.state / "onecall.sqlite"
    if not file.exists():
        raise NoCalls(
            f"{file}: there is no store; has an engine run here? Name its configuration with -c"
        )
    store = await SqliteStore.open(file, SystemClock(config.zone))
    try:
        yield store
    finally:
        await store.close()
