"""What callers did lately, from the store."""

from __future__ import annotations

from datetime import datetime

from ivr.adapters.clock import SystemClock
from ivr.adapters.store.sqlite import SqliteStore
from ivr.app.config import Config
from ivr.centre.traffic import Traffic, TrafficCounter
from ivr.ports.store import Store


async def traffic_since(config: Config, since: datetime, version: str | None = None) -> Traffic:
    """Return the traffic of the calls of a version, or of all, that began at `since` or later; where
    no engine has ever run, nothing. Raises PortError."""
    path = config.state / "onecall.sqlite"
    if not path.exists():
        return Traffic()
    store = await SqliteStore.open(path, SystemClock(config.zone))
    try:
        return await counted(store, since, version)
    finally:
        await store.close()


async def counted(store: Store, since: datetime, version: str | None = None) -> Traffic:
    """Return the traffic of the calls of a version, or of all, that began at `since` or later."""
    counter = TrafficCounter(version)
    async for stamped in store.events_between(since):
        counter.take(stamped)
    return counter.traffic()
