"""`ivr cases`: what a person must see to."""

from __future__ import annotations

import asyncio
from typing import Annotated
from zoneinfo import ZoneInfo

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from ivr.app.config import Config, load_config
from ivr.app.orders import order_ledger
from ivr.cli.acting import AsJson, stop
from ivr.cli.serve import ConfigFile
from ivr.model.errors import OneCallError
from ivr.ports.cases import Case


def cases(
    owner: Annotated[str, typer.Option(help="Only this owner's.")] = "",
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> None:
    """List the open cases with their owners, the oldest first.

    Example: ivr cases --owner travel-desk

    A case of an order of unknown result is closed by itself when the result is known.

    Exit status: 0 they are listed, 2 the ledger cannot be read.
    """
    try:
        settings = load_config(config)
        found = asyncio.run(_open(settings))
    except OneCallError as error:
        raise stop("cases", error) from None
    chosen = [one for one in found if owner in ("", one.owner)]
    if as_json:
        typer.echo(msgspec.json.format(msgspec.json.encode(chosen), indent=2).decode())
    elif chosen:
        Console(highlight=False).print(_table(chosen, ZoneInfo(settings.zone)))
    else:
        typer.echo("no open cases")


async def _open(config: Config) -> tuple[Case, ...]:
    async with order_ledger(config) as ledger:
        return await ledger.list_open()


def _table(found: list[Case], zone: ZoneInfo) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0))
    for heading in ("case", "opened", "kind", "owner", "customer", "about"):
        table.add_column(heading, overflow="fold", no_wrap=heading == "opened")
    for one in found:
        when = f"{one.opened_at.astimezone(zone):%Y-%m-%d %H:%M}"
        facts = ", ".join(f"{name} {value}" for name, value in one.facts.items() if value)
        table.add_row(one.number, when, one.kind, one.owner, one.customer, facts)
    return table
