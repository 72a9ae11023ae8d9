"""The desk as a process: what it opens, and serving it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial

from ivr.adapters.clock import SystemClock
from ivr.adapters.prompts.texts import load_texts
from ivr.app.backends import opened
from ivr.app.banking import bank_of
from ivr.app.config import Config
from ivr.app.figures import figures
from ivr.app.floor.client import floor_client
from ivr.app.flows import Published
from ivr.app.ledger import open_store
from ivr.app.orders import order_ledger
from ivr.app.recordings import Sounds
from ivr.app.rounds import rounds
from ivr.app.staff import staff_of
from ivr.app.voc.book import voc_book
from ivr.centre.releases import LedgerError
from ivr.desk.application import application
from ivr.desk.casewatch import CaseWatch
from ivr.desk.offers import Offers
from ivr.desk.records import KeptRecords
from ivr.desk.site import Site
from ivr.desk.watch import Watch
from ivr.http.serving import serving
from ivr.model.errors import PortError
from ivr.ports.cases import CaseBook
from ivr.ports.clock import Clock
from ivr.ports.coverage import CoverageBook

ROUND_S = 5.0
"""How often it is looked for flows that were published."""
FIGURES_S = 5.0
"""How often today's figures are counted."""
STAFF_S = 15.0
"""How often it is looked for people who may not be here any more."""


@asynccontextmanager
async def serving_desk(config: Config) -> AsyncIterator[str]:
    """Serve the desk of an engine's configuration; yield its URL. The engine may come later.

    Raises ConfigError, ReleaseError, CatalogueError, PortError, ListenError: what is wrong, and what to
    do.
    """
    async with AsyncExitStack() as stack:
        enter = stack.enter_async_context
        clock = SystemClock(config.zone)
        store = await enter(open_store(config))
        published = Published(store, clock)
        await published.look()
        await enter(rounds(ROUND_S, partial(_look, published)))
        notify = await enter(opened("notify", config.notify, clock))
        bank = await enter(opened("bank", config.bank, clock, notify=notify))
        far = await enter(floor_client(config))
        ledger = await enter(order_ledger(config, begin=True))
        watch, casewatch = Watch(far.floor, clock.now()), CaseWatch(far.cases)
        site = Site(
            config.desk,
            clock,
            await enter(staff_of(config, clock)),
            far,
            watch,
            casewatch,
            KeptRecords(store, ledger, far.cases, bank_of(config, bank), clock),
            Offers(lambda: published.current, load_texts(config.prompts), config.agents.endpoints),
            voc_book(config),
            ledger,
            Sounds(config.state),
        )
        await enter(watch.running())
        await enter(casewatch.running())
        await enter(rounds(STAFF_S, site.look_over))
        await enter(rounds(FIGURES_S, partial(_count, watch, store.coverage, far.cases, clock)))
        url = await enter(serving(application(site), config.desk.port, config.desk.host))
        # Streams end before the server waits for them.
        stack.callback(site.close)
        yield url


async def _look(published: Published) -> None:
    """Take what was published since; a ledger that is broken is looked at again."""
    try:
        await published.look()
    except LedgerError as error:
        raise PortError("releases", str(error)) from error


async def _count(watch: Watch, coverage: CoverageBook, cases: CaseBook, clock: Clock) -> None:
    """Count how many callers were asked, and the cases."""
    watch.count(await figures(coverage, cases, clock.now()))
