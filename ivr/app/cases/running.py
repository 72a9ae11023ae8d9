"""The book of cases in an engine: opened, and kept up to date."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from ivr.app.cases.book import Book
from ivr.app.cases.callers import CasesOnBook
from ivr.app.cases.opening import case_store
from ivr.app.cases.owners import OwnersByMessage
from ivr.app.cases.rounds import CaseRounds
from ivr.app.cases.rules import PublishedRules
from ivr.app.cases.taking import Taking
from ivr.app.config import Config
from ivr.app.config.cases import CasesConfig
from ivr.app.floor.floor import RunningFloor
from ivr.app.flows import Published
from ivr.app.rounds import rounds
from ivr.model.floor import Alerted
from ivr.ports.callbackbook import CallbackBook
from ivr.ports.cases import CaseRecord, Cases
from ivr.ports.clock import Clock
from ivr.ports.notify import Notify
from ivr.ports.surveys import CaseSurveys

ROUND_S = 2.0


class RunningCases:
    """The book of an engine, and the cases as its callers meet them."""

    def __init__(
        self, book: Book, rules: PublishedRules, settings: CasesConfig, clock: Clock
    ) -> None:
        self.book = book
        self._settings = settings
        self.callers = CasesOnBook(book, rules, clock)
        self._clock = clock

    @asynccontextmanager
    async def kept(
        self,
        orders: Cases,
        callbacks: CallbackBook,
        notify: Notify,
        surveys: CaseSurveys,
        floor: RunningFloor,
    ) -> AsyncIterator[None]:
        """Have done what time does to cases, and taken in what others open, as long as it lasts."""

        def alert(case: CaseRecord, kind: str) -> None:
            said = {"case": case.number, "owner": case.owner}
            floor.emit(Alerted(f"case:{case.number}", kind=kind, said=said))

        taking = Taking(self.book, orders, callbacks)
        owners = OwnersByMessage(notify, self._settings)
        ageing = CaseRounds(self.book, notify, owners, surveys, alert, self._clock)
        async with rounds(ROUND_S, taking.orders, taking.callbacks, ageing.look):
            yield


@asynccontextmanager
async def running_cases(
    config: Config, published: Published, clock: Clock
) -> AsyncIterator[RunningCases]:
    """Open the book in an engine. Raises ConfigError, PortError."""
    async with case_store(config) as store:
        rules = PublishedRules(published)
        yield RunningCases(Book(store, rules, clock), rules, config.cases, clock)
