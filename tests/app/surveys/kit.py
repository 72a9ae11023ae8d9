"""A ledger with the surveys of an engine around it: telephones and messages that a test answers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

from ivr.adapters.flowfile import load_files
from ivr.adapters.store.database import DatabaseStore
from ivr.app.flows import Published
from ivr.app.surveys.desk import SurveyDesk
from ivr.app.surveys.offering import Offering
from ivr.app.surveys.rules import asking_of
from ivr.model.calendar import Override
from ivr.model.errors import PortError
from ivr.model.events import Event
from ivr.model.flow import FlowSet
from ivr.ports.callbacks import Refused
from ivr.ports.coverage import CoverageRow
from ivr.ports.dialler import Dialled, Outgoing
from ivr.ports.notify import Notice
from ivr.ports.offers import Offer
from ivr.ports.releases import FIRST, Kept, Sealed
from tests.app.callbacks.kit import Telephones
from tests.surveys import NOON

SURVEY = """\
survey: {name}
kind: {kind}
languages: [zh, en]
intro: survey-intro
questions:
  satisfied: {{ask: survey-satisfied, answer: scale, measures: csat}}
  solved: {{ask: survey-solved, answer: yes_no, measures: fcr}}
  comment: {{ask: survey-comment, answer: comment, only: {{satisfied: 1-2}}}}
opens_case: {{kind: complaint, when: {{satisfied: 1-2, comment: recorded}}}}
"""
RULES = """\
survey_rules:
  later: {by: [message, call], calendar: contact, number: "95501", attempts: 2}
"""
FILES = {
    "main.yaml": 'flow: main\nnumbers: ["95500"]\nlanguages: [zh]\nstart: end\n'
    "steps:\n  end: {hangup: completed}\n",
    "contact.yaml": "calendar: contact\nzone: Asia/Shanghai\nholidays: []\n"
    'week:\n  mon-sun: ["09:00-22:00"]\n',
    "survey_rules.yaml": RULES,
    "surveys/after-agent.yaml": SURVEY.format(name="after-agent", kind="agent"),
    "surveys/self-service.yaml": SURVEY.format(name="self-service", kind="self_service"),
    "surveys/case-closed.yaml": SURVEY.format(name="case-closed", kind="case_closed"),
}
FLOWS: FlowSet = load_files(FILES)


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.at = NOON

    def now(self) -> Any:
        return self.at

    def passes(self, **span: float) -> None:
        self.at += timedelta(**span)


class Flows:
    """The published flows."""

    current = FLOWS

    async def version(self, version: str) -> FlowSet:
        assert version == FLOWS.version
        return FLOWS

    def overrides(self, calendar: str) -> tuple[Override, ...]:
        return ()


class Messages:
    """The Notify port. `handsets` are the customers who have one."""

    def __init__(self) -> None:
        self.sent: dict[str, Notice] = {}
        self.handsets = {"C1001"}
        self.down = False

    async def send(self, notice: Notice) -> bool:
        if self.down:
            raise PortError("notify", "down, as in a test")
        if notice.customer in self.handsets:
            self.sent[notice.key] = notice
        return notice.customer in self.handsets


class Dialler(Telephones):
    """Telephones behind the shared guard."""

    def __init__(self) -> None:
        super().__init__()
        self.refused: Refused | None = None
        self.engaged = False

    async def refuses(self, number: str) -> Refused | None:
        return self.refused

    async def busy(self, number: str) -> bool:
        return self.engaged


class Centre:
    """The parts of an engine that ask callers."""

    def __init__(self, store: DatabaseStore, clock: Clock) -> None:
        self.store = store
        self.clock = clock
        self.flows = cast(Published, Flows())
        self.messages = Messages()
        self.telephones = Dialler()
        self.desk = SurveyDesk(store, store.events, self.flows, clock)
        self.offering = self.engine()

    def engine(self) -> Offering:
        """Return the offers of one more engine."""
        return Offering(
            self.store.offers, self.messages, self.telephones, self.flows, self.clock, 20_000
        )

    async def happens(self, *events: Event, call: str = "1.1", seconds: float = 10) -> None:
        """Have a call go on."""
        for event in events:
            self.store.events.emit(call, event)
            self.clock.passes(seconds=seconds)
        await self.store.flush()

    async def rows(self) -> list[CoverageRow]:
        """Return the ledger."""
        await self.store.flush()
        return [row async for row in self.store.coverage.rows(NOON - timedelta(days=9))]

    async def offer(self, about: str = "1.1") -> Offer:
        """Return the offer about a call."""
        found = await self.store.offers.find(about)
        assert found is not None
        return found

    async def rung(self, how: Dialled | PortError) -> Outgoing:
        """Look what is due, and have the telephone that rings be answered so."""
        await self.offering.look()
        rings = await self.telephones.rings()
        await self.telephones.becomes(how)
        while self.offering._ringing:
            await asyncio.wait(tuple(self.offering._ringing.values()))
        return rings


@asynccontextmanager
async def centre(folder: Path) -> AsyncIterator[Centre]:
    """Open a ledger whose flows are published."""
    clock = Clock()
    store = await DatabaseStore.open(folder / "onecall.sqlite", clock, asking_of=asking_of)
    try:
        kept = Kept(FLOWS.version, FLOWS.files)
        await store.releases.append(Sealed(1, "1" * 64, b"{}"), FIRST, kept)
        yield Centre(store, clock)
    finally:
        await store.close()
