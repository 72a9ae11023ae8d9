"""`ivr canary`: watch a release that is tried on some callers, and decide on it."""

from __future__ import annotations

from asyncio import run, sleep
from collections.abc import Callable, Coroutine
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from rich.console import Console
from rich.live import Live

from ivr.adapters.clock import SystemClock
from ivr.app.canary import Watch
from ivr.app.config import Config, load_config
from ivr.app.ledger import Ledger, open_ledger, who
from ivr.app.trial import TrialError, ended, latest_end, raised, share_of
from ivr.centre.releases import Act, State
from ivr.centre.releases.kinds.canary import Ending
from ivr.cli.acting import As, Why, reason, stop
from ivr.cli.canary_view import View, in_json, picture
from ivr.cli.serve import ConfigFile
from ivr.cli.told import told
from ivr.model.errors import OneCallError

LOOK_S = 0.5
"""How often a watched canary is looked at: as often as engines do."""

Result = TypeVar("Result")

app = typer.Typer(
    no_args_is_help=True,
    help="Watch a release that is tried on some callers (`ivr publish --canary 5%`), and decide.",
)


@app.command()
def status(
    watch: Annotated[
        bool, typer.Option("--watch", "-w", help="Go on until the canary has ended.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="For programs; with --watch, a line for each change.")
    ] = False,
    config: ConfigFile = None,
) -> None:
    """Show the canary: its calls and theirs who do not hear it, and how the evidence stands.

    Example: ivr canary status --watch

    Exit status: 0 it runs, or was promoted, 1 it was rolled back or ended otherwise, 2 there is none.
    """
    view = _run(config, lambda settings: _status(settings, watch, as_json))
    raise typer.Exit(1 if view.ended is not None and not view.ended.promoted else 0)


@app.command("raise")
@told
def raise_(
    share: Annotated[str, typer.Argument(help="Of callers, like 20%; more than now.")],
    message: Why,
    name: As = None,
    config: ConfigFile = None,
) -> None:
    """Have more callers hear the canary; those who hear it go on hearing it.

    Example: ivr canary raise 20% -m "nothing bad by noon"

    Exit status: 0 raised, 2 not (the ledger is as it was).
    """
    _do(config, message, name, lambda state, now: raised(state, share_of(share), now))


@app.command()
@told
def promote(message: Why, name: As = None, config: ConfigFile = None) -> None:
    """Put the canary in force for all new calls.

    Example: ivr canary promote -m "2,000 calls, no harm"

    Exit status: 0 promoted, 2 not (the ledger is as it was).
    """
    _do(config, message, name, lambda state, now: ended(state, Ending.PROMOTED))


@app.command()
@told
def abort(message: Why, name: As = None, config: ConfigFile = None) -> None:
    """End the canary: new calls run the release that is in force. Calls in progress go on.

    Example: ivr canary abort -m "wrong text in the fund menu"

    Exit status: 0 ended, 2 not (the ledger is as it was).
    """
    _do(config, message, name, lambda state, now: ended(state, Ending.ABORTED))


async def _status(settings: Config, watch: bool, as_json: bool) -> View:
    """Show what is seen, once or until the canary has ended; return what was seen last."""
    async with open_ledger(settings) as ledger:
        looking = Watch(ledger.store, SystemClock(settings.zone))
        view = await _seen(ledger, looking)
        if view.trial is None and view.ended is None:
            raise TrialError("no canary has run yet; `ivr publish --canary 5% -m WHY` starts one")
        if not watch or view.trial is None:
            typer.echo(in_json(view)) if as_json else Console().print(picture(view))
            return view
        return await (_follow_in_json if as_json else _follow)(ledger, looking, view)


async def _seen(ledger: Ledger, looking: Watch) -> View:
    state = await ledger.state()
    report = await looking.look(state)
    if report is not None:
        return View(state.canary, state.in_force, report)
    return View(ended=latest_end(await ledger.entries()))


async def _follow(ledger: Ledger, looking: Watch, view: View) -> View:
    console = Console()
    with Live(picture(view), console=console, auto_refresh=False) as live:
        while view.trial is not None:
            await sleep(LOOK_S)
            view = await _seen(ledger, looking)
            live.update(picture(view), refresh=True)
    if not console.is_terminal:
        console.line()  # a file's last line ends as well
    return view


async def _follow_in_json(ledger: Ledger, looking: Watch, view: View) -> View:
    told = in_json(view)
    typer.echo(told)
    while view.trial is not None:
        await sleep(LOOK_S)
        view = await _seen(ledger, looking)
        if in_json(view) != told:
            told = in_json(view)
            typer.echo(told)
    return view


def _do(
    config: Path | None, message: str, name: str | None, act: Callable[[State, datetime], Act]
) -> None:
    async def done(settings: Config) -> None:
        async with open_ledger(settings) as ledger:
            state = await ledger.state()
            wanted = act(state, SystemClock(settings.zone).now())
            entry = await ledger.append(wanted, why=reason(message), who=who(name), after=state)
            typer.echo(f"entry {entry.number}: {entry.act.words}")

    _run(config, done)


def _run(config: Path | None, work: Callable[[Config], Coroutine[Any, Any, Result]]) -> Result:
    """Do the work of a command; whatever is refused is told in a line, with exit status 2."""
    try:
        return run(work(load_config(config)))
    except OneCallError as error:
        raise stop("canary", error) from None
    except KeyboardInterrupt:
        raise typer.Exit(0) from None
