"""What an engine stands on: its store, the releases in it, and the recordings."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec

from ivr.adapters.store.database import DatabaseStore
from ivr.app.cluster.shared import RELEASES, tell_all
from ivr.app.config import Config, folder
from ivr.app.flows import Published, known
from ivr.app.ledger import DATABASE, Ledger
from ivr.app.places import made
from ivr.app.prompts import LatestPrompts
from ivr.app.publishing import first_release, warn_of_edits
from ivr.app.surveys.rules import asking_of
from ivr.ports.clock import Clock


class Basis(msgspec.Struct, frozen=True):
    """It. `state` is the folder of what the engine keeps."""

    config: Config
    clock: Clock
    state: Path
    prompts: LatestPrompts
    store: DatabaseStore
    ledger: Ledger
    published: Published

    @property
    def version(self) -> str:
        """The version of the flows that new calls run."""
        return self.published.current.version


@asynccontextmanager
async def basis(config: Config, clock: Clock) -> AsyncIterator[Basis]:
    """Open the store, and publish the flows where nothing is yet.

    Raises FlowError, LedgerError, ConfigError, CatalogueError, PortError.
    """
    prompts = LatestPrompts(config)
    state = folder(config.state)
    store = await DatabaseStore.open(
        made(config, DATABASE), clock, asking_of=asking_of, country=config.country
    )
    try:
        ledger = Ledger(store, clock, lambda: tell_all(config, RELEASES))
        await first_release(ledger, config.flows, known(config, prompts.catalogue))
        published = Published(store, clock, prompts.read_again)
        await published.look()
        warn_of_edits(config.flows, published.serving)
        yield Basis(config, clock, state, prompts, store, ledger, published)
    finally:
        await store.close()
