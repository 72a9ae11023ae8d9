"""`ivr db copy`: from SQLite files to a PostgreSQL."""

from __future__ import annotations

from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from ivr.app import backup as backups
from ivr.app.config import load_config
from ivr.app.copying import Copying, copy, copyings
from ivr.cli.acting import AsJson, stop
from ivr.cli.reload import running_engines
from ivr.cli.serve import ConfigFile
from ivr.model.errors import OneCallError


def copy_command(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only show what would be copied.")
    ] = False,
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> None:
    """Copy what the SQLite files of the state folder hold to the PostgreSQL that the configuration names
    (`database: {url_file: …}`), for the step to several nodes (docs/upgrade.md).

    Stop engines and desks first. Each database is copied in one transaction and read back: every row is
    there as it was, or none of that database. One that is there already is left out, so a copy that was
    broken off is begun again; one that holds something else is refused. The files stay as they are.

    Example: ivr db copy --dry-run

    Exit status: 0 copied, 1 an engine runs, 2 it cannot be: what to do is said.
    """
    try:
        settings = load_config(config)
        if engines := list(running_engines(settings.state)):
            named = ", ".join(map(str, engines))
            raise stop("db copy", f"an engine runs (process {named}): stop it first", 1)
        if users := backups.in_use(settings):
            problem = f"engines, desks or commands at {', '.join(users)} use the database"
            raise stop("db copy", f"{problem}: stop them", 1)
        found = copyings(settings)
        whole = [what for _, what in found]
        if not dry_run:
            rows = sum(sum(what.tables.values()) for what in whole if not what.there)
            console = Console(stderr=True)
            with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
                task = bar.add_task("copying", total=rows)
                for went in copy(settings, found):
                    bar.advance(task, went)
    except OneCallError as error:
        raise stop("db copy", error) from None
    if as_json:
        typer.echo(msgspec.json.format(msgspec.json.encode(whole), indent=2).decode())
    else:
        _print(whole, dry_run)


def _print(whole: list[Copying], dry_run: bool) -> None:
    done = "would be copied" if dry_run else "copied, and read back the same"
    table = Table("database", "rows", "", box=None, padding=(0, 2, 0, 0))
    table.add_column("from", overflow="fold")
    table.add_column("to", overflow="fold")
    for one in whole:
        said = "there already" if one.there else done
        table.add_row(one.name, str(sum(one.tables.values())), said, one.source, one.to)
    Console(highlight=False).print(table)
