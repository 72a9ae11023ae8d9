"""`ivr bank`: the embedded demo bank."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from ivr.adapters.bank.demo import ACCOUNTS, CUSTOMERS, PHONES, DemoAccount
from ivr.adapters.bank.demo_access import ACCESS
from ivr.adapters.bank.embedded import EmbeddedBank
from ivr.adapters.bank.statement import bills, listed
from ivr.adapters.clock import SystemClock
from ivr.adapters.knowledge.demo import BRANCHES
from ivr.app.demo import seed
from ivr.cli import books, locks, matters
from ivr.cli.matters import DEFAULT, Database
from ivr.cli.told import told
from ivr.model.errors import OneCallError
from ivr.ports.identity import Customer

app = typer.Typer(no_args_is_help=True, help="The embedded demo bank.")
app.add_typer(matters.app, name="matter")
app.command("statement")(books.statement_command)
app.command("verify")(books.verify_command)
app.command("unlock")(told(locks.unlock))
app.command("audit")(locks.audit)
app.command("callbacks")(locks.promised)


@app.command("seed")
@told
def seed_command(database: Database = DEFAULT) -> None:
    """Put the demo customers and accounts into the bank, branches and fees into a file beside it
    (knowledge.sqlite); what is there stays.

    Example: ivr bank seed

    Exit status: 0 they are there, 1 the bank cannot be used.
    """
    try:
        added = seed(database)
    except OneCallError as error:
        raise _stop(error) from error
    typer.echo(f"{database}: {added} accounts added, {len(ACCOUNTS)} demo accounts in all")


@app.command("show")
def show_command(
    database: Database = DEFAULT,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Show the demo accounts with their public PINs, what the bank says of their owners now, all they
    hold, and the bills that can be paid.

    Example: ivr bank show --json

    Exit status: 0 shown, 1 the bank cannot be used.
    """
    try:
        if not database.exists():
            raise OneCallError(f"bank: there is no database {database}: run `ivr bank seed` first")
        rows, customers = asyncio.run(_rows(database))
        held = [_texts(one) for one in listed(database)]
        due = [_texts(one) for one in bills(database)]
    except OneCallError as error:
        raise _stop(error) from error
    if as_json:
        branches = [{"number": one.number, "name": one.name} for one in BRANCHES]
        everything = {
            "accounts": rows,
            "customers": customers,
            "books": held,
            "bills": due,
            "branches": branches,
        }
        typer.echo(json.dumps(everything, ensure_ascii=False))
        return
    console = Console()
    for shown in (rows, customers, held, due):
        table = Table(*(name.replace("_", " ") for name in shown[0]))
        for row in shown:
            table.add_row(*row.values())
        console.print(table)
    console.print("branches: " + ", ".join(f"{one.number} {one.name}" for one in BRANCHES))


async def _rows(database: Path) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    clock = SystemClock("UTC")
    bank = await EmbeddedBank.open(database, clock)
    try:
        accounts = [await _account(bank, account) for account in ACCOUNTS]
        return accounts, [await _customer(bank, one, clock) for one in CUSTOMERS]
    finally:
        await bank.close()


async def _account(bank: EmbeddedBank, account: DemoAccount) -> dict[str, str]:
    owner = next(one for one in CUSTOMERS if one.number == account.customer)
    balance = await bank.balance(account.number)
    return {
        "account": account.number,
        "pin": account.pin,
        "balance": str(balance),
        "customer": owner.name,
        "segment": owner.segment,
        "language": owner.language,
    }


async def _customer(bank: EmbeddedBank, customer: Customer, clock: SystemClock) -> dict[str, str]:
    now = clock.now()
    matters = await bank.matters(customer.number, now)
    access = next(one for one in ACCESS if one.customer == customer.number)
    hours = [(one, (now - one.opened_at).total_seconds() / 3600) for one in matters]
    return {
        "number": customer.number,
        "name": customer.name,
        "calls_from": ", ".join(phone for phone, owner in PHONES if owner == customer.number),
        "telephone_code": access.code,
        "card": access.card,
        "holds": ", ".join(await bank.products(customer.number)),
        "open_matters": ", ".join(f"{one.id} {one.kind} {age:.0f} h" for one, age in hours),
    }


def _texts(row: msgspec.Struct) -> dict[str, str]:
    """Return a row's fields as they are shown."""
    return {
        name: ("yes" if value else "no") if isinstance(value, bool) else str(value)
        for name, value in msgspec.structs.asdict(row).items()
    }


def _stop(error: OneCallError) -> typer.Exit:
    typer.echo(str(error), err=True)
    return typer.Exit(1)
