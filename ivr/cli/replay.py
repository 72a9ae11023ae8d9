"""`ivr replay`: run a call again from its journal, or many of them on other flows."""

from __future__ import annotations

import asyncio
import json
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress
from rich.table import Table
from rich.text import Text

from ivr.adapters.clock import SystemClock
from ivr.app.against import Tally, against, groups
from ivr.app.config import Config, load_config
from ivr.app.replay import Replayed
from ivr.app.replay import replay as run_again
from ivr.cli.period import since as back_to
from ivr.cli.serve import ConfigFile
from ivr.engine.against import Comparison, Verdict
from ivr.engine.course import Ending
from ivr.model.errors import OneCallError


def replay(
    call: Annotated[
        str | None, typer.Argument(help="The call's id: Asterisk's UNIQUEID. See `ivr calls`.")
    ] = None,
    candidate: Annotated[
        str | None,
        typer.Option("--against", help="A folder of flows, a release's number, or a version."),
    ] = None,
    last: Annotated[int, typer.Option(min=1, help="With --against: how many calls.")] = 1000,
    since: Annotated[
        str | None, typer.Option(help="With --against: calls since 24h, 7d, or a date and time.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
    config: ConfigFile = None,
) -> None:
    """Run a call again on the flows it ran on and compare every byte; or the last calls on others.

    Example: ivr replay 1763800000.7

    Example: ivr replay --against flows --last 1000

    With --against, each recorded caller does again what they did (keys, silence, hanging up, answers of
    the bank), and the calls that would have ended elsewhere are told. Exit status: 0 the same, 1 not
    the same or some would end elsewhere, 2 nothing could be replayed.
    """
    if (call is None) == (candidate is None):
        raise typer.BadParameter("name a call, or --against a candidate")
    try:
        settings = load_config(config)
        if call is not None:
            replayed = asyncio.run(run_again(settings, call))
            same = _print_call(settings, call, replayed, as_json=as_json)
        else:
            tally = _compare(settings, candidate or "", last, since, quiet=as_json)
            same = not tally.of(Verdict.ELSEWHERE)
            _print_tally(tally, as_json=as_json)
    except OneCallError as error:
        typer.echo(f"ivr replay: {error}", err=True)
        raise typer.Exit(2) from None
    raise typer.Exit(0 if same else 1)


def _print_call(config: Config, call: str, replayed: Replayed, *, as_json: bool) -> bool:
    same = not replayed.difference
    if as_json:
        result = {
            "call": call,
            "identical": same,
            "difference": replayed.difference,
            "events": len(replayed.events),
            "commands": replayed.commands,
            "sha256": replayed.digest,
        }
        typer.echo(json.dumps(result, ensure_ascii=False, indent=2))
        return same
    Console(highlight=False).print(_table(config, replayed))
    if same:
        counted = f"{replayed.commands} commands and {len(replayed.events)} events"
        typer.echo(f"byte-identical when run again: {counted}, sha256 {replayed.digest}")
    else:
        typer.echo(f"not the same: {replayed.difference}", err=True)
    return same


def _table(config: Config, replayed: Replayed) -> Table:
    zone = ZoneInfo(config.zone)
    table = Table("time", "event", "what", box=None)
    for one in replayed.events:
        fields = {name: getattr(one.event, name) for name in one.event.__struct_fields__}
        what = ", ".join(f"{name} {value}" for name, value in fields.items())
        clock = one.at.astimezone(zone).strftime("%H:%M:%S.%f")[:-3]
        table.add_row(clock, type(one.event).__name__, Text(what))
    return table


def _compare(config: Config, candidate: str, last: int, since: str | None, *, quiet: bool) -> Tally:
    start = back_to(since, SystemClock(config.zone).now(), config.zone) if since else None
    columns = (*Progress.get_default_columns(), MofNCompleteColumn())
    console = Console(stderr=True)
    hidden = quiet or not console.is_terminal
    with Progress(*columns, console=console, transient=True, disable=hidden) as bar:
        task = bar.add_task("calls", total=last)

        def report(done: int, of: int) -> None:
            bar.update(task, completed=done, total=of)

        return asyncio.run(against(config, candidate, last, start, report))


def _print_tally(tally: Tally, *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(_as_json(tally), ensure_ascii=False, indent=2))
        return
    console = Console(highlight=False, soft_wrap=True)
    for group in groups(tally):
        one = group.example
        console.print(
            Text(f"{_count(len(group.calls))} that ended in ", "bold")
            + Text(_ending(one.was), "cyan")
            + Text(" would end in ", "bold")
            + Text(_ending(one.would), "yellow")
        )
        examples = ", ".join(group.calls[:3])
        console.print(Text(f"    {_parting(one)}; for example {examples}", "dim"))
    for problem, number in tally.unknown():
        console.print(f"{_count(number)}: cannot tell: {problem}", style="magenta")
    same, other = len(tally.of(Verdict.SAME)), len(tally.of(Verdict.ELSEWHERE))
    unknown = len(tally.of(Verdict.UNKNOWN))
    console.print(
        f"{_count(len(tally.calls))} against version {tally.version[:12]}: "
        f"{same} end the same ({tally.rerouted} of them on another way), "
        f"{other} elsewhere, {unknown} cannot be told"
    )


def _ending(ending: Ending) -> str:
    return f"{ending.where} ({ending.reason})" if ending.reason else ending.where


def _parting(one: Comparison) -> str:
    if not one.before or not one.after:
        return f"one goes on to {one.before or one.after} where the other is over"
    return f"instead of {one.before} comes {one.after}"


def _count(number: int) -> str:
    return f"{number} call" if number == 1 else f"{number} calls"


def _as_json(tally: Tally) -> dict[str, object]:
    return {
        "version": tally.version,
        "calls": len(tally.calls),
        "same": len(tally.of(Verdict.SAME)),
        "rerouted": tally.rerouted,
        "elsewhere": [
            {
                "was": {"reason": group.example.was.reason, "where": group.example.was.where},
                "would": {"reason": group.example.would.reason, "where": group.example.would.where},
                "before": group.example.before,
                "after": group.example.after,
                "calls": list(group.calls),
            }
            for group in groups(tally)
        ],
        "unknown": [{"call": one.call_id, "why": one.unknown} for one in tally.of(Verdict.UNKNOWN)],
    }
