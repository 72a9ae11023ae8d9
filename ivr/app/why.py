"""The story of a call: what was heard, keyed and decided, and because of what.

It is told by the call's events, each in its own words, while the call is run again from its journal:
so the steps that decide silently can say why, and what was spoken and keyed is known. Of a call whose
journal or flows are not there any more the events alone are told.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import msgspec

from ivr.adapters.sim.prompts import SimPrompts
from ivr.app.config import Config
from ivr.app.ledger import Ledger, ReleaseError, open_ledger
from ivr.app.replay import NoSuchCall, Recording, recorded
from ivr.app.simulation import prompts_of
from ivr.centre.outcomes import record
from ivr.centre.releases import Entry, LedgerError, State
from ivr.centre.releases.kinds.publishing import Publishing
from ivr.engine.journal import JournalError, encode
from ivr.engine.replay import Divergence, Moment, rerun, told
from ivr.model.commands import Command
from ivr.model.errors import CallerHungUp
from ivr.model.events import CallStarted, Event, LanguageChanged, StepEntered, StepLeft
from ivr.model.flow import FlowSet, Node
from ivr.model.prompt import Prompted
from ivr.model.session import Session
from ivr.model.step import Context, Visit
from ivr.model.story import Telling
from ivr.ports.channel import SetLanguage
from ivr.ports.sessions import Save
from ivr.ports.store import CallFilter, CallRecord, StampedEvent

LONGEST = 120
"""Characters of a port's answer that are shown."""

_WORDS = {
    "zh": {
        "needs": "需要认证等级 {needed}，来电者为 {level}：先认证",
        "leads": "→ {target}",
        "named": "（{label}）",
        "because": "因为：{why}",
        "answered": "{port} 的 {command}：{answer}",
        "failed": "{port} 的 {command} 失败：{answer}",
        "cut": "听到（至挂机）：{heard}",
        "release": "版本 {version} 为第 {number} 号发布",
        "canary": "（试点）",
        "events": "没有可重演的记录，仅按事件讲述：{problem}",
    },
    "en": {
        "needs": "it needs auth level {needed}, the caller has {level}: authentication first",
        "leads": "→ {target}",
        "named": " ({label})",
        "because": "because {why}",
        "answered": "{port} answered {command}: {answer}",
        "failed": "{port} failed at {command}: {answer}",
        "cut": "heard, until they hung up: {heard}",
        "release": "version {version} is release {number}",
        "canary": ", on trial as a canary",
        "events": "told by its events alone, as it cannot be run again: {problem}",
    },
}


class Kind(enum.StrEnum):
    """What a line of a story is about."""

    STEP = "step"
    EVENT = "event"
    BECAUSE = "because"
    PORT = "port"
    NOTE = "note"


class Line(msgspec.Struct, frozen=True):
    """A line of a story."""

    at: datetime
    kind: Kind
    text: str


class Story(msgspec.Struct, frozen=True):
    """A call and its story."""

    call: CallRecord
    lines: tuple[Line, ...]


async def why(config: Config, call_id: str, ani: str, language: str) -> Story:
    """Tell the story of a call in a language; `last` is the newest, of `ani` if one is given.

    Raises NoSuchCall, CatalogueError, ReleaseError, PortError.
    """
    async with open_ledger(config) as ledger:
        if call_id == "last":
            call_id = await _newest(ledger, ani)
        events = await ledger.store.read_events(call_id)
        call = record(events)
        if call is None:
            raise NoSuchCall(f"there is no call {call_id}; `ivr calls` lists those there are")
        problem, recording = "", Recording(events, (), FlowSet("", {}))
        try:
            recording = await recorded(ledger.store, call_id)
        except (NoSuchCall, ReleaseError, JournalError) as error:
            problem = str(error)
        try:
            release = _release(await ledger.entries(), call, _WORDS[language])
        except LedgerError as error:
            release = [str(error)]
    teller = _Teller(config, recording, language)
    lines = [Line(call.started, Kind.NOTE, text) for text in release]
    lines += teller.story(problem)
    return Story(call, tuple(lines))


async def _newest(ledger: Ledger, ani: str) -> str:
    wanted = CallFilter(number=ani, last=1)
    async for call in ledger.store.calls(wanted):
        return call.call_id
    raise NoSuchCall(f"there is no call of {ani}" if ani else "there is no call yet")


def _release(entries: Sequence[Entry], call: CallRecord, words: dict[str, str]) -> list[str]:
    """Say which release the call's version was when it began."""
    state, number = State(), 0
    for entry in entries:
        if entry.at > call.started:
            break
        state = entry.act.apply(state, entry.number)
        if isinstance(entry.act, Publishing) and entry.act.version == call.version:
            number = entry.number
    if not number:
        return []
    on_trial = state.canary is not None and state.canary.version == call.version
    said = words["release"].format(version=call.version[:12], number=number)
    return [said + (words["canary"] if on_trial else "")]


class _Teller:
    """Tells one call."""

    def __init__(self, config: Config, recording: Recording, language: str) -> None:
        self._limits = config.limits.limits()
        self._prompts: SimPrompts = prompts_of(config.prompts)
        self._flows = recording.flows
        self._journal = recording.journal
        self._stored = list(recording.events)
        self._language = language
        self._words = _WORDS[language]
        self._heard_in = ""
        self._session: Session | None = None
        self._asked: list[tuple[Command[Any, Any], Any]] = []

    def story(self, problem: str) -> Iterator[Line]:
        """Yield the lines; with a `problem`, or where the replay parts from the call, by events."""
        try:
            if not problem:
                yield from self._again()
        except (Divergence, JournalError) as diverged:
            problem = str(diverged)
        if self._stored and problem:
            text = self._words["events"].format(problem=problem)
            yield Line(self._stored[0].at, Kind.NOTE, text)
        for one in self._stored:
            yield from self._event(one, Telling(self._language, self._text))

    def _again(self) -> Iterator[Line]:
        events = [one.event for one in self._stored if not one.event.told_aside]
        for moment in told(rerun(self._flows, self._journal, self._limits), events):
            yield from self._moment(moment)

    def _moment(self, moment: Moment) -> Iterator[Line]:
        match moment.command:
            case Save(session):
                self._session, self._asked = session, []
                self._heard_in = session.language
            case SetLanguage(language):
                self._heard_in = language
            case Command(journalled=True):
                self._asked.append((moment.command, moment.answer))
        if moment.event is None:
            yield from self._port(moment)
            return
        while self._stored and self._stored[0].event.told_aside:
            yield from self._event(self._stored.pop(0), Telling(self._language, self._text))
        if not self._stored or self._stored[0].event != moment.event:
            raise Divergence("the events that are kept are others")
        yield from self._event(self._stored.pop(0), self._telling(moment))

    def _telling(self, moment: Moment) -> Telling:
        heard = self._heard(moment.command)
        keys = "" if isinstance(moment.answer, Exception) else moment.command.keyed(moment.answer)
        return Telling(self._language, self._text, heard, keys)

    def _heard(self, command: Command[Any, Any]) -> str:
        recordings = self._prompts.render(command.heard(), self._heard_in)
        return " ".join(recording.text for recording in recordings)

    def _event(self, one: StampedEvent, telling: Telling) -> Iterator[Line]:
        if isinstance(one.event, CallStarted | LanguageChanged):
            self._heard_in = one.event.language
        kind = Kind.STEP if isinstance(one.event, StepEntered) else Kind.EVENT
        text = one.event.story(telling) + self._leads(one.event)
        if text:
            yield Line(one.at, kind, text)
        yield from (Line(one.at, Kind.BECAUSE, why) for why in self._because(one.event))

    def _leads(self, event: Event) -> str:
        """Say what an outcome is called, and where it led."""
        if not isinstance(event, StepLeft) or (node := self._node(event.flow, event.step)) is None:
            return ""
        label, target = node.step.labels().get(event.outcome), node.target(event.outcome)
        named = self._words["named"].format(label=label) if label else ""
        return named + (" " + self._words["leads"].format(target=target) if target else "")

    def _because(self, event: Event) -> Iterator[str]:
        session = self._session
        if session is None:
            return
        match event:
            case StepEntered(flow, step):
                node = self._node(flow, step)
                if node is not None and session.auth < node.requires:
                    yield self._words["needs"].format(needed=node.requires, level=session.auth)
            case StepLeft(flow, step, outcome):
                node = self._node(flow, step)
                if node is not None and (flow, step) == (session.frame.flow, session.frame.step):
                    context = Context(
                        session,
                        self._flows.flows[flow].defaults,
                        self._flows.calendars,
                        {},
                        node.edges,
                    )
                    visit = Visit(context, outcome, tuple(self._asked))
                    if said := node.step.because(visit, self._language):
                        yield self._words["because"].format(why=said)

    def _port(self, moment: Moment) -> Iterator[Line]:
        """Tell what a port answered that no event tells of."""
        command, answer = moment.command, moment.answer
        if command.instant or not command.journalled or not self._stored:
            return
        if isinstance(answer, CallerHungUp):
            if heard := self._heard(command):
                yield Line(self._stored[0].at, Kind.EVENT, self._words["cut"].format(heard=heard))
            return
        if command.answer is None:
            return
        failed = isinstance(answer, Exception)
        said = str(answer) if failed else encode(answer).decode()
        line = self._words["failed" if failed else "answered"].format(
            port=command.port, command=type(command).__name__, answer=said[:LONGEST]
        )
        yield Line(self._stored[0].at, Kind.PORT, line)

    def _node(self, flow: str, step: str) -> Node | None:
        found = self._flows.flows.get(flow)
        return found.steps.get(step) if found is not None else None

    def _text(self, prompt: str) -> str:
        return self._prompts.render((Prompted(prompt),), self._heard_in)[0].text
