"""`ivr recordings`: recorded conversations, for supervisors."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, TypeVar

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from ivr.adapters.clock import SystemClock
from ivr.app.config import Config, load_config
from ivr.app.ledger import who
from ivr.app.recordings import Recording, admitted, due, path_of, prune, recordings
from ivr.app.staff import staff_of
from ivr.cli.acting import AsJson, Why, reason, stop
from ivr.cli.serve import ConfigFile
from ivr.cli.told import told
from ivr.model.errors import OneCallError

T = TypeVar("T")

app = typer.Typer(no_args_is_help=True, help="Recorded conversations, for supervisors.")

Supervisor = Annotated[str, typer.Option("--as", help="Your name in `ivr staff`.")]


@app.command("list")
def list_command(
    message: Why,
    by: Supervisor,
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> None:
    """List what was recorded, with whom, and until when it is kept.

    Example: ivr recordings list --as grace.liu -m "complaint 20261123-4"

    Exit status: 0 listed, 2 you are no supervisor, or it cannot be read.
    """
    made = _done("recordings.list", "", message, by, config, recordings)
    if as_json:
        typer.echo(msgspec.json.format(msgspec.json.encode(made), indent=2).decode())
    else:
        Console(highlight=False).print(_table(made))


@app.command("path")
@told
def path_command(
    file: Annotated[str, typer.Argument(help="The recording, see `ivr recordings list`.")],
    message: Why,
    by: Supervisor,
    config: ConfigFile = None,
) -> None:
    """Print where a recording is, to be played.

    Example: ivr recordings path 1764000000.12-1001.wav --as grace.liu -m "complaint 20261123-4"

    Exit status: 0 printed, 2 you are no supervisor, or there is none.
    """
    found = _done("recordings.path", file, message, by, config, lambda one: path_of(one, file))
    typer.echo(str(found))


@app.command("prune")
@told
def prune_command(
    message: Why,
    by: Supervisor,
    config: ConfigFile = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell what would go.")] = False,
) -> None:
    """Delete the recordings whose time is over (`recording: {keep_days: 90}` of their queue). For every day's
    cron.

    Example: ivr recordings prune --as admin -m "retention"

    Exit status: 0 done, 2 you are no supervisor, or it cannot be done.
    """

    def pruning(settings: Config) -> list[Path]:
        files = due(settings, SystemClock(settings.zone).now())
        if not dry_run:
            prune(files)
        return files

    files = _done("recordings.prune", "", message, by, config, pruning)
    for file in files:
        typer.echo(file.name)
    typer.echo(f"{len(files)} {'would go' if dry_run else 'deleted'}")


def _done(
    what: str,
    about: str,
    message: str,
    by: str,
    file: Path | None,
    work: Callable[[Config], T],
) -> T:
    """Do something for a supervisor, written down; end with a line about what is wrong."""
    try:
        config = load_config(file)
        why = f"{who()}: {reason(message)}"

        async def admitting() -> None:
            async with staff_of(config, SystemClock(config.zone)) as staff:
                await admitted(staff, by, what, about, why)

        asyncio.run(admitting())
        return work(config)
    except OneCallError as error:
        raise stop("recordings", error) from None
    except OSError as error:
        raise stop("recordings", f"{error.filename}: {error.strerror}") from None


def _table(made: list[Recording]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0))
    for heading in ("file", "when", "queue", "agent", "kept until", "KiB"):
        table.add_column(heading)
    for one in made:
        size = "gone" if one.bytes is None else str(one.bytes // 1024)
        when, until = f"{one.at:%Y-%m-%d %H:%M:%S}", f"{one.until:%Y-%m-%d}"
        table.add_row(one.file, when, one.queue, one.agent, until, size)
    return table
