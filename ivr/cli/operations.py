"""`ivr status`, `ivr drain`, `ivr resume`: how the engine is, and whether it takes new calls."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from ivr.app.config import Config, load_config
from ivr.cli.acting import AsJson, stop
from ivr.cli.serve import ConfigFile
from ivr.model.errors import OneCallError
from ivr.ports.operations import EngineStatus, Operations

Ask = Callable[[Operations], Awaitable[EngineStatus]]


def status(as_json: AsJson = False, config: ConfigFile = None) -> None:
    """Show how the engine is: its flows, its calls, what it is connected to, and what is wrong.

    Load balancers ask `/ready` (200 or 503) and `/health` at the port of `floor` in the configuration.

    Example: ivr status --json

    Exit status: 0 it should be given calls, 1 it should not: why is said, 2 it cannot be asked.
    """
    found = _asked("status", config, lambda operations: operations.status())
    _show(found, as_json=as_json)
    if found.problems:
        raise typer.Exit(1)


def drain(as_json: AsJson = False, config: ConfigFile = None) -> None:
    """Have the engine take no new calls: Asterisk takes them to the next node. Those that run go on; stop
    the engine when `ivr status` shows none.

    Example: ivr drain && ivr status

    Exit status: 0 it drains, 2 it cannot be asked.
    """
    _show(_asked("drain", config, lambda operations: operations.drain()), as_json=as_json)


def resume(as_json: AsJson = False, config: ConfigFile = None) -> None:
    """Have a draining engine take new calls again.

    Example: ivr resume

    Exit status: 0 it takes calls, 2 it cannot be asked.
    """
    _show(_asked("resume", config, lambda operations: operations.resume()), as_json=as_json)


def _asked(command: str, config: ConfigFile, ask: Ask) -> EngineStatus:
    try:
        return asyncio.run(_ask(load_config(config), ask))
    except OneCallError as error:
        raise stop(command, f"{error}; is `ivr serve` running?") from None


async def _ask(config: Config, ask: Ask) -> EngineStatus:
    # An HTTP client takes a while to load; most commands need none.
    from ivr.app.floor.client import floor_client

    async with floor_client(config) as far:
        return await ask(far.operations)


def _show(found: EngineStatus, *, as_json: bool) -> None:
    if as_json:
        told = {**msgspec.to_builtins(found), "problems": list(found.problems)}
        typer.echo(msgspec.json.format(msgspec.json.encode(told), indent=2).decode())
        return
    table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
    for name, value in _rows(found):
        table.add_row(name, value)
    console = Console(highlight=False)
    console.print(table)
    for problem in found.problems:
        console.print(f"[red]not ready:[/] {problem}", soft_wrap=True)
    if not found.problems:
        console.print("[green]ready[/]")


def _rows(found: EngineStatus) -> list[tuple[str, str]]:
    up = timedelta(seconds=int((found.at - found.started).total_seconds()))
    ami = {None: "not configured", True: "connected", False: "not connected"}[found.ami]
    floor = f"{found.waiting} waiting, {found.agents} agents logged in"
    if not found.leader:
        floor = f"{found.led_by} leads; `ivr queues` asks it" if found.led_by else "nobody leads"
    store = f"{found.store.pending} entries to write, {found.store.lost} lost"
    return [
        ("engine", f"{found.node}: process {found.pid}, up {up}"),
        ("nodes", ", ".join(found.nodes)),
        ("flows", found.version[:12]),
        ("calls here", f"{found.calls} of at most {found.calls_most}"),
        ("floor", floor),
        ("manager interface", ami),
        ("store", store),
    ]
