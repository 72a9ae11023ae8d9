"""`ivr bank statement|verify`: what was booked on an account, and whether the books are right."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import msgspec
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ivr.adapters.bank.statement import Statement, statement
from ivr.adapters.bank.verify import verify
from ivr.adapters.clock import SystemClock
from ivr.cli.acting import AsJson, stop
from ivr.cli.matters import DEFAULT, Database
from ivr.cli.period import since
from ivr.model.errors import OneCallError
from ivr.model.values import Money

BEGINNING = "1970-01-01"


def statement_command(
    account: Annotated[str, typer.Argument(help="The account's number, see `ivr bank show`.")],
    database: Database = DEFAULT,
    from_day: Annotated[
        str, typer.Option("--since", help="From this day: 7d ago, or a date.")
    ] = BEGINNING,
    to_day: Annotated[str, typer.Option("--until", help="To this day, included.")] = "0m",
    zone: Annotated[str, typer.Option(help="The zone of the times shown.")] = "Asia/Shanghai",
    as_json: AsJson = False,
) -> None:
    """Show what was booked on an account, with the balance after each entry. Internal accounts have
    names: fees, settlement, interest, treasury, billers, fund-house, fund-orders, opening.

    With --json amounts are minor units (fen).

    Example: ivr bank statement 6222021001 --since 7d

    Exit status: 0 shown, 2 it cannot be: what to do is said.
    """
    try:
        now = SystemClock(zone).now()
        first, last = since(from_day, now, zone).date(), since(to_day, now, zone).date()
        found = statement(_there(database), account, first, last, ZoneInfo(zone))
    except OneCallError as error:
        raise stop("bank statement", error) from None
    if as_json:
        typer.echo(msgspec.json.format(msgspec.json.encode(found), indent=2).decode())
    else:
        Console(highlight=False).print(_table(found))


def verify_command(database: Database = DEFAULT, as_json: AsJson = False) -> None:
    """Check the books: every entry comes to zero, every balance is the sum of its entries, no customer
    has less than nothing, and everything posted is booked.

    Example: ivr bank verify

    Exit status: 0 the books are right, 1 they are not: what is wrong is listed, 2 they cannot be read.
    """
    try:
        found = verify(_there(database))
    except OneCallError as error:
        raise stop("bank verify", error) from None
    if as_json:
        typer.echo(msgspec.json.encode(found).decode())
    else:
        for fault in found.faults:
            typer.echo(fault, err=True)
        verdict = f"faults: {len(found.faults)}" if found.faults else "the books balance"
        typer.echo(
            f"{found.entries} entries of {found.postings} postings on {found.accounts} accounts: "
            f"{verdict}"
        )
    raise typer.Exit(1 if found.faults else 0)


def _there(database: Path) -> Path:
    if not database.exists():
        raise OneCallError(f"there is no database {database}: run `ivr bank seed` first")
    return database


def _table(found: Statement) -> Table:
    owner = f" of {found.customer}" if found.customer else ""
    title = f"{found.account}, {found.kind}{owner}, {found.currency}"
    table = Table(title=title, title_justify="left", box=None, padding=(0, 2, 0, 0))
    for heading in ("when", "reference"):
        table.add_column(heading, no_wrap=True)
    table.add_column("what", overflow="fold")
    for heading in ("amount", "balance"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_row("", "", "opening balance", "", _amount(found.opening))
    for line in found.lines:
        what = f"{line.operation.replace('_', ' ')} {line.detail}".rstrip()
        amount = Text(_amount(line.amount), "red" if line.amount < 0 else "green")
        when = f"{line.at:%Y-%m-%d %H:%M:%S}"
        table.add_row(when, line.reference, what, amount, _amount(line.balance))
    return table


def _amount(minor: int) -> str:
    return str(Money(minor)).removesuffix(" CNY")
