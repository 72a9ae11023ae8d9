"""Deleting what is too old to keep, by the days that the configuration says for each kind."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

import msgspec

from ivr.adapters.callbacks import KIND as CALLBACKS
from ivr.adapters.callbacks.pruning import OLD as OLD_CALLBACKS
from ivr.adapters.campaigns import KIND as CAMPAIGNS
from ivr.adapters.campaigns.pruning import OLD as OLD_CAMPAIGNS
from ivr.adapters.store.kind import KIND as STORE
from ivr.adapters.store.pruning import CALLS, PROFILES
from ivr.app.config import Config
from ivr.app.databases import databases
from ivr.app.floor.diary import KIND as FLOOR
from ivr.app.floor.pruning import OLD as OLD_FLOOR
from ivr.database import Kind, Place, there
from ivr.database.pruning import MOST_AT_ONCE, Old, count, delete_some

KEPT = {
    "calls": (STORE, CALLS),
    "callbacks": (CALLBACKS, OLD_CALLBACKS),
    "campaigns": (CAMPAIGNS, OLD_CAMPAIGNS),
    "floor": (FLOOR, OLD_FLOOR),
    "profiles": (STORE, PROFILES),
}
"""What is kept for how long, by the keys of `retention`."""


class Due(msgspec.Struct, frozen=True):
    """Rows of a table that are to go: all `before` a time, since they are kept for so many `days`."""

    what: str
    days: int
    before: datetime
    table: str
    rows: int


class Pruning(msgspec.Struct, frozen=True):
    """Where the rows are that are to go."""

    due: Due
    place: Place
    kind: Kind
    old: Old


def prunings(config: Config, now: datetime) -> Iterator[Pruning]:
    """Yield what is to go of each table. Raises ConfigError, PortError."""
    places = {one.name: one.place for one in databases(config)}
    for what, (kind, tables) in KEPT.items():
        days, place = kept_for(config, what), places[kind.home]
        if days is None or not there(place, kind):
            continue
        before = now - timedelta(days=days)
        for old in tables:
            rows = count(place, kind, old, _millis(before))
            yield Pruning(Due(what, days, before, old.table, rows), place, kind, old)


def kept_for(config: Config, what: str) -> int | None:
    """Return for how many days something is kept; None: for ever."""
    days: int | None = getattr(config.retention, what)
    return days


def prune(found: Iterable[Pruning]) -> Iterator[int]:
    """Delete them, yielding how many went each time. Raises PortError."""
    for one in found:
        went = MOST_AT_ONCE
        while went == MOST_AT_ONCE:
            went = delete_some(one.place, one.kind, one.old, _millis(one.due.before))
            yield went


def _millis(at: datetime) -> int:
    return int(at.timestamp() * 1000)
