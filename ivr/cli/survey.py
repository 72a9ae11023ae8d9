"""`ivr survey`: who was asked about the service, who was not and why, and the proof of both."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import Annotated, TypeVar
from zoneinfo import ZoneInfo

import msgspec
import typer
from rich.console import Console
from rich.progress import Progress as Bar
from rich.table import Table

from ivr.adapters.clock import SystemClock
from ivr.adapters.store.covered import BEGINNING
from ivr.adapters.store.database import DatabaseStore
from ivr.app.config import Config, load_config
from ivr.app.ledger import open_store, who
from ivr.app.surveys.desk import ANSWERED_WITHIN
from ivr.app.surveys.verifying import Proof, Verdict
from ivr.cli.acting import As, AsJson, stop
from ivr.cli.period import since as back_to
from ivr.cli.serve import ConfigFile
from ivr.cli.told import told
from ivr.model.errors import OneCallError
from ivr.ports.coverage import Asked, CoverageRow
from ivr.ports.offers import Offer

T = TypeVar("T")

app = typer.Typer(
    no_args_is_help=True,
    help="Who is asked about the service: the coverage ledger, its proof, offers, opt-outs.",
)

From = Annotated[
    str | None,
    typer.Option("--from", "--since", help="Calls that ended from 1h ago, or a time, on."),
]
Until = Annotated[
    str | None, typer.Option("--until", help="Calls that ended until 1h ago, or a time.")
]
_TELEPHONE = re.compile(r"\+?[0-9]{3,20}")
_CUSTOMER = re.compile(r"[A-Za-z0-9_-]{1,64}")
Customer = Annotated[
    bool, typer.Option("--customer", help="The number is a customer's, not a telephone's.")
]


@app.command("verify")
def verify_command(
    begins: From = None, until: Until = None, as_json: AsJson = False, config: ConfigFile = None
) -> None:
    """Prove the coverage ledger: its chain from the first row, that every call that has ended has exactly
    one row, and that each row says what the events of its call, the opt-outs and the rules of its flows
    come to. The first broken row is shown.

    The last row's hash is printed: kept elsewhere every day, it proves that nobody wrote the ledger anew
    (docs/coverage.md).

    Example: ivr survey verify --from 7d

    Exit status: 0 all is proven, 1 a row is broken or missing, 2 the ledger cannot be read.
    """
    settings = _config("verify", config)

    async def proven(store: DatabaseStore) -> Verdict:
        first, last = _period(settings, begins, until)
        console = Console(stderr=True)
        with Bar(console=console, transient=True, disable=not console.is_terminal) as bar:
            task = bar.add_task("rows", total=await store.coverage.count())
            proof = Proof(store, first or BEGINNING, last)
            return await proof.verdict(lambda row: bar.update(task, completed=row))

    verdict = _done("verify", settings, proven)
    if as_json:
        typer.echo(msgspec.json.format(msgspec.json.encode(verdict), indent=2).decode())
    elif verdict.fault is not None:
        fault = verdict.fault
        named = f"row {fault.number}" if fault.number else "no row"
        call = f", call {fault.call_id}" if fault.call_id else ""
        typer.echo(f"ivr survey verify: {named}{call}: {fault.what}", err=True)
    else:
        typer.echo(
            f"{verdict.rows} rows, {verdict.compared} compared with their calls: "
            f"every call that has ended has its one row\nlast row: {verdict.last}"
        )
    raise typer.Exit(0 if verdict.fault is None else 1)


@app.command("show")
def show_command(
    call: Annotated[str, typer.Argument(help="A call's id; left out: the latest rows.")] = "",
    begins: From = None,
    until: Until = None,
    last: Annotated[int, typer.Option("--last", "-n", min=0, help="Rows at most; 0: all.")] = 20,
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> None:
    """Show rows of the coverage ledger, the newest last, with what came of asking.

    Example: ivr survey show --from 1h

    Exit status: 0 shown, 1 there is none, 2 the ledger cannot be read.
    """
    settings = _config("show", config)

    async def found(store: DatabaseStore) -> list[tuple[CoverageRow, Asked]]:
        if call:
            row = await store.coverage.row(call)
            rows = [row] if row is not None else []
        else:
            first, end = _period(settings, begins, until)
            rows = [one async for one in store.coverage.rows(first or BEGINNING, end)]
            rows = rows[-last:] if last else rows
        book = store.coverage
        return [(one, await book.asked_about(one.call_id, one.survey)) for one in rows]

    shown = _done("show", settings, found)
    if as_json:
        listed = [{"row": one, "asked": came} for one, came in shown]
        typer.echo(msgspec.json.format(msgspec.json.encode(listed), indent=2).decode())
    elif shown:
        Console(highlight=False).print(_rows(shown, ZoneInfo(settings.zone)))
    else:
        typer.echo("no such call has ended" if call else "no calls have ended", err=True)
    raise typer.Exit(0 if shown else 1)


@app.command("pending")
def pending_command(as_json: AsJson = False, config: ConfigFile = None) -> None:
    """Show who is still to be asked, or was and has not answered, the oldest first.

    Example: ivr survey pending

    Exit status: 0 shown, 2 the ledger cannot be read.
    """
    settings = _config("pending", config)
    now = SystemClock(settings.zone).now()

    async def found(store: DatabaseStore) -> tuple[Offer, ...]:
        return await store.offers.pending(now - ANSWERED_WITHIN)

    offers = _done("pending", settings, found)
    if as_json:
        typer.echo(msgspec.json.format(msgspec.json.encode(offers), indent=2).decode())
    elif offers:
        Console(highlight=False).print(_offers(offers, ZoneInfo(settings.zone)))
    else:
        typer.echo("nobody is waited for")


@app.command("opt-out")
@told
def opt_out_command(
    number: Annotated[str, typer.Argument(help="Who wants not to be asked.")],
    customer: Customer = False,
    by: As = None,
    config: ConfigFile = None,
) -> None:
    """Never ask a caller again, in any way. What they were offered and not told of is called off.

    Example: ivr survey opt-out 13800001111

    Exit status: 0 noted, 2 it cannot be.
    """
    _wish("opt-out", number, customer, True, by, config)
    typer.echo(f"{number} is not asked any more")


@app.command("opt-in")
@told
def opt_in_command(
    number: Annotated[str, typer.Argument(help="Who may be asked again.")],
    customer: Customer = False,
    by: As = None,
    config: ConfigFile = None,
) -> None:
    """Take an opt-out back.

    Example: ivr survey opt-in C1001 --customer

    Exit status: 0 noted, 2 it cannot be.
    """
    _wish("opt-in", number, customer, False, by, config)
    typer.echo(f"{number} may be asked again")


def _wish(
    command: str, number: str, customer: bool, out: bool, by: str | None, config: Path | None
) -> None:
    if customer and _CUSTOMER.fullmatch(number) is None:
        raise stop(f"survey {command}", f"`{number}` is no customer's number; write one like C1001")
    if not customer and _TELEPHONE.fullmatch(number) is None:
        hint = "write digits, like 13800001111; a customer's number wants --customer"
        raise stop(f"survey {command}", f"`{number}` is no telephone's number: {hint}")
    caller = ("", number) if customer else (number, "")

    async def noted(store: DatabaseStore) -> None:
        await store.offers.wish(*caller, out=out, who=who(by))

    _done(command, _config(command, config), noted)


def _config(command: str, file: Path | None) -> Config:
    try:
        return load_config(file)
    except OneCallError as error:
        raise stop(f"survey {command}", error) from None


def _done(command: str, config: Config, work: Callable[[DatabaseStore], Awaitable[T]]) -> T:
    async def doing() -> T:
        async with open_store(config) as store:
            return await work(store)

    try:
        return asyncio.run(doing())
    except OneCallError as error:
        raise stop(f"survey {command}", error) from None


def _period(
    config: Config, begins: str | None, until: str | None
) -> tuple[datetime | None, datetime | None]:
    now = SystemClock(config.zone).now()
    first = back_to(begins, now, config.zone) if begins else None
    return first, back_to(until, now, config.zone) if until else None


def _rows(shown: list[tuple[CoverageRow, Asked]], zone: ZoneInfo) -> Table:
    table = Table("row", "ended", "call", "from", "agents", "hung up", "asked", "answers", box=None)
    for row, came in shown:
        asked = row.reason if row.reason else f"[green]{row.how.value}[/green] {row.survey}"
        progress = came.progress.value if came.progress else came.how
        answers = " ".join(f"{name}={answer or '-'}" for name, answer in came.answers.items())
        table.add_row(
            str(row.number),
            f"{row.ended_at.astimezone(zone):%m-%d %H:%M:%S}",
            row.call_id,
            row.ani or "withheld",
            " ".join(leg.agent for leg in row.legs),
            row.ended,
            asked,
            f"{progress} {answers}".strip(),
        )
    return table


def _offers(offers: tuple[Offer, ...], zone: ZoneInfo) -> Table:
    table = Table("about", "survey", "by", "to", "since", "not before", "until", "", box=None)
    for one in offers:
        made, begins, ends = (
            f"{at.astimezone(zone):%m-%d %H:%M}"
            for at in (one.made_at, one.not_before, one.not_after)
        )
        to = one.customer if one.how == "message" else one.ani
        table.add_row(one.about, one.survey, one.how, to, made, begins, ends, one.progress)
    return table
