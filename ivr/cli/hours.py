"""`ivr hours`: see opening hours, and override them at once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, time
from pathlib import Path
from typing import Annotated, TypeVar

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from ivr.adapters.clock import SystemClock
from ivr.adapters.flowfile.days import read_date, read_hours
from ivr.adapters.flowfile.overrides import load_overrides
from ivr.app.config import Config, load_config
from ivr.app.hours import HoursDesk, HoursError, Opening
from ivr.app.ledger import open_ledger, who
from ivr.cli.acting import As, AsJson, Why, reason, stop
from ivr.cli.serve import ConfigFile
from ivr.cli.told import told
from ivr.model.errors import FlowError, OneCallError
from ivr.model.problem import BadValue
from ivr.ports.releases import LedgerMoved

T = TypeVar("T")
Work = Callable[[HoursDesk], Awaitable[T]]

app = typer.Typer(
    no_args_is_help=True,
    help="Opening hours: see them, and override single days for all calls at once.",
)
Name = Annotated[str, typer.Argument(metavar="CALENDAR", help="The calendar, by its name.")]
Date = Annotated[str, typer.Argument(metavar="DATE", help="The day, where the calendar is.")]


@app.command()
def show(
    calendars: Annotated[
        list[str] | None, typer.Argument(metavar="[CALENDAR]...", help="Default: all.")
    ] = None,
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> None:
    """Show today's hours, whether it is open now, and which days are overridden, past ones too.

    Example: ivr hours show service

    Exit status: 0 shown, 2 there is no such calendar, or no release yet.
    """

    async def work(desk: HoursDesk) -> list[Opening]:
        return desk.openings(calendars or ())

    openings = _run(config, work)
    if as_json:
        typer.echo(msgspec.json.format(msgspec.json.encode(openings), indent=2).decode())
    elif openings:
        _print(openings)
    else:
        typer.echo("the release in force has no calendar")


@app.command("close")
@told
def close_command(
    calendar: Name,
    message: Why,
    at: Annotated[
        str | None, typer.Option("--at", help="From then on, HH:MM. Default: from now on.")
    ] = None,
    on: Annotated[
        str | None, typer.Option("--date", help="On that day, 2026-11-23. Default: today.")
    ] = None,
    name: As = None,
    config: ConfigFile = None,
) -> None:
    """Close early: the rest of the day's hours fall away, also for callers who are on the line.

    Hours after midnight belong to the next day, and stay.

    Example: ivr hours close service --at 15:00 -m "typhoon"

    Exit status: 0 done, 1 somebody else was first, 2 it cannot be done.
    """

    async def work(desk: HoursDesk) -> None:
        day = read_date(on) if on else None
        override = desk.closing(calendar, day, _clock(at) if at else None)
        await desk.set([override], reason(message), who(name))

    _change(config, work, calendar)


@app.command("set")
@told
def set_command(
    calendar: Name,
    day: Date,
    hours: Annotated[
        list[str], typer.Argument(metavar="HOURS...", help='"10:00-12:00", `closed` or `holiday`.')
    ],
    message: Why,
    name: As = None,
    config: ConfigFile = None,
) -> None:
    """Give one day its own hours, whatever the calendar says of it.

    Example: ivr hours set service 2026-12-31 09:00-12:00 13:00-15:00 -m "stock-taking"

    Exit status: 0 done, 1 somebody else was first, 2 it cannot be done.
    """

    async def work(desk: HoursDesk) -> None:
        override = desk.setting(calendar, read_date(day), read_hours(hours))
        await desk.set([override], reason(message), who(name))

    _change(config, work, calendar)


@app.command("clear")
@told
def clear_command(
    calendar: Name,
    days: Annotated[list[str], typer.Argument(metavar="DATE...", help="The days.")],
    message: Why,
    name: As = None,
    config: ConfigFile = None,
) -> None:
    """Have the calendar's own hours hold again on these days.

    Example: ivr hours clear service 2026-12-31 -m "no stock-taking this year"

    Exit status: 0 done, 1 somebody else was first, 2 it cannot be done.
    """

    async def work(desk: HoursDesk) -> None:
        await desk.clear(calendar, [read_date(day) for day in days], reason(message), who(name))

    _change(config, work, calendar)


@app.command("apply")
@told
def apply_command(
    file: Annotated[Path, typer.Argument(help="A YAML file of calendars, days and hours.")],
    message: Why,
    name: As = None,
    config: ConfigFile = None,
) -> None:
    """Override all the days that a file names, at once or not at all.

    The file says, for instance, `overrides: {service: {2026-12-31: ["09:00-15:00"]}}`; a day may
    also be `closed` or `holiday`. Days that it does not name stay as they are.

    Example: ivr hours apply typhoon.yaml -m "typhoon"

    Exit status: 0 done, 1 somebody else was first, 2 the file has mistakes.
    """

    async def work(desk: HoursDesk) -> None:
        read = load_overrides(file, desk.calendars)
        if read.problems:
            raise FlowError("\n".join(["nothing is changed:", *map(str, read.problems)]))
        await desk.set(read.overrides, reason(message), who(name))

    _change(config, work)


def _change(config: Path | None, work: Work[None], *calendars: str) -> None:
    """Change hours, then show them as they are."""

    async def shown(desk: HoursDesk) -> list[Opening]:
        return desk.openings(calendars)

    _run(config, work)
    _print(_run(config, shown))


def _run(config: Path | None, work: Work[T]) -> T:
    try:
        return asyncio.run(_at_desk(load_config(config), work))
    except LedgerMoved as error:
        raise stop("hours", f"{error}, then try again", 1) from None
    except BadValue as error:
        raise stop("hours", f"{error}; {error.hint}" if error.hint else str(error)) from None
    except OneCallError as error:
        raise stop("hours", error) from None


async def _at_desk(config: Config, work: Work[T]) -> T:
    async with open_ledger(config) as ledger:
        return await work(await HoursDesk.open(ledger, SystemClock(config.zone).now()))


def _clock(text: str) -> time:
    try:
        return datetime.strptime(text, "%H:%M").time()  # noqa: DTZ007 - in the calendar's zone
    except ValueError:
        raise HoursError(f"`{text}` is no time of day; write 15:00") from None


def _print(openings: list[Opening]) -> None:
    console = Console(highlight=False)
    for one in openings:
        console.print(f"[bold]{one.calendar}[/] {_now(one)}", soft_wrap=True)
        console.print(f"  today {one.today} ({one.zone}): {one.hours}", soft_wrap=True)
        if one.overridden:
            table = Table("day", "hours instead", "", box=None, padding=(0, 2))
            for day in one.overridden:
                table.add_row(f"{day.day:%a %Y-%m-%d}", day.hours, "past" if day.past else "")
            console.print(table)


def _now(one: Opening) -> str:
    if one.closes:
        return f"is [green]open[/] until {one.closes:%Y-%m-%d %H:%M}"
    if one.opens:
        return f"is [red]{one.status}[/], opens {one.opens:%Y-%m-%d %H:%M}"
    return f"is {one.status}, and stays so"
