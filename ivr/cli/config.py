"""`ivr config`: what the configuration says, and whether it can be used."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from ivr.app.config.inspection import Finding, inspect
from ivr.app.config.keys import DEFAULT, Setting, settings
from ivr.app.config.page import page
from ivr.app.config.reading import read_config
from ivr.cli.acting import AsJson, stop
from ivr.cli.serve import ConfigFile
from ivr.cli.told import told
from ivr.model.errors import OneCallError

app = typer.Typer(no_args_is_help=True, help="What onecall.yaml says, and whether it can be used.")


@app.command()
def show(
    section: Annotated[str, typer.Argument(help="Only this section: agi, dialler …")] = "",
    changed: Annotated[
        bool, typer.Option("--changed", help="Only what is not as it is by default.")
    ] = False,
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> None:
    """Show every value that holds, and who says so: a default, a line of the file, or a variable of the
    environment. Secrets are not in the configuration, only the names of their files.

    Example: ivr config show agi --changed

    Exit status: 0 shown, 2 the configuration cannot be used.
    """
    try:
        held = list(settings(read_config(config)))
    except OneCallError as error:
        raise stop("config show", error) from None
    wanted = [
        one
        for one in held
        if f"{one.path}.".startswith(f"{section}." if section else "")
        and not (changed and one.source == DEFAULT)
    ]
    if section and not any(f"{one.path}.".startswith(f"{section}.") for one in held):
        names = sorted({one.path.partition(".")[0] for one in held})
        known = f"there is no section `{section}` in use; there are {', '.join(names)}"
        raise stop("config show", OneCallError(known))
    if as_json:
        typer.echo(json.dumps([_plain(one) for one in wanted], ensure_ascii=False, indent=2))
    else:
        Console(highlight=False).print(_table(wanted))


@app.command()
def check(as_json: AsJson = False, config: ConfigFile = None) -> None:
    """Say whether the configuration can be used: each mistake with file:line:column, and each file and
    folder that it names and that is missing, or a secret that others may read.

    Example: ivr config check -c /etc/onecall/onecall.yaml

    Exit status: 0 it can, 1 something that it names is not as it must be, 2 it says what cannot be.
    """
    try:
        found = list(inspect(read_config(config)))
    except OneCallError as error:
        raise stop("config check", error) from None
    if as_json:
        typer.echo(json.dumps([_finding(one) for one in found], ensure_ascii=False, indent=2))
    for one in () if as_json else found:
        typer.echo(f"{one.source}: {one.path}: {one.problem} ({one.hint})")
    if found:
        raise typer.Exit(1)
    if not as_json:
        typer.echo("the configuration can be used")


@app.command()
@told
def reference(
    file: Annotated[Path, typer.Argument(help="Where the page goes.")] = Path("docs/config.md"),
) -> None:
    """Write the page of all keys: their defaults and what they mean.

    Example: ivr config reference docs/config.md

    Exit status: 0 written, 2 the file cannot be written.
    """
    try:
        file.write_text(page(), "utf-8")
    except OSError as error:
        problem = f"{file}: cannot be written: {error.strerror}; name a file in a folder of yours"
        raise stop("config reference", OneCallError(problem)) from None
    typer.echo(f"written: {file}")


def _plain(one: Setting) -> dict[str, Any]:
    return {"key": one.path, "value": one.value, "source": one.source}


def _finding(one: Finding) -> dict[str, str]:
    return {"key": one.path, "problem": one.problem, "hint": one.hint, "source": one.source}


def _table(held: list[Setting]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0))
    for heading in ("key", "value", "from"):
        table.add_column(heading, overflow="fold", no_wrap=heading == "key")
    for one in held:
        value = (
            one.value if isinstance(one.value, str) else json.dumps(one.value, ensure_ascii=False)
        )
        style = "dim" if one.source == DEFAULT else ""
        table.add_row(one.path, value, one.source, style=style)
    return table
