"""`ivr replay`: run a call again from its journal."""

from __future__ import annotations

import asyncio
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.table import Table

from ivr.app.config import Config, load_config
from ivr.app.replay import Replayed
from ivr.app.replay import replay as run_again
from ivr.cli.serve import ConfigFile
from ivr.model.errors import OneCallError


def replay(
    call: Annotated[str, typer.Argument(help="The call's id: Asterisk's UNIQUEID.")],
    config: ConfigFile = None,
) -> None:
    """Show what happened in a call, and run it again on the flows it ran on.

    Exit status: 0 the replay is the same, 1 it is not, 2 the call cannot be replayed.
    """
    try:
        settings = load_config(config)
        replayed = asyncio.run(run_again(settings, call))
    except OneCallError as error:
        typer.echo(f"ivr replay: {error}", err=True)
        raise typer.Exit(2) from None
    Console().print(_table(settings, replayed))
    if replayed.difference:
        typer.echo(f"not the same: {replayed.difference}", err=True)
        raise typer.Exit(1)
    typer.echo(f"the same {len(replayed.events)} events when run again")


def _table(config: Config, replayed: Replayed) -> Table:
    zone = ZoneInfo(config.zone)
    table = Table("time", "event", "what", box=None)
    for one in replayed.events:
        fields = {name: getattr(one.event, name) for name in one.event.__struct_fields__}
        what = ", ".join(f"{name} {value}" for name, value in fields.items())
        clock = one.at.astimezone(zone).strftime("%H:%M:%S.%f")[:-3]
        table.add_row(clock, type(one.event).__name__, what)
    return table
