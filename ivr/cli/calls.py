"""`ivr calls`: find calls."""

from __future__ import annotations

import asyncio
import enum
import json
from datetime import datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

import msgspec
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ivr.adapters.clock import SystemClock
from ivr.app.config import Config, load_config
from ivr.app.ledger import open_ledger
from ivr.cli.period import since as back_to
from ivr.cli.serve import ConfigFile
from ivr.model.errors import OneCallError
from ivr.ports.store import CallFilter, CallRecord

_WIDE = 120
"""Columns of a table that no terminal shows: its lines are for grep."""


class Outcome(enum.StrEnum):
    """How a call went, beside the reason it ended with."""

    ZERO_OUT = "zero-out"
    FAILED = "failed"
    ABANDONED = "abandoned"
    CONTAINED = "contained"

    @property
    def flag(self) -> str:
        """The flag of a CallRecord."""
        return self.value.replace("-", "_")


def calls(
    since: Annotated[
        str | None, typer.Option("--since", "--from", help="From 1h, 7d, or a date and time on.")
    ] = None,
    until: Annotated[
        str | None, typer.Option("--until", "--to", help="Until 1h ago, or a date and time.")
    ] = None,
    number: Annotated[str, typer.Option(help="The caller's number, or the one dialled.")] = "",
    reason: Annotated[str, typer.Option(help="The reason it ended with: completed, caller …")] = "",
    outcome: Annotated[Outcome | None, typer.Option(help="How it went.")] = None,
    step: Annotated[str, typer.Option(help="A step it came through: main.agent.")] = "",
    version: Annotated[str, typer.Option(help="The flows' version, or its beginning.")] = "",
    language: Annotated[str, typer.Option(help="The language it ended in.")] = "",
    last: Annotated[int, typer.Option(min=0, help="How many at most, the newest; 0 for all.")] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
    config: ConfigFile = None,
) -> None:
    """List calls, the newest first.

    Example: ivr calls --since 24h --outcome abandoned

    Zero-out: a person was asked for. Failed: a step failed. Abandoned: hung up in a queue before
    a person answered. Contained: over with neither of the first two. Exit status: 0 some were found, 1 none, 2
    nothing could be read.
    """
    try:
        settings = load_config(config)
        now = SystemClock(settings.zone).now()
        wanted = CallFilter(
            since=back_to(since, now, settings.zone) if since else None,
            until=back_to(until, now, settings.zone) if until else None,
            number=number,
            reason=reason,
            step=step,
            version=version,
            language=language,
            outcome=outcome.flag if outcome is not None else "",
            last=last,
        )
        found = asyncio.run(_found(settings, wanted))
    except OneCallError as error:
        typer.echo(f"ivr calls: {error}", err=True)
        raise typer.Exit(2) from None
    if as_json:
        listed = [msgspec.to_builtins(call) for call in found]
        typer.echo(json.dumps(listed, ensure_ascii=False, indent=2))
    elif found:
        console = Console(highlight=False)
        if not console.is_terminal:
            console.width = _WIDE
        lost_before = now - timedelta(milliseconds=settings.limits.call)
        console.print(_table(found, ZoneInfo(settings.zone), lost_before))
    else:
        typer.echo("no such calls", err=True)
    raise typer.Exit(0 if found else 1)


async def _found(config: Config, wanted: CallFilter) -> list[CallRecord]:
    async with open_ledger(config) as ledger:
        return [call async for call in ledger.store.calls(wanted)]


def _table(found: list[CallRecord], zone: ZoneInfo, lost_before: datetime) -> Table:
    table = Table("began", "call", "from", "to", "lasted", "", "version", "ended", "", box=None)
    for call in found:
        table.add_row(
            f"{call.started.astimezone(zone):%m-%d %H:%M:%S}",
            call.call_id,
            call.ani or "withheld",
            call.dnis,
            _lasted(call.started, call.ended),
            call.language,
            call.version[:8],
            call.reason or ("lost" if call.started < lost_before else "goes on"),
            _flags(call),
        )
    return table


def _lasted(started: datetime, ended: datetime | None) -> str:
    if ended is None:
        return ""
    return str(timedelta(seconds=round((ended - started).total_seconds())))


def _flags(call: CallRecord) -> Text:
    colours = {"failed": "bold red", "abandoned": "red", "zero-out": "yellow", "contained": "green"}
    named = Text()
    for outcome in Outcome:
        if getattr(call, outcome.flag):
            named.append(f"{outcome} ", colours[outcome])
    return named
