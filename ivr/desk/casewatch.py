"""Following the book of cases: one long poll for all the lists of a desk."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec

from ivr.desk.news import News
from ivr.desk.watch import POLL_MS, RETRY_S
from ivr.model.errors import PortError
from ivr.ports.cases import CaseBook, CaseFilter, CaseRecord

PACE_S = 0.5
"""The book is not read more often: a list is at most so much older."""
MOST = 2_000
"""Open cases that are followed, those to be answered first."""


class SeenCases(msgspec.Struct, frozen=True):
    """The cases that were not closed when the book was seen last. `number` grows with each;
    `problem` is why it did not answer after that, if it did not."""

    number: int = 0
    cases: tuple[CaseRecord, ...] = ()
    problem: str = "the book was not asked yet"


class CaseWatch:
    """What the desk knows of the book. It asks again `pace_s` after each answer, `retry_s` after none."""

    def __init__(self, book: CaseBook, pace_s: float = PACE_S, retry_s: float = RETRY_S) -> None:
        self._book = book
        self._pace_s = pace_s
        self._retry_s = retry_s
        self.entries = -1
        """How many things had happened to cases by then."""
        self._news = News()
        self.seen = SeenCases()

    async def after(self, number: int, within_s: float) -> SeenCases:
        """Return what was seen after `number`, as soon as there is anything, or the last after a while,
        or when woken."""
        await self._news.after(number, within_s)
        return self.seen

    def wake(self) -> None:
        """Wake whoever waits, though nothing is new."""
        self._news.wake()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Follow the book meanwhile. The first look is over when this begins."""
        await self._look()
        task = asyncio.create_task(self._follow())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.wait([task])

    async def _follow(self) -> None:
        while True:
            await asyncio.sleep(self._retry_s if self.seen.problem else self._pace_s)
            await self._look()

    async def _look(self) -> None:
        last = self.seen
        try:
            if last.problem:
                entries = await self._book.changed(-1, 0)
            else:
                entries = await self._book.changed(self.entries, POLL_MS)
            if entries == self.entries and not last.problem:
                return
            cases = await self._book.find(CaseFilter(most=MOST))
        except PortError as error:
            if not last.problem:
                self._tell(msgspec.structs.replace(last, problem=str(error)))
            return
        self.entries = entries
        self._tell(SeenCases(0, cases, ""))

    def _tell(self, seen: SeenCases) -> None:
        self.seen = msgspec.structs.replace(seen, number=self._news.number + 1)
        self._news.tell()
