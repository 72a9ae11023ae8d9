"""A book on a file, a clock that is moved by hand, and what the rest of the house does."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from ivr.adapters.cases.database import DatabaseCases
from ivr.adapters.flowfile.loader import load_files
from ivr.app.cases.book import Book
from ivr.app.cases.rules import FlowRules
from ivr.model.errors import PortError
from ivr.ports.cases import Acted, CaseRecord, NewCase
from ivr.ports.notify import Notice
from tests.centre.cases.kit import MONDAY

CASES = """\
desks:
  complaints: {queue: complaints, agents: [1008, 1009]}
  lead: {}
cases:
  complaint:
    title: {zh: 投诉, en: complaint}
    owner: complaints
    answer: 15 days
    complex: 30 days
    extension: 30 days
    remind: [5 days]
    escalate: [{after: 7 days, to: lead}]
    survey: true
    told: {auth: 2}
    notices: {opened: case-registered}
  unknown_order: {owner: complaints, answer: 1 day}
  quiet: {owner: 1008}
"""
AGENTS = "agents: {1003: {name: A}, 1008: {name: B}, 1009: {name: C}}\n"
FLOW = "flow: main\nlanguages: [en]\nstart: end\nsteps: {end: {hangup: }}\n"
RULES = FlowRules(load_files({"cases.yaml": CASES, "agents.yaml": AGENTS, "main.yaml": FLOW}))
NEW = NewCase("call:1:main/complain", "complaint", "flow", customer="C1001", ani="13800001111")


class HandClock:
    """A clock that stands still until a test moves it."""

    def __init__(self) -> None:
        self.at = MONDAY

    def now(self) -> datetime:
        return self.at

    def pass_days(self, days: int) -> None:
        self.at += timedelta(days=days)


async def book_on(folder: Path, clock: HandClock) -> Book:
    store = await DatabaseCases.opened(folder / "cases.sqlite")
    return Book(store, lambda: RULES, clock)


def done(acted: Acted) -> CaseRecord:
    """Return the case after an act that was not refused."""
    assert acted.refused is None
    assert acted.case is not None
    return acted.case


class Messages:
    """The Notify port; it fails as long as it is told to."""

    def __init__(self) -> None:
        self.sent: list[Notice] = []
        self.fails: set[str] = set()

    async def send(self, notice: Notice) -> bool:
        if notice.customer in self.fails:
            raise PortError("notify", "out of order", retryable=True)
        self.sent.append(notice)
        return True


class Asking:
    """The CaseSurveys port."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def ask(self, case: CaseRecord) -> str:
        self.asked.append(case.number)
        return "asked"
