"""`ivr releases`: what was published, by whom and why, and what is in force."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

import msgspec
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ivr.app.config import Config, load_config
from ivr.app.ledger import Ledger, ReleaseError, open_ledger
from ivr.centre.releases import Entry, Fault, Gate, State, faults
from ivr.centre.releases.kinds.publishing import Publishing
from ivr.cli.acting import AsJson, stop
from ivr.cli.serve import ConfigFile
from ivr.model.errors import OneCallError

NOTHING = "nothing is published yet; run `ivr publish`"


class Line(msgspec.Struct, frozen=True):
    """An entry as it is listed: what brought flows has a `version`; `state` is what became of it."""

    number: int
    at: datetime
    who: str
    why: str
    what: str
    version: str
    gates: tuple[Gate, ...]
    forced: bool
    state: str
    hash: str


def releases(
    verify: Annotated[
        bool, typer.Option("--verify", help="Check every entry's hash, and all flows kept.")
    ] = False,
    last: Annotated[int, typer.Option("--last", "-n", min=0, help="Entries to list; 0: all.")] = 20,
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> None:
    """List the ledger: publishing, rollbacks, schedules and overrides, and what is in force now.

    Example: ivr releases --verify

    Exit status: 0 all is well, 1 an entry or its flows were changed or damaged, 2 there is nothing
    to list.
    """
    try:
        settings = load_config(config)
        if verify:
            raise typer.Exit(asyncio.run(_verify(settings)))
        lines = asyncio.run(_lines(settings))
    except OneCallError as error:
        raise stop("releases", error) from None
    lines = lines[-last:] if last else lines
    if as_json:
        typer.echo(msgspec.json.format(msgspec.json.encode(lines), indent=2).decode())
    else:
        Console(highlight=False).print(_table(lines, ZoneInfo(settings.zone)))


async def _lines(config: Config) -> list[Line]:
    async with open_ledger(config) as ledger:
        entries, state = await ledger.entries(), await ledger.state()
    if not entries:
        raise ReleaseError(NOTHING)
    return [_line(entry, state) for entry in entries]


def _line(entry: Entry, state: State) -> Line:
    act = entry.act
    brought = act if isinstance(act, Publishing) else None
    return Line(
        entry.number,
        entry.at,
        entry.who,
        entry.why,
        act.words,
        brought.version if brought else "",
        brought.gates if brought else (),
        brought.forced if brought else False,
        _standing(entry.number, state),
        entry.hash,
    )


def _standing(number: int, state: State) -> str:
    if state.in_force and number == state.in_force.number:
        return "in force"
    if any(number == one.release.number for one in state.scheduled):
        return "scheduled"
    if state.canary and number == state.canary.number:
        return f"canary {100 * state.canary.share:g} %"
    return ""


def _table(lines: list[Line], zone: ZoneInfo) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0))
    for heading in ("N", "when, who", "what, why", "version, gates", "state"):
        table.add_column(heading, overflow="fold")
    for line in lines:
        when = line.at.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")
        style = {"in force": "bold green", "scheduled": "cyan"}.get(line.state, "")
        cells = [(when, line.who), (line.what, line.why), (line.version[:12], _gates(line))]
        texts = (Text(f"{first}\n{second}") for first, second in cells)
        table.add_row(str(line.number), *texts, line.state, style=style)
    return table


def _gates(line: Line) -> str:
    failed = [gate.name for gate in line.gates if not gate.passed]
    if line.forced:
        return f"forced over {', '.join(failed)}"
    return ", ".join(gate.name for gate in line.gates)


async def _verify(config: Config) -> int:
    """Check the chain and the flows kept; print what is wrong, and return the exit status."""
    async with open_ledger(config) as ledger:
        sealed = await ledger.sealed()
        if not sealed:
            raise ReleaseError(NOTHING)
        broken = faults(sealed)
        found = broken or await _damaged(ledger)
    for fault in found:
        typer.echo(str(fault), err=True)
    if broken:
        typer.echo(
            "engines answer calls on what nobody touched; restore the store from a backup", err=True
        )
    if not found:
        typer.echo(f"{len(sealed)} entries, each as it was written; the last hash is")
        typer.echo(sealed[-1].hash)
        typer.echo(
            "keep it elsewhere: it shows later that nothing before it was changed or cut off"
        )
    return 1 if found else 0


async def _damaged(ledger: Ledger) -> list[Fault]:
    found: list[Fault] = []
    for entry in await ledger.entries():
        if isinstance(entry.act, Publishing):
            try:
                await ledger.flows_of(entry.act.version)
            except ReleaseError as error:
                found.append(Fault(entry.number, str(error)))
    return found
