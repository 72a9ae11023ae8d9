"""`ivr asterisk`: Asterisk's own configuration, made of OneCall's."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from itertools import groupby
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.text import Text

from ivr.adapters.asterisk.difference import HIDDEN, Difference, How, differences
from ivr.adapters.asterisk.writing import installed, reloads, write
from ivr.adapters.clock import SystemClock
from ivr.app.asterisk import files, flows_of
from ivr.app.config import Config, folder, load_config
from ivr.cli.acting import AsJson, stop
from ivr.cli.serve import ConfigFile
from ivr.cli.told import told
from ivr.model.errors import OneCallError

app = typer.Typer(
    no_args_is_help=True, help="Asterisk's side: what it must be told, and whether it was."
)

Installed = Annotated[
    Path | None,
    typer.Option("--folder", help="Asterisk's configuration. Default: `asterisk.folder`."),
]
Name = Annotated[str, typer.Option("--name", help="Which Asterisk, where `ami` lists several.")]

_STYLES = {How.LACKS: "red", How.FOREIGN: "yellow", How.OTHER: "magenta"}
_SIGNS = {How.LACKS: "-", How.FOREIGN: "+", How.OTHER: "~"}


@app.command("render")
@told
def render_command(
    to: Annotated[Path, typer.Argument(help="Where the files go; made if it is not there.")],
    name: Name = "",
    config: ConfigFile = None,
) -> None:
    """Write Asterisk's configuration into a folder: numbers, codes and agents of the flows in force,
    the rest of onecall.yaml. Passwords that are not there yet are made.

    Example: ivr asterisk render build/asterisk

    Exit status: 0 written, 2 it could not be: what to do is said.
    """
    try:
        texts = _wanted(load_config(config), name, make=True)
        write(folder(to), texts)
    except OneCallError as error:
        raise stop("asterisk render", error) from None
    typer.echo(f"{len(texts)} files in {to}; there are passwords in them")


@app.command("diff")
def diff_command(
    at: Installed = None,
    name: Name = "",
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> None:
    """Show what the installed configuration lacks (-), has besides (+), or has otherwise (~). Comments, and
    the order where it means nothing to Asterisk, are no difference; passwords are never shown.

    Example: ivr asterisk diff --folder /etc/asterisk

    Exit status: 0 no difference, 1 there are some, 2 it cannot be read.
    """
    try:
        settings = load_config(config)
        wanted = _wanted(settings, name, make=False)
        found = differences(wanted, installed(at or settings.asterisk.folder))
    except OneCallError as error:
        raise stop("asterisk diff", error) from None
    if as_json:
        typer.echo(msgspec.json.format(msgspec.json.encode(found), indent=2).decode())
    else:
        _show(found)
    raise typer.Exit(1 if found else 0)


@app.command("install")
@told
def install_command(
    at: Installed = None,
    name: Name = "",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would be written.")
    ] = False,
    replace: Annotated[
        bool, typer.Option("--replace", help="Also what is in them besides, which is lost then.")
    ] = False,
    config: ConfigFile = None,
) -> None:
    """Write Asterisk's configuration where it reads it, and say what to reload. Each file that is replaced
    is kept in a folder beside them; sections that are not OneCall's are only replaced with --replace.

    Example: ivr asterisk install --dry-run

    Exit status: 0 written (or nothing was to be), 1 sections of others are in the way, 2 it could not be.
    """
    try:
        settings = load_config(config)
        target = at or settings.asterisk.folder
        wanted, there = _wanted(settings, name, make=not dry_run), installed(target)
        found = differences(wanted, there)
        changed = {one: wanted[one] for one in sorted({one.file for one in found})}
        if foreign := [one for one in found if one.how is How.FOREIGN and not one.key]:
            _warn(foreign, target)
            if not (replace or dry_run):
                raise stop("asterisk install", "nothing was written; see --replace", status=1)
        if changed and not dry_run:
            now = SystemClock(settings.zone).now()
            aside = target / f"before-onecall-{now:%Y%m%dT%H%M%S}"
            write(target, changed, aside)
            _written(changed, there, target, aside)
    except OneCallError as error:
        raise stop("asterisk install", error) from None
    _advise(changed, dry_run=dry_run)


def _wanted(config: Config, name: str, *, make: bool) -> Mapping[str, str]:
    return files(config, asyncio.run(flows_of(config)), name, make=make)


def _show(found: Iterable[Difference]) -> None:
    console = Console(highlight=False)
    for (file, section), group in groupby(found, lambda one: (one.file, one.section)):
        console.print(Text(f"{file} [{section}]" if section else file, "bold"), soft_wrap=True)
        for one in group:
            for line in _lines(one):
                console.print(Text(f"  {line}", _STYLES[one.how]), soft_wrap=True)


def _lines(one: Difference) -> Iterable[str]:
    if not one.key:
        what = "section" if one.section else "file"
        yield f"{_SIGNS[one.how]} the whole {what}"
        return
    # Of a row of values, those that both have are of no interest.
    both = set(one.wanted) & set(one.there)
    for sign, values in (("-", one.wanted), ("+", one.there)):
        yield from (f"{sign} {one.key} = {value}" for value in values if value not in both)
    if both and both == set(one.wanted) == set(one.there):
        secret = both == {HIDDEN}
        yield f"~ {one.key}: {'another one' if secret else 'the same values in another row'}"


def _warn(foreign: Iterable[Difference], target: Path) -> None:
    for one in foreign:
        typer.echo(f"{target / one.file}: [{one.section}] is not OneCall's", err=True)


def _written(changed: Iterable[str], there: Mapping[str, str], target: Path, aside: Path) -> None:
    for one in changed:
        kept = f", the old one is {aside / one}" if one in there else ""
        typer.echo(f"written: {target / one}{kept}")


def _advise(changed: Mapping[str, str], *, dry_run: bool) -> None:
    if not changed:
        typer.echo("nothing is to be written: Asterisk has what it needs")
        return
    if dry_run:
        typer.echo(f"would be written: {', '.join(changed)}")
    for command in reloads(changed):
        typer.echo(f"then: asterisk -rx '{command}'")
