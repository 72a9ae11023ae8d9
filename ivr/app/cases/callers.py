"""Cases as callers meet them, on the book."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from ivr.app.cases.book import Book
from ivr.app.cases.rules import FlowRules
from ivr.centre.cases.acts import Told
from ivr.ports.callercases import CallersCase, Taken
from ivr.ports.cases import CALLER, CaseFilter, CaseRecord, CaseState, Link, LinkKind, NewCase
from ivr.ports.clock import Clock

TOLD_FOR = timedelta(days=30)
"""So long after it was closed a customer is still told of a case."""


class CasesOnBook:
    """The CallersCases port."""

    def __init__(self, book: Book, rules: Callable[[], FlowRules], clock: Clock) -> None:
        self._book = book
        self._rules = rules
        self._clock = clock

    async def take(self, new: NewCase) -> Taken:
        """Open a case, or return the one of this key."""
        case = await self._book.open(new)
        return Taken(case.number, case.due)

    async def of_customer(self, customer: str) -> tuple[CallersCase, ...]:
        """Return a customer's cases of which they may be told."""
        since = self._clock.now() - TOLD_FOR
        found = await self._book.find(CaseFilter(customer=customer, past=True))
        recent = [one for one in found if one.closed_at is None or one.closed_at >= since]
        recent.sort(key=lambda one: one.opened_at, reverse=True)
        told = [self._told(one) for one in recent]
        return tuple(one for one in told if one is not None)

    async def told(self, number: str, call_id: str) -> None:
        """Note that the customer was told how far a case is."""
        await self._book.act(number, CALLER, lambda case: Told(call_id))

    async def add(self, number: str, call_id: str, recording: str) -> bool:
        """Add recorded words to a case."""
        case = await self._book.get(number)
        if case is None:
            return False
        if case.state is CaseState.CLOSED:
            await self._book.reopen(number, CALLER, "the customer has rung and has more to say")
        await self._book.link(number, CALLER, Link(LinkKind.CALL, call_id))
        await self._book.link(number, CALLER, Link(LinkKind.RECORDING, recording))
        return True

    def _told(self, case: CaseRecord) -> CallersCase | None:
        rules = self._rules()
        kind = rules.kinds().get(case.kind)
        if kind is None or kind.told is None:
            return None
        return CallersCase(
            number=case.number,
            kind=case.kind,
            state=case.state,
            opened_at=case.opened_at,
            auth=kind.told.auth,
            due=case.due,
            answered=case.answered_at is not None,
            late=case.state is not CaseState.CLOSED and case.late(self._clock.now()),
            queue=rules.queue(case.owner),
        )
