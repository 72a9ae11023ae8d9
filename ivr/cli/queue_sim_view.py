"""What a simulation came to, for people, for programs, and as a picture."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
from rich.console import Console
from rich.table import Table

from ivr.adapters.plot.values import Curve
from ivr.app.queuesim.study import Findings, Settings
from ivr.centre.kpi import Counts, Doing
from ivr.centre.kpi.verdict import Line, State, Verdict
from ivr.cli.figures import of_counts, share, time

_TITLES = {
    "en": "{days} simulated days, {calls} calls a day",
    "zh": "模拟 {days} 天，平均每天 {calls} 个来电",
}
_COLOURS = {State.MET: "green", State.MISSED: "red", State.UNDECIDED: "yellow"}


def show(findings: Findings, settings: Settings, console: Console) -> None:
    """Print a table, the verdict, and what was assumed."""
    number = len(findings.days)
    level = f"SL{settings.thresholds.within_s:g}"
    heads = ("queue", "calls", level, "aband.", "net", "ASA", "AHT", "callb.", "overfl.")
    table = Table(*heads, box=None, padding=(0, 2, 0, 0))
    for column in table.columns[1:]:
        column.justify = "right"
    totals = {name: findings.total(name) for name in settings.plan.queues}
    rows = {name: counts for name, counts in totals.items() if counts.offered}
    if len(rows) != 1:
        rows["all"] = findings.total()
    for name, counts in rows.items():
        table.add_row(
            name,
            f"{counts.offered / number:,.1f}",
            share(counts.service_level),
            share(counts.abandonment),
            share(counts.abandonment_net),
            time(counts.asa_s),
            time(counts.aht_s),
            f"{counts.callbacks / number:,.1f}",
            f"{counts.overflowed / number:,.1f}",
        )
    console.print(table)
    times = findings.work.times
    paid = sum(times[one] for one in (Doing.TALK, Doing.ACW, Doing.AVAILABLE)) / number / 3_600_000
    console.print(
        f"{number} days, seed {settings.seed}; calls, callbacks and overflows a day; occupancy "
        f"{share(findings.work.occupancy)} of {paid:,.1f} agent hours a day; surges a day: "
        f"{findings.surges / number:,.1f}",
        style="dim",
    )
    if findings.verdict is not None:
        _judged(findings.verdict, console)


def _judged(verdict: Verdict, console: Console) -> None:
    for line in verdict.lines:
        console.print(
            f"[{_COLOURS[line.state]}]{line.state:9}[/] {line.condition:28} {_found(line)}"
        )
    more = "; more days may tell (--days)" if verdict.state is State.UNDECIDED else ""
    console.print(
        f"[{_COLOURS[verdict.state]}]{verdict.state}[/] after {verdict.days} days, "
        f"{verdict.confidence:g} sure{more}"
    )


def _found(line: Line) -> str:
    if line.value is None:
        return "nobody was offered"
    write = (lambda value: f"{value:.1f} s") if line.high > 1.5 else share
    return f"{write(line.value)}, between {write(max(line.low, 0))} and {write(line.high)}"


def as_json(findings: Findings, settings: Settings) -> str:
    """Return everything for programs: shares are 0..1, times seconds, counts those of all days."""
    data: dict[str, Any] = {
        "days": len(findings.days),
        "seed": settings.seed,
        "within_s": settings.thresholds.within_s,
        "queues": {name: of_counts(findings.total(name)) for name in settings.plan.queues},
        "all": of_counts(findings.total()),
        "occupancy": findings.work.occupancy,
        "surges": findings.surges,
        "verdict": findings.verdict,
        "intervals": [
            {
                "queue": queue,
                "begins": start.astimezone(settings.begins.tzinfo),
                **of_counts(counts),
            }
            for (queue, start), counts in sorted(findings.intervals.items())
        ],
    }
    return msgspec.json.format(msgspec.json.encode(data), indent=2).decode()


def picture(file: Path, findings: Findings, settings: Settings, language: str) -> None:
    """Draw all queues together over the day. Raises CannotPlot."""
    from ivr.adapters.plot.day import plot_day  # matplotlib is slow to load

    number = len(findings.days)
    parts: dict[Any, Counts] = {}
    for (_, start), counts in findings.intervals.items():
        parts[start] = parts.get(start, Counts()) + counts
    curve = [
        Curve(start, one.offered / number, one.asa_s, one.abandonment, one.service_level)
        for start, one in sorted(parts.items())
    ]
    calls = f"{findings.total().offered / number:,.0f}"
    title = _TITLES[language].format(days=number, calls=calls)
    zone = settings.begins.tzinfo
    assert zone is not None  # noqa: S101  (it is the bank's midnight)
    plot_day(file, curve, title, zone, language)
