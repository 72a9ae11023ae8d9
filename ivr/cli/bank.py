"""`ivr bank`: the embedded demo bank."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from ivr.adapters.bank.demo import ACCOUNTS, BRANCHES, CUSTOMERS, DemoAccount, seed
from ivr.adapters.bank.embedded import EmbeddedBank
from ivr.adapters.clock import SystemClock
from ivr.model.errors import OneCallError

app = typer.Typer(no_args_is_help=True, help="The embedded demo bank.")

Database = Annotated[
    Path, typer.Option("--database", "-d", envvar="IVR_BANK", help="The bank's SQLite file.")
]
DEFAULT = Path("var/bank.sqlite")


@app.command("seed")
def seed_command(database: Database = DEFAULT) -> None:
    """Put the demo customers, accounts and branches into the bank; what is there stays."""
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
    """Show the demo accounts with their public PINs and what the bank says of them now."""
    try:
        if not database.exists():
            raise OneCallError(f"bank: there is no database {database}: run `ivr bank seed` first")
        rows = asyncio.run(_rows(database))
    except OneCallError as error:
        raise _stop(error) from error
    if as_json:
        branches = [{"number": one.number, "name": one.name} for one in BRANCHES]
        typer.echo(json.dumps({"accounts": rows, "branches": branches}, ensure_ascii=False))
        return
    table = Table("account", "PIN", "balance", "customer", "segment", "language")
    for row in rows:
        table.add_row(*row.values())
    console = Console()
    console.print(table)
    console.print("branches: " + ", ".join(f"{one.number} {one.name}" for one in BRANCHES))


@app.command("unlock")
def unlock_command(account: str, database: Database = DEFAULT) -> None:
    """Let an account's PIN be tried again after five wrong ones."""
    try:
        counted = asyncio.run(_unlock(database, account))
    except OneCallError as error:
        raise _stop(error) from error
    typer.echo("unlocked" if counted else "nothing was counted against this account")


async def _rows(database: Path) -> list[dict[str, str]]:
    bank = await EmbeddedBank.open(database, SystemClock("UTC"))
    try:
        return [await _row(bank, account) for account in ACCOUNTS]
    finally:
        await bank.close()


async def _row(bank: EmbeddedBank, account: DemoAccount) -> dict[str, str]:
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


async def _unlock(database: Path, account: str) -> bool:
    bank = await EmbeddedBank.open(database, SystemClock("UTC"))
    try:
        return await bank.unlock(account)
    finally:
        await bank.close()


def _stop(error: OneCallError) -> typer.Exit:
    typer.echo(str(error), err=True)
    return typer.Exit(1)
