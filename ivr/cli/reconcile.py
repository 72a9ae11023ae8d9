"""`ivr reconcile`: do the ledger of orders and the bank say the same of a day?"""

from __future__ import annotations

import asyncio
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from ivr.adapters.clock import SystemClock
from ivr.app.config import load_config
from ivr.app.reconciling import Reconciliation
from ivr.app.reconciling import reconcile as compare
from ivr.cli.acting import AsJson, stop
from ivr.cli.period import day
from ivr.cli.serve import ConfigFile
from ivr.model.errors import OneCallError


def reconcile(
    on: Annotated[
        str, typer.Option("--day", help="The business day: today, yesterday, 2026-11-23.")
    ] = "yesterday",
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> None:
    """Compare what the bank has booked on a day with what callers authorised here, both ways.

    Example: ivr reconcile --day today

    Run it each morning for the day before. What is told: booked by the bank and not authorised, or
    rejected, here; posted here and not booked; amounts, fees, references that differ; orders of which
    nobody knows yet. Exit status: 0 both say the same, 1 they do not, 2 one cannot be asked.
    """
    try:
        settings = load_config(config)
        asked = day(on, SystemClock(settings.zone).now().date())
        found = asyncio.run(compare(settings, asked))
    except OneCallError as error:
        raise stop("reconcile", error) from None
    if as_json:
        typer.echo(msgspec.json.format(msgspec.json.encode(found), indent=2).decode())
    else:
        _print(found)
    raise typer.Exit(1 if found.differences else 0)


def _print(found: Reconciliation) -> None:
    console = Console(highlight=False)
    if found.differences:
        table = Table(box=None, padding=(0, 2, 0, 0))
        for heading in ("reference", "what", "why", "order"):
            table.add_column(heading, overflow="fold")
        for one in found.differences:
            table.add_row(one.reference or "–", one.sort.replace("_", " "), one.problem, one.order)
        console.print(table)
    console.print(
        f"{found.day}: {found.posted} posted here, {found.booked} booked by the bank, "
        f"{len(found.differences)} differences"
    )
