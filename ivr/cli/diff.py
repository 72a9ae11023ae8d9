"""`ivr diff`: what is different between two sets of flows, and what that costs callers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Annotated
from zoneinfo import ZoneInfo

import msgspec
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ivr.adapters.clock import SystemClock
from ivr.app.comparison import Comparison, comparison, sides
from ivr.app.config import Config, load_config
from ivr.centre.cost import Cost
from ivr.cli import period
from ivr.cli.acting import AsJson, Mistake, stop
from ivr.cli.serve import ConfigFile
from ivr.engine.diff.compare import Change, Kind
from ivr.engine.diff.toll import Leaf, Toll
from ivr.engine.excerpt import shortened
from ivr.model.errors import OneCallError

_COLUMNS = 60
_MINUTE = 1 / 60
_LOOKS = {Kind.ADDED: ("+", "green"), Kind.REMOVED: ("-", "red"), Kind.RENAMED: ("=", "cyan")}


def diff(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[BEFORE] [AFTER]", help="Folders, or numbers with --release."),
    ] = None,
    release: Annotated[
        bool, typer.Option("--release", "-r", help="Numbers are those of `ivr releases`.")
    ] = False,
    since: Annotated[
        str, typer.Option(help="Which calls to measure by: 30d, 12h, or since a date.")
    ] = "30d",
    language: Annotated[
        str | None, typer.Option("--language", "-l", help="Whose prompts are heard.")
    ] = None,
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> None:
    """Compare two sets of flows: what changes, and what that costs callers in keys and seconds.

    AFTER is the configured folder if it is not given, BEFORE the release in force. Costs are weighed
    by the calls in the store; without any, every outcome is taken to be equally likely. Examples:

    ivr diff ; ivr diff old-flows flows ; ivr diff --release 3 4

    Exit status: 0 no difference, 1 some, 2 they cannot be compared.
    """
    try:
        settings = load_config(config)
        if names and len(names) > 2:
            raise Mistake("only two sets of flows can be compared")
        now = SystemClock(settings.zone).now()
        begin = period.since(since, now, settings.zone)
        before, after = asyncio.run(sides(settings, names or [], releases=release))
        with period.progress(begin, now) as reached:
            found = asyncio.run(comparison(settings, before, after, begin, language, reached))
    except OneCallError as error:
        raise stop("diff", error) from None
    if as_json:
        typer.echo(msgspec.json.format(msgspec.json.encode(_as_json(found)), indent=2).decode())
    else:
        _print(found, settings)
    raise typer.Exit(1 if found.difference.changes else 0)


def _print(found: Comparison, config: Config) -> None:
    console = Console(highlight=False)
    names = f"{found.before.name} → {found.after.name}"
    changes = found.difference.changes
    if not changes:
        console.print(f"{names}: no difference")
        return
    many = "1 change" if len(changes) == 1 else f"{len(changes)} changes"
    console.print(Text(f"{names}: {many}", "bold"))
    for change in changes:
        console.print(_line(change), soft_wrap=True)
    console.print()
    if found.toll is None:
        console.print(f"What it costs callers cannot be told: {found.unpriced}")
        return
    console.print(_table(found.toll))
    console.print(Text(_total(found.toll), "bold"))
    console.print(Text(_measured(found, config), "dim"), soft_wrap=True)


def _line(change: Change) -> Text:
    """Say one change in one line."""
    sign, colour = _LOOKS.get(change.kind, ("~", "yellow"))
    place = f"{change.flow}.{change.step}" if change.step else change.flow
    line = Text(f"  {sign} ", colour).append(place, "bold")
    line.append(f"  {_words(change)}")
    return line


def _words(change: Change) -> str:
    before, after = (shortened(text, _COLUMNS) for text in (change.before, change.after))
    match change.kind:
        case Kind.ADDED | Kind.REMOVED:
            return f"{change.kind}: {change.what}"
        case Kind.RENAMED:
            return f"was called {before}"
        case Kind.KEY:
            return f"{change.what} was {before}, is {after}"
        case Kind.EDGE:
            return f"{change.what}: {_led(before, after)}"
        case Kind.PROMPT:
            return f"{change.what}: says {after or 'nothing'}, not {before or 'nothing'}"
        case _:
            return f"{change.what}: {before or 'nothing'} → {after or 'nothing'}"


def _led(before: str, after: str) -> str:
    if not before:
        return f"new, leads to {after}"
    return f"leads to {after}, not to {before}" if after else f"gone, led to {before}"


def _table(toll: Toll) -> Table:
    table = Table(box=None)
    table.add_column("what callers\nring for")
    calls = "calls\na month" if toll.measured else "of 1,000\ncalls"
    for title in ("keys", "seconds", calls, "costs\nthem"):
        table.add_column(title, justify="right")
    for leaf in toll.leaves:
        table.add_row(*_row(leaf))
    return table


def _row(leaf: Leaf) -> Iterator[str | Text]:
    yield Text(f"{leaf.spot.flow}.{leaf.spot.step}").append(f"  {leaf.verb}", "dim")
    yield _change(leaf, lambda cost: f"{cost.keys:.1f}")
    yield _change(leaf, lambda cost: f"{cost.ms / 1000:.1f}")
    yield f"{leaf.calls:,.0f}"
    if leaf.before is None or leaf.after is None:
        yield Text("new" if leaf.before is None else "gone", "yellow")
    else:
        yield Text(_hours(leaf.hours), _colour(leaf.hours))


def _change(leaf: Leaf, shown: Callable[[Cost], str]) -> str:
    costs = [shown(cost) if cost is not None else "–" for cost in (leaf.before, leaf.after)]
    return " → ".join(dict.fromkeys(costs))


def _colour(hours: float) -> str:
    return "red" if hours >= _MINUTE else "green" if hours <= -_MINUTE else ""


def _hours(hours: float) -> str:
    """Say a time with its sign: in minutes below two hours."""
    if abs(hours) < _MINUTE:
        return "0"
    return f"{hours * 60:+,.0f} min" if abs(hours) < 2 else f"{hours:+,.0f} h"


def _total(toll: Toll) -> str:
    per = "a month" if toll.measured else "in 1,000 calls"
    keys = f"{toll.keys:+,.0f} keys" if abs(toll.keys) >= 1 else "as many keys as before"
    if abs(toll.hours) < _MINUTE:
        return f"this change costs callers no time {per}, and {keys}"
    if toll.hours < 0:
        return f"this change saves callers {_hours(-toll.hours)[1:]} {per}, and {keys}"
    return f"this change costs callers {_hours(toll.hours)} {per}, and {keys}"


def _measured(found: Comparison, config: Config) -> str:
    """Say what the costs are weighed by."""
    traffic = found.traffic
    if traffic.first is None:
        return "There are no calls to measure by: every outcome is taken to be equally likely."
    first = f"{traffic.first.astimezone(ZoneInfo(config.zone)):%Y-%m-%d %H:%M}"
    on = found.before.name if found.own else "any version"
    return f"Weighed by {traffic.calls:,} calls on {on} since {first}. Docs: docs/draw-and-diff.md"


def _as_json(found: Comparison) -> dict[str, object]:
    toll = found.toll
    return {
        "before": {"name": found.before.name, "version": found.before.flows.version},
        "after": {"name": found.after.name, "version": found.after.flows.version},
        "changes": found.difference.changes,
        "unpriced": found.unpriced,
        "measured_calls": found.traffic.calls,
        "cost": toll
        and {
            "calls": toll.calls,
            "measured": toll.measured,
            "hours": round(toll.hours, 3),
            "keys": round(toll.keys, 1),
            "leaves": [
                {
                    "flow": leaf.spot.flow,
                    "step": leaf.spot.step,
                    "verb": leaf.verb,
                    "calls": leaf.calls,
                    "before": leaf.before,
                    "after": leaf.after,
                    "hours": round(leaf.hours, 3),
                }
                for leaf in toll.leaves
            ],
        },
    }
