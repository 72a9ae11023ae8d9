"""`ivr bank unlock|audit|callbacks`: locked accounts, what was done to PINs, and who is to be called."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from ivr.adapters.bank.audit import Callback, Entry, callbacks, entries
from ivr.adapters.bank.embedded import EmbeddedBank
from ivr.adapters.clock import SystemClock
from ivr.cli.matters import DEFAULT, Database
from ivr.model.errors import OneCallError

Zone = Annotated[str, typer.Option(help="The zone of the times shown.")]
AsJson = Annotated[bool, typer.Option("--json", help="For programs.")]
_ZONE = "Asia/Shanghai"


def unlock(
    account: Annotated[str, typer.Argument(help="The account's number, see `ivr bank show`.")],
    by: Annotated[str, typer.Option("--by", help="Who unlocks it: a name, or a login.")],
    reason: Annotated[str, typer.Option("--reason", help="Why, in a few words.")],
    database: Database = DEFAULT,
) -> None:
    """Let an account's PIN, and its customer's second factors, be tried again; `ivr bank audit` tells.

    Example: ivr bank unlock 6222021001 --by "Li Na" --reason "identity card seen at branch 101"

    Exit status: 0 it can be tried, 1 the bank cannot be used, 2 nobody, or no reason, is named.
    """
    try:
        by, reason = by.strip(), reason.strip()
        if not by or not reason:
            typer.echo("say who unlocks it, and why: --by NAME --reason TEXT", err=True)
            raise typer.Exit(2)
        counted = asyncio.run(_unlock(database, account, by, reason))
    except OneCallError as error:
        raise _stop(error) from error
    typer.echo("unlocked" if counted else "nothing was counted against this account")


def audit(database: Database = DEFAULT, zone: Zone = _ZONE, as_json: AsJson = False) -> None:
    """List what was done to PINs and locks, by whom and why. Nothing of it can be changed.

    Example: ivr bank audit --json

    Exit status: 0 listed, 1 the bank cannot be used.
    """
    try:
        _show(entries(_there(database), ZoneInfo(zone)), Entry, as_json=as_json)
    except OneCallError as error:
        raise _stop(error) from error


def promised(database: Database = DEFAULT, zone: Zone = _ZONE, as_json: AsJson = False) -> None:
    """List whom callers were promised a call at the number on file, about which call.

    Example: ivr bank callbacks

    Exit status: 0 listed, 1 the bank cannot be used.
    """
    try:
        _show(callbacks(_there(database), ZoneInfo(zone)), Callback, as_json=as_json)
    except OneCallError as error:
        raise _stop(error) from error


async def _unlock(database: Path, account: str, by: str, reason: str) -> bool:
    bank = await EmbeddedBank.open(database, SystemClock("UTC"))
    try:
        return await bank.unlock(account, by, reason)
    finally:
        await bank.close()


def _there(database: Path) -> Path:
    if not database.exists():
        raise OneCallError(f"bank: there is no database {database}: run `ivr bank seed` first")
    return database


def _show(rows: Sequence[msgspec.Struct], kind: type[msgspec.Struct], *, as_json: bool) -> None:
    if as_json:
        listed = msgspec.to_builtins(rows)
        typer.echo(json.dumps(listed, ensure_ascii=False, indent=2))
        return
    table = Table(*kind.__struct_fields__)
    for row in rows:
        table.add_row(*map(_cell, msgspec.structs.astuple(row)))
    Console(highlight=False).print(table)


def _cell(value: object) -> str:
    return f"{value:%Y-%m-%d %H:%M:%S}" if isinstance(value, datetime) else str(value)


def _stop(error: OneCallError) -> typer.Exit:
    typer.echo(str(error), err=True)
    return typer.Exit(1)
