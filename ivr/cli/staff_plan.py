"""`ivr staff plan`: how many agents a forecast needs."""

from __future__ import annotations

import csv
import sys
from datetime import datetime, time, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from ivr.adapters.plot.values import Need, check_name
from ivr.app.callers import working_day
from ivr.app.config import Config, load_config
from ivr.app.forecast import read_forecast
from ivr.app.staffing import Goal, Plan, staffing
from ivr.cli.acting import AsJson, Mistake, stop
from ivr.cli.figures import OfPicture, Tongue, share
from ivr.cli.serve import ConfigFile
from ivr.model.errors import OneCallError

_TITLES = {"en": "Agents needed", "zh": "所需坐席"}


def plan(
    forecast: Annotated[
        Path, typer.Argument(help="CSV or YAML: from,to,queue,calls,talk (or aht),patience.")
    ],
    service_level: Annotated[
        float, typer.Option("--sl", min=0, max=0.9999, help="Share to be answered in time.")
    ] = 0.8,
    within: Annotated[float, typer.Option(min=0, help="What in time is, in seconds.")] = 20,
    abandonment: Annotated[
        float, typer.Option(min=0.0001, max=1, help="At most this share gives up (Erlang A).")
    ] = 0.05,
    occupancy: Annotated[
        float, typer.Option(min=0.01, max=1, help="Agents are busy for at most this share.")
    ] = 1.0,
    patience: Annotated[
        float, typer.Option(min=0.1, help="Mean patience in seconds, where the forecast has none.")
    ] = 120,
    wrap_up: Annotated[
        float, typer.Option(min=0, help="Seconds of wrap-up on top of `talk`.")
    ] = 30,
    shrinkage: Annotated[
        float, typer.Option(min=0, max=0.95, help="Share of paid time that is not there for calls.")
    ] = 0.0,
    as_csv: Annotated[
        bool, typer.Option("--csv", help="The forecast with `agents`, for `ivr queue-sim`.")
    ] = False,
    image: Annotated[
        Path | None, typer.Option("--picture", help="Draw it: *.png or *.svg.")
    ] = None,
    queue: Annotated[str, typer.Option(help="Only this queue.")] = "",
    language: OfPicture = Tongue.EN,
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> None:
    """Say how many agents a forecast needs, interval by interval: by Erlang A (callers give up) and by
    Erlang C (they never do).

    Each line is staffed by itself: `ivr queue-sim` tells what skills and shared agents make of it.
    Examples:

    ivr staff plan monday.csv --sl 0.8 --within 20 --abandonment 0.05 --shrinkage 0.3

    ivr staff plan monday.csv --csv > staffed.csv && ivr queue-sim --forecast staffed.csv

    Exit status: 0 said, 2 the forecast cannot be used, or nothing meets the target.
    """
    try:
        settings = load_config(config)
        if image is not None:
            check_name(image)
        rows = [row for row in read_forecast(forecast) if queue in ("", row.queue)]
        if not rows:
            raise Mistake(f"{forecast}: has no line of the queue `{queue}`")
        goal = Goal(service_level, within, abandonment, occupancy, patience, wrap_up, shrinkage)
        plans = staffing(rows, goal)
        if image is not None:
            _picture(image, plans, settings, language)
    except OneCallError as error:
        raise stop("staff plan", error) from None
    if as_json:
        typer.echo(msgspec.json.format(msgspec.json.encode([_said(one) for one in plans])).decode())
    elif as_csv:
        _write(plans)
    else:
        Console(highlight=False).print(_table(plans))


def _clock(since_midnight: int) -> str:
    return f"{since_midnight // 3600:02}:{since_midnight // 60 % 60:02}"


def _table(plans: list[Plan]) -> Table:
    heads = ("from", "to", "queue", "calls", "load", "Erlang A", "Erlang C", "paid", "SL", "aband.")
    table = Table(*heads, box=None, padding=(0, 2, 0, 0), show_footer=True)
    for column in table.columns[3:]:
        column.justify = "right"
    for one in plans:
        figures = one.erlang_a.figures
        table.add_row(
            _clock(one.row.begins),
            _clock(one.row.ends),
            one.row.queue,
            f"{one.row.calls:g}",
            f"{one.load:.1f}",
            f"{one.erlang_a.agents}",
            f"{one.erlang_c.agents}",
            f"{one.erlang_a.scheduled}",
            share(figures.service_level),
            share(figures.abandonment),
        )
    table.columns[0].footer = "hours"
    for place, number in enumerate(_hours(plans), 5):
        table.columns[place].footer = f"{number:g}"
    return table


def _hours(plans: list[Plan]) -> tuple[float, float, float]:
    """Return the agent hours by Erlang A, by Erlang C, and to be paid for."""
    spans = [(one, (one.row.ends - one.row.begins) / 3600) for one in plans]
    return (
        sum(one.erlang_a.agents * hours for one, hours in spans),
        sum(one.erlang_c.agents * hours for one, hours in spans),
        sum(one.erlang_a.scheduled * hours for one, hours in spans),
    )


def _said(one: Plan) -> dict[str, Any]:
    return {
        "from": _clock(one.row.begins),
        "to": _clock(one.row.ends),
        "queue": one.row.queue,
        "calls": one.row.calls,
        "load": one.load,
        "erlang_a": one.erlang_a,
        "erlang_c": one.erlang_c,
    }


def _write(plans: list[Plan]) -> None:
    """Write the forecast with the agents that Erlang A says, as CSV."""
    heads = ("from", "to", "queue", "calls", "talk", "aht", "patience", "agents")
    also = ("language", "segment", "level")
    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow((*heads, *also))
    for one in plans:
        row = one.row
        times = (_clock(row.begins), _clock(row.ends))
        known = (row.queue, row.calls, row.talk, row.aht, row.patience, one.erlang_a.agents)
        out.writerow((*times, *known, row.language, row.segment, row.level))


def _picture(file: Path, plans: list[Plan], config: Config, language: str) -> None:
    """Draw all queues together. Raises CannotPlot, Mistake."""
    from ivr.adapters.plot.staffing import plot_staffing  # matplotlib is slow to load

    zone = ZoneInfo(config.zone)
    midnight = datetime.combine(working_day(config), time(), zone)
    together: dict[tuple[int, int], list[Plan]] = {}
    for one in plans:
        together.setdefault((one.row.begins, one.row.ends), []).append(one)
    spans = sorted(together)
    if any(later[0] < earlier[1] for earlier, later in pairwise(spans)):
        raise Mistake(
            "the queues of this forecast have different intervals; draw one: --queue NAME"
        )
    needs = [
        Need(
            midnight + timedelta(seconds=begins),
            midnight + timedelta(seconds=ends),
            sum(one.load for one in some),
            sum(one.erlang_a.agents for one in some),
            sum(one.erlang_c.agents for one in some),
            sum(one.erlang_a.scheduled for one in some),
        )
        for (begins, ends), some in sorted(together.items())
    ]
    plot_staffing(file, needs, _TITLES[language], zone, language)
