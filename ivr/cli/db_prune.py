"""`ivr db prune`: what is too old to keep is deleted."""

from __future__ import annotations

from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from ivr.adapters.clock import SystemClock
from ivr.app.config import load_config
from ivr.app.pruning import KEPT, Due, Pruning, kept_for, prune, prunings
from ivr.cli.acting import AsJson, stop
from ivr.cli.serve import ConfigFile
from ivr.model.errors import OneCallError


def prune_command(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell what would go.")] = False,
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> None:
    """Delete what is older than the configuration keeps it (`retention: {calls: 400}`), a few rows at a time
    while engines run. For every day's cron.

    Nothing goes by default. Never deleted: orders, releases, the coverage of surveys and what proves it,
    cases, opt-outs, wishes, what staff did. Recordings: `ivr recordings prune`.

    Example: ivr db prune --dry-run

    Exit status: 0 done, 2 it cannot be done: why is said.
    """
    try:
        settings = load_config(config)
        found = list(prunings(settings, SystemClock(settings.zone).now()))
        if not dry_run:
            _prune(found)
    except OneCallError as error:
        raise stop("db prune", error) from None
    due = [one.due for one in found]
    if as_json:
        typer.echo(msgspec.json.format(msgspec.json.encode(due), indent=2).decode())
    elif due:
        _print(due, dry_run)
    elif any(kept_for(settings, what) for what in KEPT):
        typer.echo("there is nothing yet")
    else:
        typer.echo(f"everything is kept for ever: see `retention` ({', '.join(KEPT)})")


def _prune(found: list[Pruning]) -> None:
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("deleting", total=sum(one.due.rows for one in found))
        for went in prune(found):
            progress.advance(task, went)


def _print(due: list[Due], dry_run: bool) -> None:
    done = "would go" if dry_run else "deleted"
    table = Table("kept", "days", "before", "rows of", done, box=None, padding=(0, 2, 0, 0))
    for one in due:
        before = f"{one.before:%Y-%m-%d %H:%M}"
        table.add_row(one.what, str(one.days), before, one.table, str(one.rows))
    Console(highlight=False).print(table)
