"""`ivr db`: what the hotline keeps: copied and put back, upgraded, and pruned."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import msgspec
import typer

from ivr.adapters.clock import SystemClock
from ivr.app import backup as backups
from ivr.app.config import load_config
from ivr.cli.acting import AsJson, stop
from ivr.cli.db_copy import copy_command
from ivr.cli.db_progress import shown
from ivr.cli.db_prune import prune_command
from ivr.cli.db_upgrade import upgrade_command
from ivr.cli.reload import running_engines
from ivr.cli.serve import ConfigFile
from ivr.cli.told import told
from ivr.model.errors import OneCallError

app = typer.Typer(
    no_args_is_help=True,
    help="The hotline's databases: backups, upgrades, and what is too old to keep.",
)

Folder = Annotated[Path, typer.Argument(help="The folder of a backup.")]


@app.command()
def backup(
    to: Annotated[Path, typer.Argument(help="A folder that is not there yet.")],
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> None:
    """Copy every database of the hotline, each at one moment, while engines run and calls go on: SQLite
    files, and what is in PostgreSQL by pg_dump.

    Not in it: secrets (their names are told: keep them elsewhere), and recordings.

    Example: ivr db backup /backup/onecall-2026-11-23

    Exit status: 0 copied, 2 it could not be: what to do is said.
    """
    try:
        settings = load_config(config)
        now = SystemClock(settings.zone).now()
        count = len(backups.sources(settings))
        copies = list(shown(backups.take(settings, to, now), count, "copying"))
        taken = backups.read(to)
    except OneCallError as error:
        raise stop("db backup", error) from None
    if as_json:
        typer.echo(msgspec.json.format(msgspec.json.encode(taken), indent=2).decode())
        return
    size = sum(one.size for one in copies) / 1e6
    typer.echo(f"{len(copies)} databases, {size:.1f} MB, in {to}")
    for secret in taken.secrets:
        typer.echo(f"not copied, keep it elsewhere: {secret}")


@app.command()
def check(folder: Folder, as_json: AsJson = False) -> None:
    """Read a whole backup: is every file as it was copied, and a sound database?

    Example: ivr db check /backup/onecall-2026-11-23

    Exit status: 0 it is, 1 something is not, 2 it is no backup.
    """
    try:
        count = len(backups.read(folder).files)
        found = list(shown(backups.check(folder), count, "reading"))
    except OneCallError as error:
        raise stop("db check", error) from None
    if as_json:
        told = [{"name": copy.name, "problem": problem} for copy, problem in found]
        typer.echo(msgspec.json.format(msgspec.json.encode(told), indent=2).decode())
    wrong = [(copy, problem) for copy, problem in found if problem]
    for copy, problem in () if as_json else wrong:
        typer.echo(f"{folder / copy.name}: {problem}")
    if wrong:
        raise typer.Exit(1)
    if not as_json:
        typer.echo(f"{len(found)} databases, all as they were copied")


@app.command()
@told
def restore(folder: Folder, config: ConfigFile = None) -> None:
    """Put a backup back. What is there now is kept in a folder beside it, named before-restore-….

    Stop the engines first, of all nodes. A damaged backup changes nothing.

    Example: ivr db restore /backup/onecall-2026-11-23

    Exit status: 0 put back, 1 an engine runs, 2 it could not be: what to do is said.
    """
    try:
        settings = load_config(config)
        if engines := list(running_engines(settings.state)):
            named = ", ".join(map(str, engines))
            raise stop("db restore", f"an engine runs (process {named}): stop it first", 1)
        if users := backups.in_use(settings):
            problem = (
                f"engines, desks or commands at {', '.join(users)} use the database: stop them"
            )
            raise stop("db restore", problem, 1)
        now = SystemClock(settings.zone).now()
        count = len(backups.read(folder).files)
        back = list(shown(backups.restore(settings, folder, now), count, "putting back"))
    except OneCallError as error:
        raise stop("db restore", error) from None
    for copy, place in back:
        typer.echo(f"{copy.name}: {place}")


app.command("copy")(copy_command)
app.command("upgrade")(upgrade_command)
app.command("prune")(prune_command)
