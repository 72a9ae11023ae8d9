"""`ivr queue-sim`: what queues and agents come to, on days that have not happened yet."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from msgspec.structs import replace
from pydantic import ValidationError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from ivr.adapters.clock import SystemClock
from ivr.adapters.flowfile import try_load
from ivr.adapters.plot.values import check_name
from ivr.app.config import Config, load_config
from ivr.app.forecast import Row, read_forecast
from ivr.app.queuesim.forecast import Spread
from ivr.app.queuesim.making import PATIENCE_S, Wish, configured, settings_for
from ivr.app.queuesim.study import Findings, Settings, study
from ivr.centre.kpi import Thresholds
from ivr.centre.kpi.target import read_target
from ivr.centre.kpi.verdict import LOOKS, State
from ivr.cli import period
from ivr.cli.acting import AsJson, Mistake, stop
from ivr.cli.figures import OfPicture, Tongue
from ivr.cli.queue_sim_view import as_json, picture, show
from ivr.cli.serve import ConfigFile
from ivr.model.duration import milliseconds
from ivr.model.errors import FlowError, OneCallError
from ivr.model.flow import FlowSet
from ivr.model.problem import BadValue

STATUS = {State.MET: 0, State.MISSED: 1, State.UNDECIDED: 3}
RECORDED = "recorded"


def queue_sim(
    flows: Annotated[
        Path | None, typer.Argument(help="A folder of flow files. Default: as configured.")
    ] = None,
    forecast: Annotated[
        Path | None, typer.Option(help="Calls to expect, CSV or YAML: from,to,queue,calls,talk,…")
    ] = None,
    since: Annotated[str, typer.Option(help="Recorded days since then: 28d, or a date.")] = "",
    calls: Annotated[
        float | None, typer.Option(min=0, help="Instead of a forecast: so many calls an hour, …")
    ] = None,
    aht: Annotated[str, typer.Option(help="… of this handling time on average, …")] = "180s",
    queue: Annotated[str, typer.Option(help="… at this queue, …")] = "",
    begin: Annotated[str, typer.Option("--from", help="… from this time of the day …")] = "09:00",
    end: Annotated[str, typer.Option("--to", help="… to this one.")] = "17:00",
    agents: Annotated[
        int | None,
        typer.Option(min=0, help="So many of the first line; more than there are: alike."),
    ] = None,
    patience: Annotated[
        str, typer.Option(help="Mean patience where the forecast has none, or `recorded`.")
    ] = f"{PATIENCE_S:g}s",
    spread: Annotated[
        float | None,
        typer.Option(min=0.01, help="Lognormal talk with this coefficient of variation."),
    ] = None,
    ring: Annotated[str, typer.Option(help="How long a telephone rings until answered.")] = "3s",
    missed: Annotated[
        float, typer.Option(min=0, max=1, help="Share that rings in vain (forecasts).")
    ] = 0.0,
    accept: Annotated[
        float | None, typer.Option(min=0, max=1, help="Share that takes an offered callback.")
    ] = None,
    asserted: Annotated[
        str, typer.Option("--assert", help='Such as "each abandonment<=0.05 and sl20>=0.8".')
    ] = "",
    ci: Annotated[
        float | None, typer.Option(min=0.5, max=0.9999, help="How sure the answer to --assert is.")
    ] = None,
    days: Annotated[
        int | None, typer.Option(min=1, max=10_000, help="Days; with --assert, at most (160).")
    ] = None,
    within: Annotated[float, typer.Option(min=0, help="T of the service level, seconds.")] = 20,
    seed: Annotated[int, typer.Option(help="The same seed meets the same callers.")] = 1,
    image: Annotated[
        Path | None, typer.Option("--picture", help="Draw the day: *.png or *.svg.")
    ] = None,
    language: OfPicture = Tongue.EN,
    json: AsJson = False,
    config: ConfigFile = None,
) -> None:
    """Simulate queues and agents: the dispatcher that routes live calls, with simulated people.

    Callers come as recorded, or at random as a forecast says (Erlang A). With --assert, days are
    simulated until it is known whether the target is met. Left out, forecast, target and confidence
    are those of `queue_sim` in the configuration. Examples:

    ivr queue-sim --calls 200 --queue service --agents 13 --assert "abandonment<=0.05" --ci 0.95

    ivr queue-sim flows --forecast monday.csv --picture monday.png

    Exit status: 0 simulated, and met what was asserted; 1 missed it; 3 not decided; 2 it could not
    be simulated.
    """
    try:
        settings = load_config(config)
        if image is not None:
            check_name(image)
        line = {"from": begin, "to": end, "queue": queue, "aht": aht}
        rows = _rows(forecast, calls, line)
        usual = configured(settings, () if rows is None and since else rows)
        behaviour = usual.behaviour
        target = read_target(asserted) if asserted else usual.target
        now = SystemClock(settings.zone).now()
        wish = replace(
            usual,
            since=period.since(since, now, settings.zone) if since else usual.since,
            agents=agents,
            days=days or (LOOKS[-1] if asserted else usual.days),
            seed=seed,
            target=target,
            confidence=ci or usual.confidence,
            thresholds=Thresholds(within),
            patience_s=None if patience == RECORDED else _seconds(patience, "--patience"),
            spread=Spread(spread),
            behaviour=replace(
                behaviour,
                ring_s=_seconds(ring, "--ring"),
                missed=missed,
                accept=behaviour.accept if accept is None else accept,
            ),
        )
        findings, chosen = _run(wish, _load(flows or settings.flows), settings, quiet=json)
        if image is not None:
            picture(image, findings, chosen, language)
    except OneCallError as error:
        raise stop("queue-sim", error) from None
    if json:
        typer.echo(as_json(findings, chosen))
    else:
        show(findings, chosen, Console(highlight=False))
    raise typer.Exit(STATUS[findings.verdict.state] if findings.verdict else 0)


def _rows(
    forecast: Path | None, calls: float | None, line: dict[str, str]
) -> tuple[Row, ...] | None:
    """Return what is to be expected: a file, or the calls that were named; None: as configured."""
    if calls is None:
        return read_forecast(forecast) if forecast else None
    if forecast is not None:
        raise Mistake("--calls and --forecast say the same thing twice; leave one out")
    row = _row({**line, "calls": calls})
    hours = (row.ends - row.begins) / 3600
    return (row.model_copy(update={"calls": calls * hours}),)


def _row(line: dict[str, object]) -> Row:
    try:
        return Row.model_validate(line)
    except ValidationError as error:
        first = error.errors()[0]
        raise Mistake(f"--{'.'.join(str(one) for one in first['loc'])}: {first['msg']}") from None


def _seconds(text: str, option: str) -> float:
    try:
        return milliseconds(text) / 1000
    except BadValue as error:
        raise Mistake(f"{option} {text}: {error}") from None


def _load(folder: Path) -> FlowSet:
    loaded = try_load(folder)
    if loaded.flow_set is None:
        raise FlowError("\n".join(str(problem) for problem in loaded.problems))
    return loaded.flow_set


def _run(wish: Wish, flows: FlowSet, config: Config, *, quiet: bool) -> tuple[Findings, Settings]:
    """Simulate, with the days done shown on a terminal."""
    settings = settings_for(wish, flows, config)
    console = Console(stderr=True)
    columns = (TextColumn("days"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    hidden = quiet or not console.is_terminal
    with Progress(*columns, console=console, transient=True, disable=hidden) as bar:
        task = bar.add_task("days", total=settings.looks[-1])
        findings = study(settings, lambda done, of: bar.update(task, completed=done, total=of))
    return findings, settings
