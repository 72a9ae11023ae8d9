"""The surveys of an engine, whole: asked in calls, offered afterwards, followed up, and every call covered."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from datetime import timedelta

from ivr.adapters.ami.interface import Ami
from ivr.adapters.store.database import DatabaseStore
from ivr.app.callbacks.guard import Guard
from ivr.app.config import Config
from ivr.app.flows import Published
from ivr.app.rounds import rounds
from ivr.app.surveys.cases import CaseAsking
from ivr.app.surveys.closing import Closing
from ivr.app.surveys.desk import SurveyDesk
from ivr.app.surveys.following import Following
from ivr.app.surveys.offering import Offering, beginnings_of
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
    ) -> None:
        self._ring_ms = config.dialler.ring if config.dialler else RING_MS
        self._notify = notify
        self._store = store
        self._published = published
        self._clock = clock
        self._gone = timedelta(milliseconds=config.coverage.gone)
        self._logs = tuple(one.queue_log for one in config.asterisks if one.queue_log)
        self.desk = SurveyDesk(store, events, published, clock)
        self.cases = CaseAsking(store.offers, published, clock)
        self.begins = beginnings_of(store.offers)

    @asynccontextmanager
    async def running(
        self,
        calls: Callable[[], Collection[str]],
        client: Ami | None,
        book: CaseBook,
        guard: Guard | None,
    ) -> AsyncIterator[None]:
        """Offer, follow up, and end what is lost, as long as an engine leads that has its `calls`."""
        store, clock, published = self._store, self._clock, self._published
        offering = Offering(store.offers, self._notify, guard, published, clock, self._ring_ms)
        closing = Closing(store.offers, client, calls, clock, self._gone, self._logs)
        following = Following(store.offers, store.coverage, book, published, clock)
        async with rounds(ROUND_S, closing.look, following.look, offering.look):
            yield
        await offering.stop()
