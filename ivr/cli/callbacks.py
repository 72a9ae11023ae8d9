"""`ivr callbacks`: whom the hotline is going to call back."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import Annotated, TypeVar

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from ivr.adapters.clock import SystemClock
from ivr.app.config import Config, load_config
from ivr.app.ledger import who
from ivr.cli.acting import As, AsJson, Mistake, Why, moment, reason, stop
from ivr.cli.serve import ConfigFile
from ivr.cli.told import told
from ivr.model.errors import OneCallError
from ivr.ports.callbackbook import CallbackBook
from ivr.ports.callbacks import Callback, Refused

T = TypeVar("T")

app = typer.Typer(
    no_args_is_help=True, help="Whom the hotline calls back: see, schedule, call off."
)

_COMMAND = "callbacks"
_WHY = {
    Refused.NUMBER: "this number may not be dialled; see `dialler: {allow: […]}` in onecall.yaml",
    Refused.TOO_MANY: "this number was rung as often as it may be within 24 hours",
    Refused.NOT_NOW: "the queue has no `callbacks` in flows/queues.yaml, or the engine dials nobody: "
    "see `dialler` in onecall.yaml",
}


@app.command("list")
def list_command(
    past: Annotated[
        bool,
        typer.Option("--all", "-a", help="Those of the last seven days that are over as well."),
    ] = False,
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> None:
    """Show who is to be called back, the first in line first.

    Example: ivr callbacks list

    Exit status: 0 shown, 2 the engine cannot be asked.
    """
    settings = _config(config)
    found = _asked(settings, lambda book: book.find(past))
    if as_json:
        typer.echo(msgspec.json.format(msgspec.json.encode(found), indent=2).decode())
    elif found:
        Console(highlight=False).print(_table(found, SystemClock(settings.zone).now()))
    else:
        typer.echo("nobody is to be called back")


@app.command("cancel")
@told
def cancel_command(
    callback: Annotated[
        str, typer.Argument(help="The callback, by its id in `ivr callbacks list`.")
    ],
    message: Why,
    by: As = None,
    config: ConfigFile = None,
) -> None:
    """Call a customer no more. A conversation that goes on is not ended.

    Example: ivr callbacks cancel 1764000000.12 -m "solved by e-mail"

    Exit status: 0 done, 1 it is over already, or there is none, 2 the engine cannot be asked.
    """
    settings = _config(config)
    try:
        why = reason(message)
    except Mistake as error:
        raise stop(_COMMAND, error) from None
    if not _asked(settings, lambda book: book.cancel(callback, who(by), why)):
        raise stop(_COMMAND, f"{callback}: it is over, talked with, or there is none", status=1)
    typer.echo(f"{callback} is cancelled")


@app.command("schedule")
@told
def schedule_command(
    queue: Annotated[
        str, typer.Argument(help="The queue whose agents call, see flows/queues.yaml.")
    ],
    number: Annotated[str, typer.Argument(help="Whom to call.")],
    begins: Annotated[str, typer.Option("--from", help="Not before, such as 2026-11-24T14:00.")],
    ends: Annotated[str, typer.Option("--until", help="By then, such as 2026-11-24T15:00.")],
    language: Annotated[str, typer.Option(help="The language to speak.")] = "zh",
    by: As = None,
    config: ConfigFile = None,
) -> None:
    """Promise a customer a call within a window, in the bank's zone. One that is late is alerted.

    Example: ivr callbacks schedule service 13800001111 --from 2026-11-24T14:00 --until 2026-11-24T15:00

    Exit status: 0 promised, 1 refused, 2 the engine cannot be asked, or the window is none.
    """
    settings = _config(config)
    now = SystemClock(settings.zone).now()
    try:
        window = moment(begins, settings.zone, now), moment(ends, settings.zone, now)
        if window[0] >= window[1]:
            raise Mistake(f"the window ends at {ends}, before it begins")
    except Mistake as error:
        raise stop(_COMMAND, error) from None
    kept = _asked(settings, lambda book: book.schedule(queue, number, language, *window, who(by)))
    if kept.refused is not None:
        raise stop(_COMMAND, f"{number}: {_WHY[kept.refused]}", status=1)
    typer.echo(f"{number} is called between {window[0]:%Y-%m-%d %H:%M} and {window[1]:%H:%M}")


def _config(file: Path | None) -> Config:
    try:
        return load_config(file)
    except OneCallError as error:
        raise stop(_COMMAND, error) from None


def _asked(config: Config, ask: Callable[[CallbackBook], Awaitable[T]]) -> T:
    """Return what the engine answers; end with a line about what is wrong."""

    async def asking() -> T:
        # An HTTP client takes a while to load; most commands need none.
        from ivr.app.floor.client import floor_client

        async with floor_client(config) as far:
            return await ask(far.callbacks)

    try:
        return asyncio.run(asking())
    except OneCallError as error:
        raise stop(_COMMAND, f"{error}; is `ivr serve` running?") from None


def _table(found: tuple[Callback, ...], now: datetime) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0))
    for heading in ("callback", "queue", "number", "since", "promised", "state", "tries", "note"):
        table.add_column(heading)
    for one in found:
        since, due = (at.astimezone(now.tzinfo) for at in (one.entered, one.due))
        late = one.state.open and due < now
        table.add_row(
            one.id,
            one.queue,
            one.number,
            f"{since:%m-%d %H:%M}",
            f"[red]{due:%m-%d %H:%M} late[/red]" if late else f"{due:%m-%d %H:%M}",
            one.state,
            str(one.attempts),
            one.note,
        )
    return table
