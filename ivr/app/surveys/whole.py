"""The surveys of an engine, whole: asked in calls, offered afterwards, followed up, and every call covered."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from datetime import timedelta

from ivr.adapters.ami.client import AmiClient
from ivr.adapters.store.database import DatabaseStore
from ivr.app.callbacks.guard import Guard
from ivr.app.config import Config
from ivr.app.flows import Published
from ivr.app.rounds import rounds
from ivr.app.surveys.cases import CaseAsking
from ivr.app.surveys.closing import Closing
from ivr.app.surveys.desk import SurveyDesk
from ivr.app.surveys.following import Following
from ivr.app.surveys.offering import Offering
from ivr.ports.cases import CaseBook
from ivr.ports.clock import Clock
from ivr.ports.events import Events
from ivr.ports.notify import Notify

ROUND_S = 1.0
"""How often it is looked what is due, or lost."""
RING_MS = 30_000


class Surveying:
    """What calls and cases need of it; `running` does the rest."""

    def __init__(
        self,
        config: Config,
        store: DatabaseStore,
        events: Events,
        published: Published,
        clock: Clock,
        notify: Notify,
        guard: Guard | None,
    ) -> None:
        ring_ms = config.dialler.ring if config.dialler else RING_MS
        self._store = store
        self._published = published
        self._clock = clock
        self._gone = timedelta(milliseconds=config.coverage.gone)
        self._log = config.ami.queue_log if config.ami else None
        self._offering = Offering(store.offers, notify, guard, published, clock, ring_ms)
        self.desk = SurveyDesk(store, events, published, clock)
        self.cases = CaseAsking(store.offers, published, clock)
        self.begins = self._offering.begins

    @asynccontextmanager
    async def running(
        self,
        calls: Callable[[], Collection[str]],
        client: AmiClient | None,
        book: CaseBook,
    ) -> AsyncIterator[None]:
        """Offer, follow up, and end what is lost, as long as an engine has its `calls`."""
        store, clock = self._store, self._clock
        closing = Closing(store.offers, client, calls, clock, self._gone, self._log)
        following = Following(store.offers, store.coverage, book, self._published, clock)
        async with rounds(ROUND_S, closing.look, following.look, self._offering.look):
            yield
        await self._offering.stop()
