"""`ivr doctor`: is this system as it must be, and if not, what to do."""

from __future__ import annotations

import asyncio
import shlex
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console as Terminal
from rich.table import Table
from rich.text import Text

from ivr.adapters.preflight.gather import look
from ivr.adapters.preflight.running import Console
from ivr.app.config import Config
from ivr.app.config.reading import read_config
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
        bool, typer.Option("--pci", help="Only what could log, tell or record keys of a card.")
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
    """Look at the whole system as it runs: Asterisk's manager interface, modules and dialplan, recordings,
    engines, databases, files, disk and clock, and what could log or record keys of a card or a PIN.

    The engine looks at the last before each payment, and refuses to ask for a card when anything is
    found. That helps compliance; it does not show it: see docs/secure-window.md.

    Example: ivr doctor ; ivr doctor --pci --asterisk-conf /etc/asterisk --asterisk asterisk

    Exit status: 0 nothing found, 1 something was, 2 there is nothing to look at.
    """
    try:
        read = read_config(config)
        settings = _window(read.config, asterisk_conf, asterisk)
        if pci:
            _preflight(settings, as_json=as_json)
        # What is looked at takes a while to load; the preflight needs little of it.
        from ivr.app.checkup import Site, examine

        site = Site(msgspec.structs.replace(read, config=settings))
        looked = asyncio.run(examine(site))
    except OneCallError as error:
        raise stop("doctor", error) from None
    found = [finding for one in looked for finding in one.findings]
    if as_json:
        typer.echo(msgspec.json.format(msgspec.json.encode(looked), indent=2).decode())
    else:
        terminal = Terminal(highlight=False)
        for one in looked:
            mark = Text("✗ ", "bold red") if one.findings else Text("✓ ", "green")
            terminal.print(mark + Text(f"{one.subject}: {one.seen}"), soft_wrap=True)
        if found:
            terminal.print(_table(found))
    raise typer.Exit(1 if found else 0)


def _window(config: Config, folder: Path | None, command: str | None) -> Config:
    """Return the configuration with what the command line says of Asterisk."""
    window = config.window
    if folder is not None:
        window = window.model_copy(update={"asterisk_conf": folder})
    if command is not None:
        window = window.model_copy(update={"asterisk": _words(command)})
    return config.model_copy(update={"window": window})


def _preflight(config: Config, *, as_json: bool) -> None:
    folder, command = config.window.asterisk_conf, config.window.asterisk
    if folder is None or not folder.is_dir():
        raise Mistake(
            f"{folder or 'no folder'}: no configuration of an Asterisk; name its folder with "
            "--asterisk-conf, or as `window: {asterisk_conf: …}`"
        )
    found = asyncio.run(look(folder, Console(command) if command else None))
    if as_json:
        typer.echo(msgspec.json.format(msgspec.json.encode(found), indent=2).decode())
    elif found:
        Terminal(highlight=False).print(_table(found))
    else:
        Terminal(highlight=False).print(f"[green]nothing found[/] in {folder}", soft_wrap=True)
    if not command:
        typer.echo(f"ivr doctor: {FILES_ONLY}", err=True)
    raise typer.Exit(1 if found else 0)


def _words(command: str) -> tuple[str, ...]:
    try:
        return tuple(shlex.split(command))
    except ValueError as error:
        raise Mistake(f"--asterisk {command}: no command: {error}") from None


def _table(found: Iterable[Finding]) -> Table:
    table = Table(box=None, padding=(0, 2, 1, 0))
    for heading in ("code", "what, where", "why, what to do"):
        table.add_column(heading, overflow="fold")
    for one in found:
        table.add_row(Text(one.code, "bold red"), Text(f"{one.what}\n{one.where}"), _advice(one))
    return table


def _advice(one: Finding) -> Text:
    return Text.assemble(f"{one.why}\n", (one.fix, "green"))
