"""`ivr sandbox`: the demo's bank and gateway as a process of their own."""

from __future__ import annotations

import asyncio
import signal
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from ivr.app.config import load_config, make_token
from ivr.app.hardening import harden
from ivr.app.supervision import supervised
from ivr.cli.acting import stop
from ivr.cli.serve import ConfigFile
from ivr.model.errors import OneCallError

PORT = 8800


def sandbox(
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one.")] = PORT,
    state: Annotated[Path, typer.Option(help="Folder for its databases and its token.")] = Path(
        "var/sandbox"
    ),
    token_file: Annotated[
        Path | None,
        typer.Option(
            help="Who has this token may ask. Default: sandbox.token in the folder, made."
        ),
    ] = None,
    config: ConfigFile = None,
) -> None:
    """Serve the demo bank, gateway, messages and knowledge over HTTP on 127.0.0.1, until Ctrl-C.

    It is what a bank's own systems would be (docs/backends.md), and misbehaves on demand: faults are
    asked for with PUT /sandbox/faults/PORT/METHOD.

    Example: ivr sandbox --port 8800 --state var/sandbox

    Exit status: 0 stopped when asked, 2 could not start.
    """
    try:
        settings = load_config(config)
        harden()
        asyncio.run(_serve(state, settings.zone, token_file, port))
    except OneCallError as error:
        raise stop("sandbox", error) from None


async def _serve(state: Path, zone: str, token_file: Path | None, port: int) -> None:
    # Web servers take a while to load; no other command needs them.
    from ivr.app.sandbox import TOKEN, sandbox

    token = token_file or state / TOKEN
    if token_file is None:
        make_token(token)
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    async with sandbox(state, zone, token, port) as url:
        typer.echo(f"listening on {url}, token in {token}")
        typer.echo(f"bank: {{backend: http, url: {url}, token_file: {token.resolve()}}}")
        async with supervised(partial(asyncio.sleep, 0), f"listening on {url}"):
            await ended.wait()
