"""What the commands of campaigns share."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import typer

from ivr.app.campaigns.opened import Opened
from ivr.app.config import Config, load_config
from ivr.cli.acting import stop
from ivr.model.campaigns import CampaignDocument
from ivr.model.errors import OneCallError
from ivr.ports.campaigns import Changed

COMMAND = "campaigns"
Work = Callable[[Opened], Awaitable[None]]


def acting(
    file: Path | None,
    work: Work,
    opened: Callable[[Config], AbstractAsyncContextManager[Opened]],
) -> None:
    """Do something with the campaigns of a configuration; end with a line about what is wrong."""

    async def doing() -> None:
        async with opened(load_config(file)) as campaigns:
            await work(campaigns)

    try:
        asyncio.run(doing())
    except OneCallError as error:
        raise stop(COMMAND, error) from None


def known(opened: Opened, name: str) -> CampaignDocument:
    """Return a campaign by its name; ends the command where there is none."""
    document = opened.campaigns.get(name)
    if document is None:
        there = ", ".join(sorted(opened.campaigns)) or "none"
        raise stop(
            COMMAND,
            f"there is no campaign `{name}` in the published flows; there are: {there}"
            " (a new file of flows/campaigns counts once it is published: `ivr publish`)",
        )
    return document


def done(changed: Changed, what: str) -> None:
    """Say what was done; end the command with status 1 where it was refused."""
    if changed.refused:
        raise stop(COMMAND, changed.refused, status=1)
    typer.echo(what)
