"""`ivr agents`: agents at work, from a shell: who does what, and what they wish for."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import Annotated, TypeVar

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from ivr.adapters.clock import SystemClock
from ivr.app.config import Config, load_config
from ivr.app.ledger import who
from ivr.app.staff import staff_of
from ivr.app.states import agents_diagram
from ivr.cli.acting import As, AsJson, stop
from ivr.cli.serve import ConfigFile
from ivr.cli.staff import SecretFile, read_typed
from ivr.cli.told import told
from ivr.model.errors import OneCallError
from ivr.ports.agents import Agents, AgentState, AgentView, Done, Refusal

T = TypeVar("T")

app = typer.Typer(no_args_is_help=True, help="Agents at work: who does what, login to logout.")

AgentId = Annotated[str, typer.Argument(metavar="AGENT", help="The agent's number, such as 1001.")]

WORDS = {
    Refusal.CREDENTIALS: "the number or the PIN is wrong; `ivr staff pin` gives a new one",
    Refusal.LOCKED: "too many wrong PINs; `ivr staff unlock` lets them be tried again",
    Refusal.STATE: "not from this state; see `ivr agents show`",
    Refusal.TARGET: "there is no such agent, telephone or reason; see flows/agents.yaml",
    Refusal.WINDOW: "the caller is alone with the machine; try again later",
    Refusal.UNREACHABLE: "Asterisk cannot be asked; see the engine's log",
}


@app.command("show")
def show_command(
    everybody: Annotated[
        bool, typer.Option("--all", "-a", help="Those who are offline as well.")
    ] = False,
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> None:
    """Show who is at work, what they do, since when and why.

    Example: ivr agents show

    Exit status: 0 shown, 2 the engine cannot be asked.
    """
    settings = _config(config)
    views = _asked(settings, lambda agents: agents.views())
    if not everybody:
        views = tuple(one for one in views if one.state is not AgentState.OFFLINE)
    if as_json:
        typer.echo(msgspec.json.format(msgspec.json.encode(views), indent=2).decode())
    else:
        now = SystemClock(settings.zone).now()
        Console(highlight=False).print(_table(views, now))


@app.command("login")
@told
def login_command(
    agent: AgentId,
    endpoint: Annotated[
        str, typer.Option(help="The telephone: its PJSIP endpoint; left out: agent and the number.")
    ] = "",
    file: SecretFile = None,
    by: As = None,
    config: ConfigFile = None,
) -> None:
    """Log an agent in on a telephone, paused; the PIN is asked for.

    Example: ivr agents login 1001

    Exit status: 0 done, 1 refused, 2 the engine cannot be asked.
    """
    pin = read_typed("PIN", file, again=False)
    phone = endpoint or f"agent{agent}"
    _wish("login", agent, lambda agents: agents.login(agent, pin, phone), by, config)


@app.command("ready")
@told
def ready_command(agent: AgentId, by: As = None, config: ConfigFile = None) -> None:
    """Have an agent take calls; ends a pause and wrap-up.

    Example: ivr agents ready 1001

    Exit status: 0 done, 1 refused, 2 the engine cannot be asked.
    """
    _wish("ready", agent, lambda agents: agents.ready(agent), by, config)


@app.command("pause")
@told
def pause_command(
    agent: AgentId,
    reason: Annotated[
        str, typer.Option(help="Why: a reason of flows/agents.yaml, by key or name.")
    ] = "",
    by: As = None,
    config: ConfigFile = None,
) -> None:
    """Have an agent take no calls, after the one that goes on.

    Example: ivr agents pause 1001 --reason lunch

    Exit status: 0 done, 1 refused, 2 the engine cannot be asked.
    """
    _wish("pause", agent, lambda agents: agents.pause(agent, reason), by, config)


@app.command("logout")
@told
def logout_command(agent: AgentId, by: As = None, config: ConfigFile = None) -> None:
    """Log an agent out, after the call that goes on.

    Example: ivr agents logout 1001

    Exit status: 0 done, 1 refused, 2 the engine cannot be asked.
    """
    _wish("logout", agent, lambda agents: agents.logout(agent), by, config)


@app.command("diagram")
@told
def diagram_command() -> None:
    """Print what agents do as a Mermaid state diagram, from the table that the engine runs.

    Example: ivr agents diagram

    Exit status: 0 printed.
    """
    typer.echo(agents_diagram(), nl=False)


def _config(file: Path | None) -> Config:
    try:
        return load_config(file)
    except OneCallError as error:
        raise stop("agents", error) from None


def _asked(config: Config, ask: Callable[[Agents], Awaitable[T]]) -> T:
    """Return what the engine answers; end with a line about what is wrong."""

    async def asking() -> T:
        # An HTTP client takes a while to load; most commands need none.
        from ivr.app.floor.client import floor_client

        async with floor_client(config) as far:
            return await ask(far.agents)

    try:
        return asyncio.run(asking())
    except OneCallError as error:
        raise stop("agents", f"{error}; is `ivr serve` running?") from None


def _wish(
    what: str,
    agent: str,
    ask: Callable[[Agents], Awaitable[Done]],
    by: str | None,
    file: Path | None,
) -> None:
    """Have something done for an agent, with a line in the staff's trail about who did it."""
    config = _config(file)

    async def noted() -> None:
        async with staff_of(config, SystemClock(config.zone)) as staff:
            await staff.note(who(by), f"agents.{what}", agent, "shell")

    try:
        asyncio.run(noted())
    except OneCallError as error:
        raise stop("agents", error) from None
    done = _asked(config, ask)
    if done.refused is not None:
        raise stop(f"agents {what}", f"{agent}: {WORDS[done.refused]}", status=1)
    if done.view is not None:
        reason = f" ({done.view.reason})" if done.view.reason else ""
        typer.echo(f"{agent} {done.view.name}: {done.view.state.replace('_', '-')}{reason}")


def _table(views: tuple[AgentView, ...], now: datetime) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0))
    for heading in ("agent", "name", "state", "since", "reason", "telephone", "queue", "missed"):
        table.add_column(heading)
    for one in views:
        since = ""
        if one.since is not None:
            minutes, seconds = divmod(int((now - one.since).total_seconds()), 60)
            since = f"{one.since.astimezone(now.tzinfo):%H:%M:%S} ({minutes}:{seconds:02})"
        missed = str(one.missed) if one.missed else ""
        table.add_row(
            one.agent, one.name, one.state, since, one.reason, one.endpoint, one.queue, missed
        )
    return table
