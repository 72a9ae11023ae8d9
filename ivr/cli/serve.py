"""`ivr serve`: run the engine."""

from __future__ import annotations

import asyncio
import gc
import logging
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Annotated, BinaryIO
from zoneinfo import ZoneInfo

import typer
import uvloop
from rich.console import Console
from rich.logging import RichHandler

from ivr.adapters.telemetry.logs import JsonLines
from ivr.app.config import Config, ConfigError, load_config
from ivr.app.config.telemetry import LogFormat
from ivr.app.hardening import harden
from ivr.app.service import DRAIN_S, running
from ivr.app.supervision import supervised
from ivr.model.errors import OneCallError

ConfigFile = Annotated[
    Path | None,
    typer.Option("--config", "-c", envvar="ONECALL_CONFIG", help="Default: ./onecall.yaml."),
]


def serve(
    config: ConfigFile = None,
    drain: Annotated[
        float, typer.Option(help="Seconds that calls may still take after SIGTERM.")
    ] = DRAIN_S,
    events: Annotated[
        Path | None, typer.Option(help="Append every event to this file as a JSON line, live.")
    ] = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Log more.")] = False,
) -> None:
    """Answer Asterisk's calls until SIGTERM or Ctrl-C.

    New calls run the release that the ledger says is in force (`ivr releases`); the very first start
    publishes the flows folder. SIGHUP (or `ivr reload`) has it look at the ledger and the prompts at
    once.

    Example: ivr serve -c onecall.yaml

    Exit status: 0 stopped when asked, 1 could not start.
    """
    errors = Console(stderr=True)
    try:
        settings = load_config(config)
        log_to(errors, logging.DEBUG if verbose else logging.INFO, settings)
        with _opened(events) as feed:
            harden()
            # Never in asyncio's debug mode, whatever the environment says: it logs what tasks return,
            # and keys are among that.
            uvloop.run(_serve(settings, drain, feed), debug=False)
    except OneCallError as error:
        errors.print(f"[red]ivr serve:[/] {error}", highlight=False, soft_wrap=True)
        raise typer.Exit(1) from None


def _opened(events: Path | None) -> AbstractContextManager[BinaryIO | None]:
    if events is None:
        return nullcontext()
    try:
        return events.open("ab")
    except OSError as error:
        raise ConfigError(f"--events {events}: cannot be written: {error.strerror}") from error


async def _serve(config: Config, drain: float, feed: BinaryIO | None) -> None:
    async with running(config, feed) as engine:
        # What is loaded by now lives as long as the engine: no collection need look at it again.
        gc.freeze()
        host, port = engine.address
        said = f"listening on {host}:{port}, flows {engine.version[:12]}"
        typer.echo(said)
        async with supervised(engine.alive, said):
            await engine.serve(drain)
    await asyncio.sleep(0)  # let transports say goodbye


def log_to(console: Console, level: int, config: Config) -> None:
    """Log as the configuration wants it: in colour for people, whole lines that can be searched for
    files, or an object a line for a log store."""
    # It would log what is written to databases: customers' data.
    logging.getLogger("aiosqlite").setLevel(logging.INFO)
    wanted = config.telemetry.log
    if wanted is LogFormat.JSON:
        handler = logging.StreamHandler()
        handler.setFormatter(JsonLines(ZoneInfo(config.zone), config.cluster.node))
        logging.basicConfig(level=level, handlers=[handler])
    elif wanted is LogFormat.AUTO and console.is_terminal:
        shown = RichHandler(console=console, show_path=False, rich_tracebacks=False)
        logging.basicConfig(level=level, format="%(message)s", handlers=[shown])
    else:
        logging.basicConfig(level=level, format="%(asctime)s %(levelname)s %(message)s")
