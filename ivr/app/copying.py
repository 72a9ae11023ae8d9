"""Moving to PostgreSQL: what the SQLite files of the state folder hold is copied to the server that the
configuration names. The files are left as they are."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from ivr.adapters.ledger.sqlite import KIND as ORDERS
from ivr.app.config import Config
from ivr.app.databases import FILES, Database, databases, state
from ivr.app.orders import order_ledger
from ivr.database import Kind, Server, prepare
from ivr.model.errors import OneCallError


class CopyError(OneCallError):
    """Nothing can be copied: why, and what to do."""


class Copying(msgspec.Struct, frozen=True):
    """A database that is to be copied, with the rows of each of its tables; `there` already: the server
    holds the same."""

    name: str
    source: str
    to: str
    tables: dict[str, int]
    there: bool


def copyings(config: Config) -> list[tuple[Database, Copying]]:
    """Return what there is to copy, without touching anything. Raises ConfigError, PortError, and CopyError
    where a file is not of the newest version, or the server holds something else."""
    found = [
        (one, source)
        for one in databases(config)
        if isinstance(one.place, Server) and (source := config.state / FILES[one.name]).exists()
    ]
    if not found:
        problem = f"{config.state} has no SQLite file that belongs onto a server"
        raise CopyError(f"{problem}: see `database`, and `ivr config show`")
    return [(one, _looked_at(one, source)) for one, source in found]


def copy(config: Config, found: Iterable[tuple[Database, Copying]]) -> Iterator[int]:
    """Copy what is not there yet, each database in one transaction, and read it back there; yield now and
    then how many rows were copied since. Raises PortError."""
    from ivr.database import copying  # its driver is installed where it is used

    for one, what in found:
        if not what.there and isinstance(one.place, Server):
            if one.kind is ORDERS:
                asyncio.run(_ledger(config))
            else:
                prepare(one.place, one.kind)
            yield from copying.copy(Path(what.source), one.place, _schema(one.kind))


def _looked_at(one: Database, source: Path) -> Copying:
    from ivr.database import copying

    at_source, at_server = state(Database(source, one.kind)), state(one)
    for was in (at_source, at_server):
        if was.wrong or was.scripts:
            problem = was.wrong or f"it is of version {was.version}, the newest is {was.newest}"
            hint = "run `ivr db upgrade` with the configuration that used it"
            raise CopyError(f"{was.place}: {one.name}: {problem}: {hint}")
    here = copying.held(source, one.kind)
    there = False
    if at_server.version and isinstance(one.place, Server):
        held = copying.held_there(one.place, _schema(one.kind))
        there = held == here
        if not there and held != copying.begun(one.kind):
            problem = f"{at_server.place}: {one.name} holds something else already"
            raise CopyError(f"{problem}: name an empty database; nothing was changed")
    rows = {table: one.rows for table, one in here.items()}
    return Copying(one.name, str(source), at_server.place, rows, there)


def _schema(kind: Kind) -> Kind:
    """Return a kind by where its tables are: those of orders are in the schema that every server has."""
    return msgspec.structs.replace(kind, schema="public") if kind is ORDERS else kind


async def _ledger(config: Config) -> None:
    """Open the ledger of orders, which makes it."""
    async with order_ledger(config):
        pass
