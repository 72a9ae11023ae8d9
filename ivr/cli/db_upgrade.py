"""`ivr db upgrade`: the databases, brought to the version that this OneCall knows."""

from __future__ import annotations

from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from ivr.app.config import load_config
from ivr.app.databases import DatabaseState
from ivr.app.upgrading import looked_at, upgrade
from ivr.cli.acting import AsJson, stop
from ivr.cli.db_progress import shown
from ivr.cli.serve import ConfigFile
from ivr.model.errors import OneCallError


def upgrade_command(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only show the versions, and what would be run.")
    ] = False,
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> None:
    """Bring every database to the version that this OneCall knows. Engines may run: those of one version
    before go on with it, and an engine of that version can be started on it again (docs/upgrade.md).

    A database that is newer than this OneCall, or cannot be read, is told, and nothing is changed.

    Example: ivr db upgrade --dry-run

    Exit status: 0 all are as new as this OneCall, 1 some are not (--dry-run), 2 it cannot be done: why is
    said.
    """
    try:
        settings = load_config(config)
        found = looked_at(settings)
        states = [one for _, one in found]
        if not dry_run:
            states = list(shown(upgrade(settings, found), len(found), "upgrading"))
    except OneCallError as error:
        raise stop("db upgrade", error) from None
    if as_json:
        typer.echo(msgspec.json.format(msgspec.json.encode(states), indent=2).decode())
    else:
        _print(states, dry_run)
    if dry_run and any(one.scripts for one in states):
        raise typer.Exit(1)


def _print(states: list[DatabaseState], dry_run: bool) -> None:
    table = Table("database", "version", "", box=None, padding=(0, 2, 0, 0))
    table.add_column("kept in", overflow="fold")
    for one in states:
        table.add_row(one.name, _version(one), _done(one, dry_run), one.place)
    Console(highlight=False).print(table)


def _version(one: DatabaseState) -> str:
    return str(one.version) if one.version else "-"


def _done(one: DatabaseState, dry_run: bool) -> str:
    if not one.version:
        return "not there yet"
    if not one.scripts:
        return "up to date"
    return f"{'would be' if dry_run else 'is now'} {one.newest}"
