"""Figures: samples by engine, their medians, and how they stand to the targets."""

from __future__ import annotations

import os
import platform
import statistics
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
from rich import box
from rich.console import Console
from rich.table import Table

NOISY_CORES = 0.3
"""Foreign load beyond which a round is void, as long as another one is not."""


class Sample(msgspec.Struct, frozen=True):
    """What one round measured of one engine: figures by name, and the foreign load in cores."""

    engine: str
    round: int
    noise: float
    figures: Mapping[str, float]


class Target(msgspec.Struct, frozen=True):
    """A target of the project, and whether it was met. `text` says both sides."""

    name: str
    text: str
    met: bool


class Report(msgspec.Struct):
    """One run of one benchmark."""

    title: str
    samples: list[Sample]
    targets: list[Target]
    notes: list[str]

    @property
    def engines(self) -> list[str]:
        """The engines in the order they were measured."""
        return list(dict.fromkeys(sample.engine for sample in self.samples))

    def median(self, engine: str, figure: str) -> float:
        """Return the median of a figure over the rounds that count; NaN when there is none."""
        measured = [
            sample
            for sample in self.samples
            if sample.engine == engine and figure in sample.figures
        ]
        calm = [sample for sample in measured if sample.noise <= NOISY_CORES]
        values = [sample.figures[figure] for sample in calm or measured]
        return statistics.median(values) if values else float("nan")

    def as_json(self) -> dict[str, Any]:
        """Return everything for a file."""
        names = dict.fromkeys(name for sample in self.samples for name in sample.figures)
        medians = {
            engine: {
                name: value
                for name in names
                if (value := self.median(engine, name)) == value  # not NaN
            }
            for engine in self.engines
        }
        return {**msgspec.to_builtins(self), "medians": medians, "machine": machine()}


def machine() -> dict[str, Any]:
    """Return what the figures were taken on."""
    model = "unknown"
    for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines():
        if line.startswith("model name"):
            model = line.partition(":")[2].strip()
            break
    return {
        "cpu": model,
        "cores": os.cpu_count(),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "at": datetime.now(UTC).isoformat(timespec="seconds"),  # noqa: TID251
    }


class Column(msgspec.Struct, frozen=True):
    """One column of a table: its heading, the figure, and how it is written."""

    heading: str
    figure: str
    write: Callable[[float], str]


def show(report: Report, columns: Iterable[Column], console: Console) -> None:
    """Print medians, targets and notes."""
    table = Table(
        title=report.title,
        title_justify="left",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        collapse_padding=True,
    )
    table.add_column("engine", no_wrap=True)
    wanted = list(columns)
    for column in wanted:
        table.add_column(column.heading, justify="right")
    table.add_column("others\ncores", justify="right")
    for engine in report.engines:
        medians = (report.median(engine, column.figure) for column in wanted)
        cells = [
            "–" if value != value else column.write(value)  # NaN
            for column, value in zip(wanted, medians, strict=True)
        ]
        noise = [sample.noise for sample in report.samples if sample.engine == engine]
        table.add_row(engine, *cells, f"{statistics.median(noise):.2f}")
    console.print(table)
    for target in report.targets:
        mark = "[green]met[/]   " if target.met else "[red]missed[/]"
        console.print(f"  {target.name:3} {mark} {target.text}", highlight=False)
    for note in report.notes:
        console.print(f"  note: {note}", highlight=False, style="dim")


def whole(value: float) -> str:
    """Write a large figure."""
    return f"{value:,.0f}"


def tenth(value: float) -> str:
    """Write a small figure."""
    return f"{value:,.1f}"


def hundredth(value: float) -> str:
    """Write a ratio or milliseconds."""
    return f"{value:,.2f}"
