"""`ivr reload`: have running engines look at once."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import typer

from ivr.app.config import load_config
from ivr.app.prompts import catalogue_of
from ivr.cli.serve import ConfigFile
from ivr.model.errors import OneCallError


def reload(config: ConfigFile = None) -> None:
    """Have each engine of this state folder look at the ledger and read the prompts anew, now.

    Engines look at the ledger twice a second by themselves; this is for prompts that were built or
    recorded since. Flows that were edited change nothing until `ivr publish`.

    Example: ivr prompts build && ivr reload

    Exit status: 0 asked, 1 no engine runs, 2 the prompts cannot be used, or an engine not asked.
    """
    try:
        settings = load_config(config)
        catalogue_of(settings)
    except OneCallError as error:
        typer.echo(f"ivr reload: {error}", err=True)
        raise typer.Exit(2) from None
    engines = list(running_engines(settings.state))
    if not engines:
        typer.echo(f"no engine runs with the state folder {settings.state}", err=True)
        raise typer.Exit(1)
    for pid in engines:
        try:
            os.kill(pid, signal.SIGHUP)
        except OSError as error:
            problem = f"engine {pid} cannot be asked: {error.strerror}; run this as its user"
            typer.echo(f"ivr reload: {problem}", err=True)
            raise typer.Exit(2) from None
        typer.echo(f"engine {pid}: looks at the ledger and the prompts")


def running_engines(state: Path) -> Iterator[int]:
    """Yield the engines that run: a process that ended badly leaves its file behind."""
    for file in sorted(state.glob("engine-*.pid")):
        pid = file.read_text("utf-8").strip()
        command = Path(f"/proc/{pid}/cmdline")
        if pid.isdecimal() and command.exists() and b"serve" in command.read_bytes().split(b"\0"):
            yield int(pid)
