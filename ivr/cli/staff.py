"""`ivr staff`: who works here, what they may do, and their PINs and passwords."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, TypeVar
from zoneinfo import ZoneInfo

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from ivr.adapters.clock import SystemClock
from ivr.adapters.staff.demo import PEOPLE
from ivr.adapters.staff.demo import seed as seed_demo
from ivr.adapters.staff.embedded import EmbeddedStaff
from ivr.adapters.staff.register import Register
from ivr.app.config import Config, load_config, read_secret
from ivr.app.ledger import who
from ivr.app.staff import staff_of
from ivr.cli.acting import As, AsJson, stop
from ivr.cli.serve import ConfigFile
from ivr.cli.told import told
from ivr.model.errors import OneCallError
from ivr.model.secret import Secret
from ivr.ports.staff import Person, Role

T = TypeVar("T")

app = typer.Typer(
    no_args_is_help=True, help="Who works here, what they may do, their PINs and passwords."
)

Name = Annotated[str, typer.Argument(help="Their login name, such as li.na.")]
SecretFile = Annotated[
    Path | None,
    typer.Option("--file", help="A file of mode 0600 that holds it; left out: it is asked for."),
]


@app.command("add")
@told
def add_command(
    name: Name,
    role: Annotated[Role, typer.Option(help="What they may do.")] = Role.AGENT,
    agent: Annotated[str, typer.Option(help="Their number as an agent: 4 to 6 digits.")] = "",
    shown: Annotated[str, typer.Option(help="Their name, as colleagues see it.")] = "",
    by: As = None,
    config: ConfigFile = None,
) -> None:
    """Add somebody; give them a PIN (telephones) or a password (desk) next.

    Example: ivr staff add li.na --agent 1001 --shown 李娜

    Exit status: 0 added, 2 that name or number is taken, or cannot be one.
    """
    _changed(config, by, lambda register: register.add(Person(name, role, agent, shown)))
    typer.echo(f"{name} is added; next: ivr staff {'pin' if agent else 'password'} {name}")


@app.command("list")
def list_command(as_json: AsJson = False, config: ConfigFile = None) -> None:
    """List everybody.

    Example: ivr staff list

    Exit status: 0 listed, 2 the staff cannot be read.
    """
    people = _asked(config, lambda staff: staff.people())
    if as_json:
        typer.echo(json.dumps(msgspec.to_builtins(people), ensure_ascii=False, indent=2))
        return
    table = Table("name", "role", "agent", "shown", "may log in", box=None, padding=(0, 2, 0, 0))
    for one in people:
        style = "" if one.active else "dim"
        active = "yes" if one.active else "no"
        table.add_row(one.name, one.role.value, one.agent, one.shown, active, style=style)
    Console(highlight=False).print(table)


@app.command("role")
@told
def role_command(
    name: Name,
    role: Annotated[Role, typer.Argument(help="What they may do from now on.")],
    by: As = None,
    config: ConfigFile = None,
) -> None:
    """Give somebody another role.

    Example: ivr staff role li.na supervisor

    Exit status: 0 done, 2 there is no such person.
    """
    _changed(config, by, lambda register: register.role(name, role))
    typer.echo(f"{name} is {role}")


@app.command("pin")
@told
def pin_command(
    name: Name, file: SecretFile = None, by: As = None, config: ConfigFile = None
) -> None:
    """Give an agent a new PIN for telephones: six digits. It is never an argument: others would see it.

    Example: ivr staff pin li.na

    Exit status: 0 done, 2 there is no such agent, or it is easy to guess.
    """
    pin = read_typed("new PIN", file)
    _changed(config, by, lambda register: register.pin(name, pin))
    typer.echo(f"{name} has a new PIN")


@app.command("password")
@told
def password_command(
    name: Name, file: SecretFile = None, by: As = None, config: ConfigFile = None
) -> None:
    """Give somebody a new password for the desk: 12 characters or more.

    Example: ivr staff password li.na --file li.na.password

    Exit status: 0 done, 2 there is no such person, or it is easy to guess.
    """
    password = read_typed("new password", file)
    _changed(config, by, lambda register: register.password(name, password))
    typer.echo(f"{name} has a new password")


@app.command("disable")
@told
def disable_command(name: Name, by: As = None, config: ConfigFile = None) -> None:
    """Let somebody log in no longer; a desk that they have open ends.

    Example: ivr staff disable li.na

    Exit status: 0 done, 2 there is no such person.
    """
    _changed(config, by, lambda register: register.active(name, on=False))
    typer.echo(f"{name} cannot log in any more")


@app.command("enable")
@told
def enable_command(name: Name, by: As = None, config: ConfigFile = None) -> None:
    """Let somebody log in again.

    Example: ivr staff enable li.na

    Exit status: 0 done, 2 there is no such person.
    """
    _changed(config, by, lambda register: register.active(name, on=True))
    typer.echo(f"{name} can log in")


@app.command("unlock")
@told
def unlock_command(name: Name, by: As = None, config: ConfigFile = None) -> None:
    """Let somebody's PIN and password be tried again, after too many wrong ones.

    Example: ivr staff unlock li.na

    Exit status: 0 done, 2 there is no such person.
    """
    counted = _changed(config, by, lambda register: register.unlock(name))
    typer.echo("unlocked" if counted else f"nothing was counted against {name}")


@app.command("audit")
def audit_command(
    last: Annotated[int, typer.Option("--last", "-n", min=0, help="Lines; 0: all.")] = 100,
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> None:
    """Show what staff did: who logged in, listened, changed whom. Nothing of it can be changed.

    Example: ivr staff audit --last 20

    Exit status: 0 shown, 2 the staff cannot be read.
    """
    lines = _asked(config, lambda staff: staff.trail(last))
    if as_json:
        typer.echo(json.dumps(msgspec.to_builtins(lines), ensure_ascii=False, indent=2))
        return
    table = Table("when", "who", "what", "about", "from", box=None, padding=(0, 2, 0, 0))
    zone = ZoneInfo(_config(config).zone)
    for one in lines:
        when = one.at.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")
        table.add_row(when, one.who, one.what, one.about, one.source)
    Console(highlight=False).print(table)


@app.command("seed")
@told
def seed_command(config: ConfigFile = None) -> None:
    """Add the demo's staff, with public PINs and passwords. Not where real callers ring.

    Example: ivr staff seed

    Exit status: 0 they are there, 2 the staff cannot be written.
    """
    added = _asked(config, seed_demo)
    typer.echo(f"{added} added, {len(PEOPLE)} demo people in all:")
    table = Table("name", "role", "agent", "PIN", "password", box=None, padding=(0, 2, 0, 0))
    for person, (pin, password) in PEOPLE.items():
        table.add_row(person.name, person.role.value, person.agent, pin, password)
    Console(highlight=False).print(table)


def _config(file: Path | None) -> Config:
    try:
        return load_config(file)
    except OneCallError as error:
        raise stop("staff", error) from None


def _asked(file: Path | None, ask: Callable[[EmbeddedStaff], Awaitable[T]]) -> T:
    """Return what the staff's file answers; end with a line about what is wrong."""
    config = _config(file)

    async def asking() -> T:
        async with staff_of(config, SystemClock(config.zone)) as staff:
            return await ask(staff)

    try:
        return asyncio.run(asking())
    except OneCallError as error:
        raise stop("staff", error) from None


def _changed(file: Path | None, by: str | None, change: Callable[[Register], Awaitable[T]]) -> T:
    return _asked(file, lambda staff: change(Register(staff, who(by))))


def read_typed(what: str, file: Path | None, *, again: bool = True) -> Secret:
    """Read a secret from a file, from a pipe, or from the keyboard (`again`: twice)."""
    if file is not None:
        try:
            return Secret(read_secret(file))
        except OneCallError as error:
            raise stop("staff", error) from None
    if not sys.stdin.isatty():
        return Secret(sys.stdin.readline().rstrip("\n"))
    return Secret(typer.prompt(what, hide_input=True, confirmation_prompt=again))
