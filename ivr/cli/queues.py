"""`ivr queues`: how queues are now."""

from __future__ import annotations

import asyncio
from typing import Annotated

import msgspec
import typer
from rich.console import Console

from ivr.app.config import Config, load_config
from ivr.cli.acting import AsJson, Mistake, stop
from ivr.cli.serve import ConfigFile
from ivr.cli.top import queue_table
from ivr.model.errors import OneCallError
from ivr.ports.floor import QueueView


def queues(
    queue: Annotated[str, typer.Argument(help="Only this one, see flows/queues.yaml.")] = "",
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> None:
    """Show who waits in each queue, for how long, and how it went today; `ivr top` follows it.

    SL is the share of today's calls that were answered in time, lost the share that hung up waiting.

    Example: ivr queues service

    Exit status: 0 shown, 2 the engine cannot be asked, or there is no such queue.
    """
    try:
        found = asyncio.run(_views(load_config(config)))
    except OneCallError as error:
        raise stop("queues", f"{error}; is `ivr serve` running?") from None
    wanted = tuple(one for one in found if queue in ("", one.queue))
    if queue and not wanted:
        known = ", ".join(one.queue for one in found)
        raise stop("queues", Mistake(f"{queue}: there is no such queue; there are {known}"))
    if as_json:
        typer.echo(msgspec.json.format(msgspec.json.encode(wanted), indent=2).decode())
    else:
        Console(highlight=False).print(queue_table(wanted))


async def _views(config: Config) -> tuple[QueueView, ...]:
    # An HTTP client takes a while to load; most commands need none.
    from ivr.app.floor.client import floor_client

    async with floor_client(config) as far:
        return (await far.floor.board()).queues
