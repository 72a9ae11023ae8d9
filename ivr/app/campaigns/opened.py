"""Campaigns as a command has them: on the file, whether an engine runs or not."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec

from ivr.adapters.campaigns.lists import DatabaseCampaigns
from ivr.adapters.clock import SystemClock
from ivr.app.campaigns.book import Book
from ivr.app.campaigns.whole import FILE
from ivr.app.config import Config, DiallerConfig
from ivr.app.flows import Published
from ivr.app.ledger import open_ledger
from ivr.app.places import made
from ivr.centre.dialling import Numbers
from ivr.model.campaigns import CampaignDocument


class Opened(msgspec.Struct, frozen=True):
    """The book, the file behind it, the campaigns of the published flows, and what may be dialled."""

    book: Book
    store: DatabaseCampaigns
    campaigns: dict[str, CampaignDocument]
    numbers: Numbers


@asynccontextmanager
async def opened_campaigns(config: Config) -> AsyncIterator[Opened]:
    """Open the campaigns of a configuration, as an engine has them. Raises ReleaseError, LedgerError,
    PortError."""
    clock = SystemClock(config.zone)
    async with open_ledger(config) as ledger:
        published = Published(ledger.store, clock)
        await published.look()
    sheets = published.current.campaigns
    campaigns = {name: sheet.document for name, sheet in sheets.items()}
    numbers = (config.dialler or DiallerConfig()).numbers(config.country)
    store = await DatabaseCampaigns.open(made(config, FILE), clock)
    try:
        book = Book(store, lambda: list(campaigns.values()), numbers)
        yield Opened(book, store, campaigns, numbers)
    finally:
        await store.close()
