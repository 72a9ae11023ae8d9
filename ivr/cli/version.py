"""`ivr version`: what runs here, and on which flows and databases."""

from __future__ import annotations

import asyncio
import platform
from importlib.metadata import version as version_of
from typing import Any

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from ivr.app.config import Config, load_config
from ivr.app.databases import states
from ivr.app.ledger import ReleaseError, open_ledger
from ivr.cli.acting import AsJson, stop
from ivr.cli.serve import ConfigFile
from ivr.model.errors import OneCallError


def version(as_json: AsJson = False, config: ConfigFile = None) -> None:
    """Show the versions of OneCall, of Python, of the flows in force and of each database.

    Example: ivr version --json

    Exit status: 0 shown, 2 something cannot be read: what to do is said.
    """
    try:
        told = asyncio.run(_told(load_config(config)))
    except OneCallError as error:
        raise stop("version", error) from None
    if as_json:
        typer.echo(msgspec.json.format(msgspec.json.encode(told), indent=2).decode())
    else:
        Console(highlight=False).print(_table(told))


async def _told(config: Config) -> dict[str, Any]:
    found = [one for one in states(config) if one.version or one.wrong]
    if wrong := next((one for one in found if one.wrong), None):
        raise OneCallError(f"{wrong.place}: {wrong.wrong}")
    return {
        "onecall": version_of("onecall"),
        "python": platform.python_version(),
        "flows": await _flows(config),
        "databases": [
            {"name": one.name, "version": one.version, "newest": one.newest} for one in found
        ],
    }


async def _flows(config: Config) -> dict[str, Any] | None:
    """Return the release in force, if there is one."""
    try:
        async with open_ledger(config) as ledger:
            release = (await ledger.state()).in_force
    except ReleaseError:
        return None
    return {"release": release.number, "version": release.version} if release else None


def _table(told: dict[str, Any]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
    flows = told["flows"]
    table.add_row("OneCall", told["onecall"])
    table.add_row("Python", told["python"])
    table.add_row(
        "flows",
        f"{flows['version'][:12]} (release {flows['release']})" if flows else "none published",
    )
    for one in told["databases"]:
        behind = f", the newest is {one['newest']}" if one["version"] != one["newest"] else ""
        table.add_row(one["name"], f"version {one['version']}{behind}")
    return table
