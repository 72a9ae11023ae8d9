"""The cases of a simulated hotline: the book itself, in memory, with one case that is there before."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

import msgspec

from ivr.app.cases.book import Book
from ivr.app.cases.callers import CasesOnBook
from ivr.app.cases.rules import FlowRules
from ivr.model.flow import FlowSet
from ivr.ports.cases import NewCase
from ivr.ports.casestore import CaseStore
from ivr.ports.clock import Clock

BEFORE = NewCase(
    "demo:1", "complaint", "demo", customer="C1002", ani="13800002222", number="31415922"
)
"""The case that is there: a complaint of a customer of the demo bank, made three days ago."""
_AGO = timedelta(days=3)


class _Then(msgspec.Struct, frozen=True):
    """A clock that shows when that was."""

    clock: Clock

    def now(self) -> datetime:
        return self.clock.now() - _AGO


def simulated_cases(
    store: CaseStore, flows: FlowSet
) -> Callable[[Mapping[str, Any]], AbstractAsyncContextManager[CasesOnBook]]:
    """Return what makes the cases of a simulated call, in its time."""
    rules = FlowRules(flows)

    @asynccontextmanager
    async def make(ports: Mapping[str, Any]) -> AsyncIterator[CasesOnBook]:
        clock = ports["clock"]
        await Book(store, lambda: rules, _Then(clock)).open(BEFORE)
        yield CasesOnBook(Book(store, lambda: rules, clock), lambda: rules, clock)

    return make
