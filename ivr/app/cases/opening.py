"""Opening the book of cases: for an engine, and for a command beside it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from ivr.adapters import cases as backends
from ivr.adapters.clock import SystemClock
from ivr.app.cases.book import Book
from ivr.app.cases.rules import FlowRules, PublishedRules
from ivr.app.config import Config, ConfigError
from ivr.app.flows import Published
from ivr.app.ledger import open_ledger
from ivr.app.places import made
from ivr.model.flow import FlowSet
from ivr.ports.casestore import CaseStore

FILE = "cases.sqlite"
"""The file in the state folder."""


@asynccontextmanager
async def case_store(config: Config) -> AsyncIterator[CaseStore]:
    """Open where cases are kept. Raises ConfigError, PortError."""
    known = backends.discover()
    backend = known.get(config.cases.backend)
    if backend is None:
        there = ", ".join(sorted(known))
        raise ConfigError(
            f"cases: backend: there is no {config.cases.backend!r}; there are {there}"
        )
    store: CaseStore = await backend.opened(made(config, FILE))
    try:
        yield store
    finally:
        await store.close()


@asynccontextmanager
async def case_book(config: Config) -> AsyncIterator[Book]:
    """Open the book as commands write to it, beside an engine or without one: what is written is decided
    on the file, so that two who write at once do not undo each other's.

    Raises ConfigError, ReleaseError, LedgerError, FlowError, PortError.
    """
    clock = SystemClock(config.zone)
    async with open_ledger(config) as ledger, case_store(config) as store:
        published = Published(ledger.store, clock)
        await published.look()
        yield Book(store, PublishedRules(published), clock)


@asynccontextmanager
async def case_reader(config: Config) -> AsyncIterator[Book]:
    """Open the book to read what is in it; of the rules in force it knows nothing.

    Raises ConfigError, PortError.
    """
    async with case_store(config) as store:
        nothing = FlowRules(FlowSet("", {}))
        yield Book(store, lambda: nothing, SystemClock(config.zone))
