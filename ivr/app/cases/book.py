"""The book of cases: the law of `ivr.centre.cases` over a store, with the numbers it hands out."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable

from ivr.app.cases.rules import FlowRules
from ivr.centre.cases import acts, decisions
from ivr.centre.cases.acts import Act
from ivr.centre.cases.chain import Written, opened, told, written
from ivr.centre.ledger.references import COUNT, reference
from ivr.model.errors import PortError
from ivr.ports.cases import (
    Acted,
    CaseCounts,
    CaseEntry,
    CaseFilter,
    CaseKind,
    CaseRecord,
    CaseRefusal,
    Link,
    NewCase,
)
from ivr.ports.casestore import CaseStore
from ivr.ports.clock import Clock

TRIED = 50
"""How often something is written that others were quicker with."""
LOOKED_MS = 1_000
"""How often it is looked whether another process has written."""

Decide = Callable[[CaseRecord], Act | CaseRefusal | None]
"""What is to be done with a case as it stands; None: nothing."""


class Book:
    """The CaseBook port. `rules` returns those in force."""

    def __init__(self, store: CaseStore, rules: Callable[[], FlowRules], clock: Clock) -> None:
        self.store = store
        self._rules = rules
        self._clock = clock
        self._wrote = asyncio.Event()
        self._over = False

    # ------------------------------------------------------------------ reading

    async def get(self, number: str) -> CaseRecord | None:
        """Return a case."""
        return await self.store.get(number)

    async def history(self, number: str) -> tuple[CaseEntry, ...]:
        """Return all that has happened to a case."""
        return tuple(told(one) for one in await self.store.entries(number))

    async def find(self, wanted: CaseFilter) -> tuple[CaseRecord, ...]:
        """Return cases."""
        return await self.store.find(wanted)

    async def counts(self) -> CaseCounts:
        """Return how many there are."""
        return await self.store.counts(self._clock.now())

    async def changed(self, since: int, within_ms: int) -> int:
        """Return how many things have happened, as soon as it is more than `since`."""
        loop = asyncio.get_running_loop()
        until = loop.time() + within_ms / 1000
        while True:
            wrote = self._wrote
            count = await self.store.written()
            left = until - loop.time()
            if count > since or left <= 0 or self._over:
                return count
            try:
                async with asyncio.timeout(min(left, LOOKED_MS / 1000)):
                    await wrote.wait()
            except TimeoutError:
                continue

    def let_go(self) -> None:
        """Answer whoever waits for a change, from now on: there is an end."""
        self._over = True
        self._wrote.set()

    async def kinds(self) -> tuple[CaseKind, ...]:
        """Return the kinds that can be opened."""
        known = self._rules().kinds().items()
        return tuple(CaseKind(name, dict(kind.title), kind.owner) for name, kind in known)

    async def owners(self) -> tuple[str, ...]:
        """Return who can own a case."""
        return self._rules().owners()

    async def desks_of(self, who: str) -> tuple[str, ...]:
        """Return the desks that somebody works for."""
        return self._rules().desks_of(who)

    async def branches_of(self, who: str) -> tuple[str, ...]:
        """Return the branches that somebody works for."""
        return self._rules().branches_of(who)

    # ------------------------------------------------------------------ acting

    async def open(self, new: NewCase) -> CaseRecord:
        """Open a case, or return the one of this key as it stands."""
        rules, now = self._rules(), self._clock.now()
        owner, terms = rules.owner(new.kind), rules.terms(new.kind, now)
        number = new.number
        for _ in range(TRIED):
            known = await self.store.of_key(new.key)
            if known is not None:
                return known
            act = decisions.opening(number or _number(), new, owner, terms)
            begun = opened(act, now)
            if await self._keep(begun):
                return begun.record
            number = ""
        raise PortError("cases", "no number is free: archive cases of past years")

    async def note(self, number: str, by: str, text: str) -> Acted:
        """Write something into a case."""
        return await self.act(number, by, lambda case: acts.Noted(text))

    async def assign(self, number: str, by: str, to: str, why: str) -> Acted:
        """Give a case to another owner."""

        def decide(case: CaseRecord) -> Act | CaseRefusal:
            if to in case.accused:
                return CaseRefusal.ACCUSED
            return acts.Assigned(to, why) if to in self._rules().owners() else CaseRefusal.NO_OWNER

        return await self.act(number, by, decide)

    async def escalate(self, number: str, by: str, why: str) -> Acted:
        """Give a case to the next owner of its kind's ladder."""
        return await self.act(number, by, lambda case: decisions.escalation(case, why))

    async def make_complex(self, number: str, by: str, why: str) -> Acted:
        """Give a case the time of complex ones."""
        return await self.act(number, by, lambda case: acts.MadeComplex(why))

    async def extend(self, number: str, by: str, why: str, approved_by: str) -> Acted:
        """Give a complex case more time."""
        return await self.act(number, by, lambda case: acts.Extended(why, approved_by))

    async def accuse(self, number: str, by: str, agent: str) -> Acted:
        """Note that a case is about an agent."""

        def decide(case: CaseRecord) -> Act:
            return decisions.accusation(case, agent, self._rules().owner(case.kind))

        return await self.act(number, by, decide)

    async def answer(self, number: str, by: str, text: str) -> Acted:
        """Note what the customer was told."""
        return await self.act(number, by, lambda case: acts.Answered(text))

    async def solve(self, number: str, by: str, solution: str) -> Acted:
        """Note how a case was solved."""
        return await self.act(number, by, lambda case: acts.Solved(solution))

    async def finish(self, number: str, by: str) -> Acted:
        """Close a case that is solved."""
        return await self.act(number, by, lambda case: acts.Closed())

    async def reopen(self, number: str, by: str, why: str) -> Acted:
        """Open a closed case again."""

        def decide(case: CaseRecord) -> Act:
            return acts.Reopened(why, self._rules().terms(case.kind, self._clock.now()))

        return await self.act(number, by, decide)

    async def link(self, number: str, by: str, link: Link) -> Acted:
        """Link something to a case."""

        def decide(case: CaseRecord) -> Act | None:
            return None if link in case.links else acts.Linked(link)

        return await self.act(number, by, decide)

    async def act(self, number: str, by: str, decide: Decide) -> Acted:
        """Do with a case what is decided on as it stands; decided anew where others were quicker."""
        for _ in range(TRIED):
            record = await self.store.get(number)
            if record is None:
                return Acted(refused=CaseRefusal.NO_CASE)
            act = decide(record)
            if act is None:
                return Acted(record)
            if isinstance(act, CaseRefusal):
                return Acted(record, act)
            done = written(record, act, self._clock.now(), by)
            if isinstance(done, CaseRefusal):
                return Acted(record, done)
            if await self._keep(done):
                return Acted(done.record)
        raise PortError("cases", f"case {number} is written by too many at once", retryable=True)

    async def _keep(self, done: Written) -> bool:
        kept = await self.store.add(done.sealed, done.record, decisions.wakes(done.record))
        if kept:
            self._wrote.set()
            self._wrote = asyncio.Event()
        return kept


def _number() -> str:
    return reference(secrets.randbelow(COUNT))
