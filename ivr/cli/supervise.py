"""`ivr supervise`: keep a process alive where no systemd does."""

from __future__ import annotations

import asyncio
import logging
from typing import Annotated

import typer
from rich.console import Console

from ivr.app.supervisor import SILENCE_S, Supervisor
from ivr.model.errors import OneCallError


def supervise(
    command: Annotated[list[str], typer.Argument(help="What to run, after `--`.")],
    silence: Annotated[
        float, typer.Option(min=1, help="Seconds without a sign of life before it is killed.")
    ] = SILENCE_S,
) -> None:
    """Run an engine, kill it when it freezes, and start it again whenever it ends by accident.

    For containers, and machines without systemd; with systemd the units do the same (WatchdogSec). A killed
    engine's callers are with the next node, or in the plain queue, within a second. Signals are passed on.

    Example: ivr supervise -- ivr serve -c onecall.yaml

    Exit status: 0 it has ended in peace, else that of what ran; 1 it could not be started.
    """
    errors = Console(stderr=True)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    try:
        status = asyncio.run(Supervisor(command, silence).run())
    except OneCallError as error:
        errors.print(f"[red]ivr supervise:[/] {error}", highlight=False, soft_wrap=True)
        raise typer.Exit(1) from None
    raise typer.Exit(status if status >= 0 else 128 - status)
