"""`ivr bank matter`: what is open between the demo's customers and the bank."""

from __future__ import annotations

import re
import secrets
from pathlib import Path
from typing import Annotated

import typer

from ivr.adapters.bank.matters import close_matter, open_matter
from ivr.adapters.clock import SystemClock
from ivr.cli.period import since
from ivr.cli.told import told
from ivr.model.errors import OneCallError
from ivr.model.values import Money
from ivr.ports.bank import Matter, MatterState

app = typer.Typer(
    no_args_is_help=True,
    help="What is open between a customer and the bank: a menu may offer it first for 72 hours.",
)

Database = Annotated[
    Path, typer.Option("--database", "-d", envvar="IVR_BANK", help="The bank's SQLite file.")
]
DEFAULT = Path("var/bank.sqlite")
_KIND = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


@app.command("open")
@told
def open_command(
    customer: Annotated[str, typer.Argument(help="The customer's number, see `ivr bank show`.")],
    kind: Annotated[str, typer.Argument(help="What it is: transfer, complaint, card …")],
    database: Database = DEFAULT,
    opened: Annotated[str, typer.Option(help="When: 24h or 3d ago, or a date and time.")] = "0m",
    level: Annotated[
        int, typer.Option(min=1, max=3, help="The auth level to hear of it: 2 is a PIN.")
    ] = 2,
    state: Annotated[MatterState, typer.Option(help="How far it is.")] = MatterState.PENDING,
    amount: Annotated[str, typer.Option(help="What it is about, e.g. 500.00.")] = "",
    matter_id: Annotated[str, typer.Option("--id", help="Its number (one is made).")] = "",
    zone: Annotated[str, typer.Option(help="The zone of a date and time.")] = "Asia/Shanghai",
) -> None:
    """Open a matter and print its number.

    Example: ivr bank matter open C1001 transfer --opened 24h --state done --amount 500.00

    Exit status: 0 opened, 2 it cannot be: what to do is said.
    """
    try:
        if _KIND.fullmatch(kind) is None:
            raise OneCallError(
                f"`{kind}` is no kind of matter: write one small word, like transfer"
            )
        matter = Matter(
            matter_id or f"{kind}-{secrets.token_hex(4)}",
            kind,
            since(opened, SystemClock(zone).now(), zone),
            level,
            state,
            _money(amount),
        )
        open_matter(database, customer, matter)
    except OneCallError as error:
        raise _stop(error) from error
    typer.echo(f"{matter.id}: {kind} of {customer}, opened {matter.opened_at:%Y-%m-%d %H:%M}")


@app.command("close")
@told
def close_command(
    matter: Annotated[str, typer.Argument(help="The matter's number, see `ivr bank show`.")],
    database: Database = DEFAULT,
) -> None:
    """Close a matter: no menu offers it any more.

    Example: ivr bank matter close M1

    Exit status: 0 closed, 1 there was none, 2 the bank cannot be used.
    """
    try:
        closed = close_matter(database, matter)
    except OneCallError as error:
        raise _stop(error) from error
    typer.echo(f"{matter}: closed" if closed else f"{matter}: there is no such matter")
    raise typer.Exit(0 if closed else 1)


def _money(amount: str) -> Money | None:
    try:
        return Money.of(amount) if amount else None
    except ValueError as error:
        raise OneCallError(f"{error}: write it like 500.00") from error


def _stop(error: OneCallError) -> typer.Exit:
    typer.echo(str(error), err=True)
    return typer.Exit(2)
