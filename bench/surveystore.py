"""A seeded bank in a state folder: its calls in the store, as engines write them, its agents in the diary."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from bench.surveyed import OPENS, Bank, Slot, Visit, slots, visits
from ivr.adapters.flowfile import load, load_files
from ivr.adapters.store.database import DatabaseStore
from ivr.app.config import Config, folder
from ivr.app.floor.diary import DATABASE as FLOOR
from ivr.app.floor.diary import Diary
from ivr.app.ledger import DATABASE, Ledger
from ivr.centre.releases.kinds.publishing import Publish
from ivr.centre.surveys.deciding import Asking
from ivr.model.events import (
    CallEnded,
    CallStarted,
    ConversationEnded,
    Event,
    HungUp,
    SurveyAnswered,
    SurveyEnded,
    SurveyOffered,
)
from ivr.model.floor import AgentChanged, Answered, AnyFloorEvent, Stamped
from ivr.ports.coverage import How, Progress

_TOGETHER = 500
"""Calls that are written at once."""


class SetClock:
    """The time is what it was set to."""

    def __init__(self, time: datetime) -> None:
        self.time = time

    def now(self) -> datetime:
        """Return it."""
        return self.time


async def fill(config: Config, bank: Bank, flows: Path) -> int:
    """Write a bank's calls and its agents' work; return how many calls there were."""
    folder(config.state)
    _, work = slots(bank)
    clock = SetClock(work[0].begins)
    store = await DatabaseStore.open(
        config.state / DATABASE, clock, asking_of=lambda files: Asking.of(load_files(files))
    )
    ledger, found = Ledger(store, clock), load(flows)
    await ledger.append(
        Publish(found.version), why="a bank", who="bench", after=await ledger.state(), flows=found
    )
    number = 0
    for number, visit in enumerate(visits(bank), 1):
        for at, call_id, event in _events(visit, found.version):
            clock.time = at
            store.events.emit(call_id, event)
        if number % _TOGETHER == 0:
            await store.flush(60_000)
    await store.flush(60_000)
    await _offers(store, bank)
    await store.close()
    await _diary(config.state / FLOOR, work)
    return number


def _events(visit: Visit, version: str) -> Iterator[tuple[datetime, str, Event]]:
    begun = CallStarted("95500", visit.ani, version, "main", visit.language)
    yield visit.begins, visit.call_id, begun
    for leg in visit.legs:
        talked = ConversationEnded(leg.queue, leg.agent, leg.ms, leg.by, leg.silent_ms)
        yield visit.ends, visit.call_id, talked
    if visit.legs and visit.legs[-1].by == "caller":
        yield visit.ends, visit.call_id, HungUp("main", "agent")
    if visit.how is How.IN_CALL:
        yield from ((visit.ends, visit.call_id, event) for event in _said(visit, ""))
    yield visit.ends, visit.call_id, CallEnded("completed", visit.customer)
    if visit.how is not How.IN_CALL and visit.answers:
        later = f"survey-{visit.call_id.replace('.', '-')}"
        yield from ((visit.ends, later, event) for event in _said(visit, visit.call_id))


def _said(visit: Visit, about: str) -> Iterator[Event]:
    yield SurveyOffered(visit.survey, about)
    for question, answer in visit.answers.items():
        yield SurveyAnswered(visit.survey, question, answer, about=about)
    yield SurveyEnded(visit.survey, visit.ended_how, about)


async def _offers(store: DatabaseStore, bank: Bank) -> None:
    """Whoever did not answer afterwards was reached, or was not."""
    for visit in visits(bank):
        offer = await store.offers.find(visit.call_id) if visit.how is not How.IN_CALL else None
        if offer is not None and offer.progress is Progress.DUE:
            come = Progress.SENT if visit.reached else Progress.EXPIRED
            await store.offers.change(offer, msgspec.structs.replace(offer, progress=come))


async def _diary(path: Path, work: list[Slot]) -> None:
    """Write who talked and wrapped up when; an agent is ready between two calls, and off at night."""
    latest: dict[str, datetime] = {}
    events: list[tuple[datetime, AnyFloorEvent]] = []
    for number, slot in enumerate(work):
        day = slot.begins.date()
        if slot.agent not in latest or latest[slot.agent].date() != day:
            begins = datetime.combine(day, OPENS, slot.begins.tzinfo)
            if slot.agent in latest:
                events.append((latest[slot.agent], AgentChanged(slot.agent, "logout", "offline")))
            events.append((begins, AgentChanged(slot.agent, "ready", "ready")))
        over = latest[slot.agent] = slot.ends + timedelta(seconds=slot.wrap_up_s)
        events += [
            (slot.begins, AgentChanged(slot.agent, "answered", "talking")),
            (slot.begins, Answered(str(number), "service", slot.agent)),
            (slot.ends, AgentChanged(slot.agent, "ended", "wrap_up")),
            (over, AgentChanged(slot.agent, "ready", "ready")),
        ]
    events += [(over, AgentChanged(agent, "logout", "offline")) for agent, over in latest.items()]
    diary = Diary(path)
    for number, (at, event) in enumerate(sorted(events, key=lambda one: one[0]), 1):
        diary.append(Stamped(number, at, event))
    await diary.close()
