"""`ivr test`: run all scripted callers of a folder of flows."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from rich.text import Text

from ivr.adapters.flowfile import load
from ivr.app.callers import CallersReport, callers_of, run_callers
from ivr.app.config import Config, load_config
from ivr.cli.serve import ConfigFile
from ivr.engine.coverage import Coverage, Unreached
from ivr.model.errors import FlowError, OneCallError
from ivr.model.flow import FlowSet


def run_tests(
    flows: Annotated[
        Path | None, typer.Argument(help="A folder of flow files. Default: as configured.")
    ] = None,
    callers: Annotated[
        Path | None, typer.Option(help="The scripted callers. Default: the folder's `callers/`.")
    ] = None,
    least: Annotated[
        float,
        typer.Option("--min-coverage", min=0, max=100, help="Fail below so many % of the steps."),
    ] = 0,
    missed: Annotated[
        bool, typer.Option("--coverage", help="Name every step and edge that no caller reaches.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
    config: ConfigFile = None,
) -> None:
    """Run every scripted caller of a folder of flows, and say what of the flows they came through.

    Time is virtual and each caller has a fresh demo bank; who does not say `at:` calls on a Monday
    at ten. For example: ivr test flows --coverage --min-coverage 90

    Exit status: 0 all went as expected, 1 a caller did not or too little is covered, 2 the flows or
    a script cannot be used.
    """
    try:
        settings = load_config(config)
        folder = flows or settings.flows
        flow_set = load(folder)
        report = _run(flow_set, callers or callers_of(folder), settings, quiet=as_json)
    except OneCallError as error:
        typer.echo(f"ivr test: {error}", err=True)
        raise typer.Exit(2) from None
    if as_json:
        typer.echo(json.dumps(_as_json(report), ensure_ascii=False, indent=2))
    else:
        _print(report, folder, missed=missed)
    short = report.coverage.percent < least
    if short:
        reached = f"{report.coverage.percent:.1f} % of the steps are reached"
        typer.echo(f"ivr test: {reached}, less than {least:g} %: write further callers", err=True)
    raise typer.Exit(0 if report.passed and not short else 1)


def _run(flows: FlowSet, folder: Path, config: Config, *, quiet: bool) -> CallersReport:
    console = Console(stderr=True)
    hidden = quiet or not console.is_terminal
    with Progress(console=console, transient=True, disable=hidden) as progress:
        task = progress.add_task("callers")
        report = asyncio.run(
            run_callers(
                flows,
                folder,
                config,
                lambda done, of: progress.update(task, completed=done, total=of),
            )
        )
    if not report.results:
        raise FlowError(
            f"there are no scripted callers in {folder}; `ivr simulate --record` makes one"
        )
    return report


def _print(report: CallersReport, folder: Path, *, missed: bool) -> None:
    console = Console(highlight=False, soft_wrap=True)
    table = Table("", "caller", "", box=None, padding=(0, 1))
    for result in report.results:
        mark = Text("FAILED", "bold red") if result.failures else Text("passed", "green")
        table.add_row(mark, f"{result.file.stem}: {result.caller}", f"{result.ms / 1000:.0f} s")
        for failure in result.failures:
            table.add_row("", Text(failure, "red"), "")
    console.print(table)
    if missed:
        for one in report.coverage.unreached:
            console.print(Text(_line(one, folder), "yellow"))
    failed = sum(bool(result.failures) for result in report.results)
    console.print(f"{len(report.results)} callers, {failed} failed; {_covered(report.coverage)}")


def _covered(covered: Coverage) -> str:
    steps = f"{covered.steps_reached} of {covered.steps} steps ({covered.percent:.1f} %)"
    return f"they reached {steps}, {covered.edges_reached} of {covered.edges} edges"


def _line(one: Unreached, folder: Path) -> str:
    where = f"{folder / one.place.file}:{one.place.line}:{one.place.column}"
    if not one.outcome:
        return f"{where}: no caller reaches the step {one.flow}.{one.step}"
    edge = f"{one.outcome} → {one.target}"
    return f"{where}: no caller takes the edge {one.flow}.{one.step}: {edge}"


def _as_json(report: CallersReport) -> dict[str, object]:
    covered = report.coverage
    return {
        "passed": report.passed,
        "callers": [
            {
                "file": str(result.file),
                "caller": result.caller,
                "passed": not result.failures,
                "failures": list(result.failures),
                "ms": result.ms,
            }
            for result in report.results
        ],
        "coverage": {
            "steps": covered.steps,
            "steps_reached": covered.steps_reached,
            "edges": covered.edges,
            "edges_reached": covered.edges_reached,
            "percent": round(covered.percent, 1),
            "unreached": [
                {
                    "file": one.place.file,
                    "line": one.place.line,
                    "column": one.place.column,
                    "flow": one.flow,
                    "step": one.step,
                    "outcome": one.outcome,
                    "target": one.target,
                }
                for one in covered.unreached
            ],
        },
    }
