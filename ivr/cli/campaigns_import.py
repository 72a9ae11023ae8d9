"""`ivr campaigns import`: a list of whom to call."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.progress import Progress

from ivr.app.campaigns.opened import Opened, opened_campaigns
from ivr.app.ledger import who
from ivr.centre.campaigns.lists import Again, HeadError, Wrong, read_list
from ivr.cli.acting import As, AsJson, stop
from ivr.cli.campaigns_asking import COMMAND, acting, known
from ivr.cli.serve import ConfigFile
from ivr.model.campaigns import CampaignDocument
from ivr.ports.campaigns import Listed

SHOWN = 20
"""Wrong lines that are shown; all of them are written to the file of rejected lines."""


class Read(msgspec.Struct):
    """What a list says, sorted."""

    good: list[Listed] = []
    wrong: list[Wrong] = []
    again: list[Again] = []


def import_command(
    campaign: Annotated[str, typer.Argument(help="The campaign, see flows/campaigns.")],
    file: Annotated[Path, typer.Argument(help="The list, CSV in UTF-8 with a line of columns.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only look at it.")] = False,
    partly: Annotated[
        bool,
        typer.Option("--partly", help="Take the good lines; wrong ones go to FILE.rejected.csv."),
    ] = False,
    as_json: AsJson = False,
    by: As = None,
    config: ConfigFile = None,
) -> None:
    """Add whom a list names to a campaign. Columns: number, and any of customer, language, zone, amount,
    reference, consent. A number that the campaign is about to call already stays as it is.

    If any line is wrong nothing is taken, unless `--partly` is said. Sales lists wait until somebody has
    looked at them: `ivr campaigns approve`.

    Example: ivr campaigns import reminders due.csv --dry-run

    Exit status: 0 taken (or would be), 1 lines are wrong, 2 the file or the campaign cannot be used.
    """

    async def work(opened: Opened) -> None:
        document = known(opened, campaign)
        read = _read(file, document, opened)
        taken = (partly or not read.wrong) and not dry_run
        told: dict[str, object] = {
            "good": len(read.good), "again": len(read.again),
            "wrong": [{"line": one.line, "why": one.why} for one in read.wrong],
        }  # fmt: skip
        if taken:
            telephone = opened.numbers.telephone
            done = await opened.store.take_in(document, read.good, telephone, who(by))
            told |= {"added": done.added, "known": done.known}
        if read.wrong and partly and not dry_run:
            told["rejected"] = str(_reject(file, read.wrong))
        _tell(told, read, file, as_json, taken)
        if read.wrong:
            raise typer.Exit(1)

    acting(config, work, opened_campaigns)


def _read(file: Path, document: CampaignDocument, opened: Opened) -> Read:
    read, console = Read(), Console(stderr=True)
    try:
        size = file.stat().st_size
        with (
            file.open(encoding="utf-8", newline="") as lines,
            Progress(console=console, transient=True, disable=not console.is_terminal) as bar,
        ):
            task = bar.add_task(file.name, total=size)

            def advancing() -> Iterator[str]:
                for line in lines:
                    bar.advance(task, len(line.encode()))
                    yield line

            for one in read_list(advancing(), document, opened.numbers):
                match one:
                    case Listed():
                        read.good.append(one)
                    case Wrong():
                        read.wrong.append(one)
                    case Again():
                        read.again.append(one)
    except HeadError as error:
        raise stop(COMMAND, f"{file}:1: {error}") from None
    except UnicodeDecodeError:
        raise stop(COMMAND, f"{file}: not UTF-8; save it as UTF-8") from None
    except OSError as error:
        raise stop(COMMAND, f"{file}: {error.strerror}; name a file that can be read") from None
    return read


def _reject(file: Path, wrong: list[Wrong]) -> Path:
    rejected = file.with_suffix(".rejected.csv")
    try:
        with rejected.open("w", encoding="utf-8", newline="") as out:
            writer = csv.writer(out)
            writer.writerow(["line", "why", "text"])
            writer.writerows((one.line, one.why, one.text) for one in wrong)
    except OSError as error:
        raise stop(COMMAND, f"{rejected}: {error.strerror}; the good lines are taken") from None
    return rejected


def _tell(told: dict[str, object], read: Read, file: Path, as_json: bool, taken: bool) -> None:
    if as_json:
        typer.echo(msgspec.json.encode(told).decode())
        return
    for one in read.wrong[:SHOWN]:
        typer.echo(f"{file}:{one.line}: {one.why}", err=True)
    if len(read.wrong) > SHOWN:
        typer.echo(f"… and {len(read.wrong) - SHOWN} lines more", err=True)
    for again in read.again[:SHOWN]:
        typer.echo(
            f"{file}:{again.line}: the number of line {again.first} again: left out", err=True
        )
    counts = f"{len(read.good)} good, {len(read.wrong)} wrong, {len(read.again)} again"
    if taken:
        typer.echo(f"{counts}; {told['added']} added, {told['known']} on the list already")
        if "rejected" in told:
            typer.echo(f"the wrong lines are in {told['rejected']}")
    else:
        typer.echo(f"{counts}; nothing was taken")
