"""`ivr desk`: the agent desk and the wallboard, for browsers."""

from __future__ import annotations

import asyncio
import logging
import signal
from functools import partial

import typer
from rich.console import Console

from ivr.app.config import Config, load_config
from ivr.app.hardening import harden
from ivr.app.supervision import supervised
from ivr.cli.acting import stop
from ivr.cli.serve import ConfigFile, log_to
from ivr.model.errors import OneCallError


def desk(config: ConfigFile = None) -> None:
    """Serve the agent desk and the wallboard until SIGTERM or Ctrl-C.

    It is a process of its own beside `ivr serve`, with the same configuration, and is listened for on
    loopback unless `desk.host` says otherwise; agents come by a TLS proxy (docs/desk.md). People and
    their passwords: `ivr staff`.

    Example: ivr desk -c onecall.yaml

    Exit status: 0 stopped when asked, 2 could not start.
    """
    try:
        settings = load_config(config)
        log_to(Console(stderr=True), logging.INFO, settings)
        harden()
        asyncio.run(_serve(settings))
    except OneCallError as error:
        raise stop("desk", error) from None


async def _serve(config: Config) -> None:
    # Web servers take a while to load; no other command needs them.
    from ivr.desk.service import serving_desk

    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    async with serving_desk(config) as url:
        typer.echo(f"listening on {url}")
        async with supervised(partial(asyncio.sleep, 0), f"listening on {url}"):
            await ended.wait()
