"""Bringing the databases of a hotline to the version that this OneCall knows, while engines run."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from ivr.adapters.ledger.sqlite import KIND as ORDERS
from ivr.app.config import Config
from ivr.app.databases import Database, DatabaseState, databases, state
from ivr.app.orders import order_ledger
from ivr.database import Server, prepare
from ivr.model.errors import OneCallError


class UpgradeError(OneCallError):
    """Databases cannot be upgraded: which, and what to do."""


def looked_at(config: Config) -> list[tuple[Database, DatabaseState]]:
    """Return all databases with how they are. Raises ConfigError, and UpgradeError where one is newer than
    this OneCall, or cannot be read: then nothing is to be changed."""
    found = [(one, state(one)) for one in databases(config)]
    for _, one in found:
        if one.version > one.newest:
            raise UpgradeError(f"{one.name}: {one.wrong}: run the upgrade of the newer OneCall")
        if one.wrong:
            raise UpgradeError(f"{one.wrong}; nothing was changed")
    return found


def upgrade(config: Config, found: list[tuple[Database, DatabaseState]]) -> Iterator[DatabaseState]:
    """Upgrade databases that need it, each in one transaction, yielding how each was. Raises PortError."""
    for one, was in found:
        if was.scripts:
            if one.kind is ORDERS and isinstance(one.place, Server):
                asyncio.run(_ledger(config))
            else:
                prepare(one.place, one.kind)
        yield was


async def _ledger(config: Config) -> None:
    """Open the ledger of orders, which upgrades it."""
    async with order_ledger(config):
        pass
