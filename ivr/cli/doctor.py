"""`ivr doctor`: may a caller key a card number into this installation?"""

from __future__ import annotations

import asyncio
import shlex
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console as Terminal
from rich.table import Table
from rich.text import Text

from ivr.adapters.preflight.gather import look
from ivr.adapters.preflight.running import Console
from ivr.app.config import load_config
from ivr.centre.preflight import Finding
from ivr.cli.acting import AsJson, Mistake, stop
from ivr.cli.serve import ConfigFile
from ivr.model.errors import OneCallError

FILES_ONLY = (
    "only files were looked at: what the running Asterisk does, nobody asked; "
    "give its command with --asterisk, or as `window: {asterisk: […]}`"
)


def doctor(
    pci: Annotated[
        bool, typer.Option("--pci", help="What could log, tell or record keys of a card.")
    ] = False,
    asterisk_conf: Annotated[
        Path | None,
        typer.Option(help="Asterisk's configuration. Default: `window.asterisk_conf`."),
    ] = None,
    asterisk: Annotated[
        str | None,
        typer.Option(help="Command for Asterisk's console. Default: `window.asterisk`."),
    ] = None,
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> None:
    """Look for what could log, tell or record keys of a card number or a PIN.

    The engine looks at the same before each payment, and refuses to ask for a card when anything is
    found. It helps compliance; it does not show it: see docs/secure-window.md.

    Example: ivr doctor --pci --asterisk-conf /etc/asterisk --asterisk asterisk

    Exit status: 0 nothing found, 1 something was, 2 there is nothing to look at.
    """
    try:
        if not pci:
            raise Mistake("say what to look at: `ivr doctor --pci`")
        window = load_config(config).window
        folder = asterisk_conf or window.asterisk_conf
        if folder is None or not folder.is_dir():
            raise Mistake(
                f"{folder or 'no folder'}: no configuration of an Asterisk; name its folder with "
                "--asterisk-conf, or as `window: {asterisk_conf: …}`"
            )
        command = window.asterisk if asterisk is None else _words(asterisk)
        found = asyncio.run(look(folder, Console(command) if command else None))
    except OneCallError as error:
        raise stop("doctor", error) from None
    if as_json:
        typer.echo(msgspec.json.format(msgspec.json.encode(found), indent=2).decode())
    else:
        _show(found, folder)
    if not command:
        typer.echo(f"ivr doctor: {FILES_ONLY}", err=True)
    raise typer.Exit(1 if found else 0)


def _words(command: str) -> tuple[str, ...]:
    try:
        return tuple(shlex.split(command))
    except ValueError as error:
        raise Mistake(f"--asterisk {command}: no command: {error}") from None


def _show(found: tuple[Finding, ...], folder: Path) -> None:
    terminal = Terminal(highlight=False)
    if not found:
        terminal.print(f"[green]nothing found[/] in {folder}", soft_wrap=True)
        return
    table = Table(box=None, padding=(0, 2, 1, 0))
    for heading in ("code", "what, where", "why, what to do"):
        table.add_column(heading, overflow="fold")
    for one in found:
        table.add_row(Text(one.code, "bold red"), Text(f"{one.what}\n{one.where}"), _advice(one))
    terminal.print(table)


def _advice(one: Finding) -> Text:
    return Text.assemble(f"{one.why}\n", (one.fix, "green"))
