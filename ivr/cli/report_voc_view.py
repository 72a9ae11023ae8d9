"""How a month of customers' words looks on a terminal."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from ivr.centre.voc.figures import Row, VocReport
from ivr.model.taxonomy import TaxonomyDocument

MOST = 10
Columns = Mapping[str, tuple[str, Callable[[Any], str]]]
"""Field → its heading, and how it is written."""


def show(report: VocReport, taxonomy: TaxonomyDocument, language: str, console: Console) -> None:
    """Print the figures that are read first; the page has all."""
    (total,) = report.rows("totals")
    names = {name: one.name.get(language, name) for name, one in taxonomy.taxonomy.items()}
    names |= {name: one.name.get(language, name) for name, one in taxonomy.themes().items()}
    branches = {number: one.name.get(language, number) for number, one in taxonomy.branches.items()}
    console.print(
        f"[bold]{report.month}[/] {branches.get(report.branch, '')}: {total['calls']:,} calls, "
        f"{total['collected']:,} things said ({total['unclassified']:,} without a theme), "
        f"{total['matters']:,} matters, {total['complaints']:,} complaints, "
        f"{_rate(total['per_thousand'])} per 1,000 calls "
        f"({_rate(total['low'])} – {_rate(total['high'])})\n"
    )
    themes: Columns = {
        "theme": ("theme", lambda name: names.get(name, name or "–")),
        "matters": ("matters", str),
        "complaints": ("complaints", str),
        "before": ("before", str),
        "per_thousand": ("/1,000", _rate),
    }
    said = [row for row in report.rows("themes") if row["level"] == 2 or not row["theme"]]
    _print(console, _largest(said), themes)
    _print(console, report.rows("steps")[:MOST], _STEPS)
    hot = [row for row in report.rows("hot") if row["hot"]]
    _print(console, hot, {**_HOT, "theme": themes["theme"]})
    signals = [row for row in report.rows("trend") if row["signal"]]
    _print(console, signals, _DAYS)


def _largest(rows: Sequence[Row]) -> list[Row]:
    heard = [row for row in rows if row["matters"]]
    return sorted(heard, key=lambda row: -int(row["matters"] or 0))[:MOST]


def _print(console: Console, rows: Sequence[Row], columns: Columns) -> None:
    if not rows:
        return
    table = Table(box=None, padding=(0, 2, 0, 0))
    for field, (heading, _) in columns.items():
        text = isinstance(rows[0][field], str)
        table.add_column(heading, justify="left" if text else "right", no_wrap=True)
    for row in rows:
        table.add_row(*(write(row[field]) for field, (_, write) in columns.items()))
    console.print(table)
    console.print()


def _rate(value: Any) -> str:
    return "–" if value is None else f"{value:.2f}"


_STEPS: Columns = {
    "step": ("menu step", str),
    "visits": ("visits", str),
    "complaints": ("complaints", str),
    "per_thousand": ("/1,000", _rate),
    "low": ("from", _rate),
    "high": ("to", _rate),
}
_HOT: Columns = {
    "theme": ("hot topic", str),
    "branch": ("branch", str),
    "complaints": ("complaints", str),
    "before": ("before", str),
    "ratio": ("times", _rate),
    "q": ("q", lambda value: f"{value:.4f}"),
}
_DAYS: Columns = {
    "day": ("day out of control", str),
    "per_thousand": ("/1,000", _rate),
    "low": ("from", _rate),
    "high": ("to", _rate),
    "signal": ("why", str),
}
