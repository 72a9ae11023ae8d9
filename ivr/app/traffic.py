"""What callers did lately, from the store."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from ivr.adapters.clock import SystemClock
from ivr.adapters.store.database import DatabaseStore
from ivr.app.config import Config
from ivr.app.ledger import store_place
from ivr.centre.traffic import Traffic, TrafficCounter
from ivr.ports.store import Store

Reached = Callable[[datetime], None]
"""Told now and then up to when events have been counted."""

_OFTEN = 1000


def _nobody(at: datetime) -> None:
    """Tell nobody."""


async def traffic_since(
    config: Config,
    since: datetime,
    versions: Sequence[str | None] = (None,),
    reached: Reached = _nobody,
) -> list[Traffic]:
    """Return the traffic of each of these versions (None: of all together), of the calls that began
    at `since` or later; where no engine has ever run, nothing. Raises PortError."""
    place = store_place(config)
    if place is None:
        return [Traffic() for _ in versions]
    store = await DatabaseStore.open(place, SystemClock(config.zone))
    try:
        return await counted(store, since, versions, reached)
    finally:
        await store.close()


async def counted(
    store: Store, since: datetime, versions: Sequence[str | None], reached: Reached = _nobody
) -> list[Traffic]:
    """Return the traffic of each version, as `traffic_since` does, from an open store."""
    counters = [TrafficCounter(version) for version in versions]
    number = 0
    async for stamped in store.events_between(since):
        for counter in counters:
            counter.take(stamped)
        number += 1
        if number % _OFTEN == 0:
            reached(stamped.at)
    return [counter.traffic() for counter in counters]
