"""The one table in the end: every figure that matters beside its peer, their ratio, what is wanted and what came
of it; and the same as JSON, with the facts of the machine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
from rich import box
from rich.console import Console
from rich.table import Table

from bench import (
    after,
    dispatch,
    held,
    live,
    orders,
    queuesim,
    store,
    surveys,
    synthetic,
    takeover,
    voc,
)
from bench.report import Report, hundredth, machine, tenth
from bench.targets import ELSEWHERE, Goal, Judged, Line, judged

LINES: Mapping[str, tuple[Line, ...]] = {
    "synthetic": synthetic.LINES,
    "asterisk": live.LINES,
    "held": held.LINES,
    "orders": orders.LINES,
    "store": store.LINES,
    "dispatch": dispatch.LINES,
    "takeover": takeover.LINES,
    "after": after.LINES,
    "queue-sim": queuesim.LINES,
    "report": (
        Line("a month's report, seconds", voc.MAKE, "seconds", tenth, (voc.VERIFY,), Goal("V1", most=voc.MOST_S)),
    ),
    "surveys": (
        Line("a month's surveys, CPU seconds", surveys.MAKE, "cpu_s", tenth, (), Goal("U1", most=voc.MOST_S)),
    ),
}  # fmt: skip
"""What of each benchmark is in it, by the benchmark's name."""


def lines(reports: Mapping[str, Report]) -> Iterator[tuple[str, Judged]]:
    """Yield the lines of a run, each with its benchmark."""
    for name, report in reports.items():
        for line in judged(report, LINES.get(name, ())):
            yield name, line


def show(reports: Mapping[str, Report], console: Console) -> None:
    """Print the table."""
    found = list(lines(reports))
    if not found:
        return
    table = Table(title="In short", title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in ("", "figure", "OneCall", "peer", "theirs", "ratio", "target", ""):
        table.add_column(heading, justify="right" if heading in ("OneCall", "theirs") else "left")
    said = ("", "")
    for name, line in found:
        first = (name, line.what) != said
        said = (name, line.what)
        table.add_row(
            name if first else "",
            line.what if first else "",
            line.figure if first else "",
            line.peer,
            line.theirs,
            hundredth(line.ratio) if line.ratio is not None else "",
            f"{line.target} {line.wanted}",
            {True: "[green]met[/]", False: "[red]missed[/]", None: ""}[line.met],
        )
    console.print(table)
    facts = machine()
    console.print(
        f"  {facts['cpu']}, {facts['cores']} cores, Linux {facts['kernel']}, Python {facts['python']}",
        style="dim",
        highlight=False,
    )
    for target, told in ELSEWHERE.items():
        console.print(f"  {target}: {told}", style="dim", highlight=False)


def as_json(reports: Mapping[str, Report]) -> dict[str, Any]:
    """Return all of a run: each benchmark's report by name, and `summary` with the machine's facts."""
    table = [{"benchmark": name, **msgspec.to_builtins(line)} for name, line in lines(reports)]
    summary = {"machine": machine(), "lines": table, "elsewhere": ELSEWHERE}
    return {**{name: one.as_json() for name, one in reports.items()}, "summary": summary}
