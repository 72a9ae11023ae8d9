"""`ivr reload`: publish the flows folder in running engines."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import typer

from ivr.app.config import load_config
from ivr.app.flows import known, verified
from ivr.app.service import catalogue_of
from ivr.cli.serve import ConfigFile
from ivr.model.errors import OneCallError


def reload(config: ConfigFile = None) -> None:
    """Check the flows folder and have each engine of this state folder publish it for new calls.

    Calls in progress stay on their version. Exit status: 0 asked, 1 refused or no engine runs.
    """
    try:
        settings = load_config(config)
        names = known(settings, catalogue_of(settings))
        flow_set, problems = verified(settings.flows, names)
    except OneCallError as error:
        typer.echo(f"ivr reload: {error}", err=True)
        raise typer.Exit(1) from None
    for problem in problems:
        typer.echo(str(problem), err=True)
    if flow_set is None:
        typer.echo("refused: the flows in force stay so", err=True)
        raise typer.Exit(1)
    engines = list(_engines(settings.state))
    if not engines:
        typer.echo(f"no engine runs with the state folder {settings.state}", err=True)
        raise typer.Exit(1)
    for pid in engines:
        os.kill(pid, signal.SIGHUP)
        typer.echo(f"engine {pid}: publishes {flow_set.version[:12]}")


def _engines(state: Path) -> Iterator[int]:
    """Yield the engines that run: a process that ended badly leaves its file behind."""
    for file in sorted(state.glob("engine-*.pid")):
        pid = int(file.read_text("utf-8"))
        command = Path(f"/proc/{pid}/cmdline")
        if command.exists() and b"serve" in command.read_bytes().split(b"\0"):
            yield pid
