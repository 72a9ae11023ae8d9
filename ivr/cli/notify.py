"""`ivr notify`: what the embedded notify has sent."""

from __future__ import annotations

import asyncio
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from ivr.adapters.clock import SystemClock
from ivr.adapters.notify.embedded import EmbeddedNotify, Message
from ivr.app.config import Config, load_config
from ivr.cli.acting import AsJson, Mistake, stop
from ivr.cli.serve import ConfigFile
from ivr.model.errors import OneCallError

app = typer.Typer(no_args_is_help=True, help="Messages to customers.")


@app.callback()
def notify() -> None:
    """Messages to customers, as the embedded notify keeps them; none leaves this machine."""


@app.command("show")
def show(
    customer: Annotated[str, typer.Option(help="Of this customer only, by number.")] = "",
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> None:
    """List what customers' handsets have received, the latest last.

    A one-time code is shown for as long as it is good for.

    Example: ivr notify show --customer C1002

    Exit status: 0 listed (also when there is nothing), 2 the messages cannot be read.
    """
    try:
        messages = asyncio.run(_received(load_config(config), customer))
    except OneCallError as error:
        raise stop("notify", error) from None
    if as_json:
        typer.echo(msgspec.json.format(msgspec.json.encode(messages), indent=2).decode())
    elif messages:
        Console(highlight=False).print(_table(messages))
    else:
        typer.echo("no messages")


async def _received(config: Config, customer: str) -> tuple[Message, ...]:
    section = config.notify
    if section.backend != "embedded":
        raise Mistake(f"messages go out by the {section.backend} backend: ask that system")
    if not section.file.exists():
        raise Mistake(f"there is no database {section.file}: run `ivr bank seed` first")
    kept = await EmbeddedNotify.open(section.file, SystemClock(config.zone), section.texts)
    try:
        return await kept.received(customer)
    finally:
        await kept.close()


def _table(messages: tuple[Message, ...]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0))
    for heading in ("when", "to", "message"):
        table.add_column(heading, overflow="fold")
    for one in messages:
        when = one.sent_at.strftime("%Y-%m-%d\n%H:%M:%S")
        table.add_row(when, f"{one.customer}\n{one.number}", one.text)
    return table
