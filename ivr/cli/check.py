"""`ivr check`: find what is wrong with flow files before a caller does."""

from __future__ import annotations

import enum
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from msgspec.structs import replace
from rich.console import Console
from rich.text import Text

from ivr.adapters.flowfile import try_load
from ivr.adapters.prompts.catalogue import load_catalogue
from ivr.app.config import Config, load_config
from ivr.app.flows import known, verified
from ivr.cli.explain import explain
from ivr.cli.sarif import sarif
from ivr.engine.check import Known
from ivr.model.errors import FlowError, OneCallError
from ivr.model.flow import FlowSet
from ivr.model.problem import Problem, Severity


class Format(enum.StrEnum):
    """How the result is written: for people, or for programs."""

    TEXT = "text"
    JSON = "json"
    SARIF = "sarif"


def check(
    path: Annotated[
        Path | None,
        typer.Argument(help="A folder of flow files, or one file of it. Default: as configured."),
    ] = None,
    form: Annotated[
        Format,
        typer.Option(
            "--format", "-f", help="How to write it: sarif is for code hosts and editors."
        ),
    ] = Format.TEXT,
    as_json: Annotated[
        bool, typer.Option("--json", help="For programs: the same as --format json.")
    ] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Let warnings fail as well.")] = False,
    code: Annotated[
        str | None,
        typer.Option("--explain", metavar="CODE", help="Print the page of a code, e.g. IVR301."),
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option("--config", "-c", envvar="ONECALL_CONFIG", help="Default: ./onecall.yaml."),
    ] = None,
) -> None:
    """Check flow files: every mistake at once, with its place and what to write instead.

    For example: `ivr check flows --strict`, `ivr check --explain IVR303`.

    Exit status: 0 nothing wrong (warnings are allowed), 1 something is, 2 nothing could be checked.
    """
    try:
        if code is not None:
            explain(code)
            return
        settings = load_config(config)
        folder, only = _folder(path or settings.flows, settings)
        flow_set, problems = verified(try_load(folder), _names(settings))
    except OneCallError as error:
        typer.echo(f"ivr check: {error}", err=True)
        raise typer.Exit(2) from None
    shown = [_placed(one, folder) for one in problems if only in (None, one.place.file)]
    shown.sort(key=lambda problem: (problem.place, problem.code))
    form = Format.JSON if as_json else form
    if form is Format.TEXT:
        _print(flow_set, shown)
    else:
        found = _as_json(flow_set, shown) if form is Format.JSON else sarif(shown)
        typer.echo(json.dumps(found, ensure_ascii=False, indent=2))
    failed = any(strict or problem.severity is Severity.ERROR for problem in shown)
    raise typer.Exit(1 if failed else 0)


def _names(settings: Config) -> Known:
    if not settings.prompts.is_dir():
        typer.echo(f"prompts are not checked: there is no folder {settings.prompts}", err=True)
        return known(settings, None)
    return known(settings, load_catalogue(settings.prompts))


def _folder(path: Path, settings: Config) -> tuple[Path, str | None]:
    """Return the folder to check, and the one file to speak of, if only one is meant.

    Raises FlowError for what is neither a folder nor a flow file.
    """
    if path.is_dir():
        return path, None
    if not path.is_file():
        raise FlowError(f"{path}: there is no such folder or file")
    if path.suffix not in (".yaml", ".yml"):
        raise FlowError(f"{path}: a flow file is named NAME.yaml")
    file, flows = path.resolve(), settings.flows.resolve()
    if file.is_relative_to(flows):
        return settings.flows, file.relative_to(flows).as_posix()
    return path.parent, path.name


def _placed(problem: Problem, folder: Path) -> Problem:
    """Name a problem's file as one would from here."""
    if problem.place.file == str(folder):
        return problem
    file = folder / problem.place.file
    if file.is_absolute() and file.is_relative_to(Path.cwd()):
        file = file.relative_to(Path.cwd())
    return replace(problem, place=replace(problem.place, file=str(file)))


def _print(flow_set: FlowSet | None, problems: Sequence[Problem]) -> None:
    console = Console(highlight=False, soft_wrap=True)
    for problem in problems:
        wrong = problem.severity is Severity.ERROR
        line = Text(f"{problem.place}: ", "bold")
        line.append(f"{problem.severity} {problem.code} ", "red" if wrong else "yellow")
        line.append(problem.message, "default")
        console.print(line)
        if problem.hint:
            console.print(Text(f"    {problem.hint}", "dim"))
    found = "no problems"
    if problems:
        errors = sum(problem.severity is Severity.ERROR for problem in problems)
        found = f"{_count(errors, 'error')}, {_count(len(problems) - errors, 'warning')}"
    if flow_set is not None:
        flows = _count(len(flow_set.flows), "flow")
        calendars = _count(len(flow_set.calendars), "calendar")
        found = f"{flows}, {calendars}, version {flow_set.version[:12]}: {found}"
    console.print(found)
    if problems:
        console.print(Text(f"more about a code: ivr check --explain {problems[0].code}", "dim"))


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def _as_json(flow_set: FlowSet | None, problems: Sequence[Problem]) -> dict[str, Any]:
    errors = sum(problem.severity is Severity.ERROR for problem in problems)
    return {
        "version": flow_set and flow_set.version,
        "errors": errors,
        "warnings": len(problems) - errors,
        "problems": [
            {
                "code": problem.code,
                "severity": problem.severity,
                "file": problem.place.file,
                "line": problem.place.line,
                "column": problem.place.column,
                "message": problem.message,
                "hint": problem.hint,
            }
            for problem in problems
        ],
    }
