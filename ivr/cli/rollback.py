"""`ivr rollback`: put an earlier release in force again, at once."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from ivr.app.config import Config, load_config
from ivr.app.ledger import Ledger, ReleaseError, open_ledger, who
from ivr.centre.releases import Release, State
from ivr.centre.releases.kinds.publishing import Rollback
from ivr.cli.acting import As, Why, reason, stop
from ivr.cli.serve import ConfigFile
from ivr.model.errors import OneCallError
from ivr.ports.releases import LedgerMoved


def rollback(
    message: Why,
    release: Annotated[
        int | None,
        typer.Argument(help="The release, by its number. Default: the one before that in force."),
    ] = None,
    name: As = None,
    config: ConfigFile = None,
) -> None:
    """Put an earlier release in force again for new calls, on every node, without any gate.

    Calls in progress stay on their version. A second rollback goes back one further.

    Example: ivr rollback -m "callers get lost in the new menu"

    Exit status: 0 done, 1 somebody else was first, 2 there is nothing to go back to.
    """
    try:
        settings = load_config(config)
        typer.echo(asyncio.run(_rollback(settings, release, reason(message), who(name))))
    except LedgerMoved as error:
        raise stop("rollback", f"{error}, then try again", 1) from None
    except OneCallError as error:
        raise stop("rollback", error) from None


async def _rollback(config: Config, number: int | None, why: str, by: str) -> str:
    async with open_ledger(config) as ledger:
        state = await ledger.state()
        target = await _target(ledger, state, number)
        await ledger.flows_of(target.version)
        act = Rollback(target.number, target.version)
        await ledger.append(act, why=why, who=by, after=state)
    coming = "".join(
        f"\nrelease {one.release.number} still comes into force at {one.due:%Y-%m-%d %H:%M}; "
        f"`ivr publish --cancel {one.release.number} -m WHY` stops it"
        for one in state.scheduled
    )
    name = f"release {target.number} (version {target.version[:12]})"
    return f"{name} is in force again for new calls{coming}"


async def _target(ledger: Ledger, state: State, number: int | None) -> Release:
    if number is None:
        if state.canary:
            raise ReleaseError(
                f"canary {state.canary.number} is running; `ivr canary abort -m WHY` takes it back, "
                "and `ivr rollback N -m WHY` what all others hear"
            )
        if len(state.history) < 2:
            raise ReleaseError("there is no release before the one in force; see `ivr releases`")
        return state.history[-2]
    if state.in_force and number == state.in_force.number:
        raise ReleaseError(f"release {number} is in force already")
    return Release(number, await ledger.version(number))
