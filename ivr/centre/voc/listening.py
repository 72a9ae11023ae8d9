"""Collecting from calls: one pass over their events counts calls and visits, and hears what was said."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence

import msgspec

from ivr.centre.voc.values import Owners, Source, Voice
from ivr.model.events import (
    CallEnded,
    CallQueued,
    CallStarted,
    StepEntered,
    SurveyAnswered,
)
from ivr.model.surveys.answers import RECORDED
from ivr.model.taxonomy import TaxonomyDocument
from ivr.ports.voc import Told

MENU = "menu"
"""The verb of menu steps."""
CASE = "case:"
"""What a survey is about that asks about a case, not a call."""


class Traffic(msgspec.Struct):
    """How many calls began, by (day, branch), and how often their callers were in a menu step, by
    (branch, `flow.step`). `versions` are the flows that they ran."""

    calls: Counter[tuple[int, str]] = msgspec.field(default_factory=Counter)
    visits: Counter[tuple[str, str]] = msgspec.field(default_factory=Counter)
    versions: set[str] = msgspec.field(default_factory=set)


class _Live(msgspec.Struct):
    """A call that is not over yet."""

    day: int
    dnis: str
    queue: str = ""
    menus: list[str] = msgspec.field(default_factory=list)


class Listener:
    """Takes events in the order written. `edges` are the first moments (Unix ms) of the days that count,
    and the moment after the last; `traffic` is of the calls that began in them, and `voices` what was
    said in those days. Only calls that go on are kept in mind."""

    def __init__(self, taxonomy: TaxonomyDocument, edges: Sequence[int]) -> None:
        self.traffic = Traffic()
        self.voices: dict[str, Voice] = {}
        self._taxonomy = taxonomy
        self._owners = Owners(taxonomy)
        self._edges = edges
        self._steps = frozenset(taxonomy.collect.steps)
        self._live: dict[str, _Live] = {}

    def take_all(self, told: Iterable[Told]) -> None:
        """Take what happened, and what goes on at its end."""
        for call, at_ms, event in told:
            kind = type(event)
            if kind is StepEntered:
                self._entered(call, at_ms, event)  # type: ignore[arg-type]
            elif kind is CallStarted:
                self._started(call, at_ms, event)  # type: ignore[arg-type]
            elif kind is CallEnded:
                self._over(self._live.pop(call, None))
            elif kind is CallQueued and (live := self._live.get(call)) is not None:
                live.queue = event.queue  # type: ignore[attr-defined]
            elif kind is SurveyAnswered:
                self._answered(call, at_ms, event)  # type: ignore[arg-type]
        for live in self._live.values():
            self._over(live)
        self._live.clear()

    def _within(self, at_ms: int) -> bool:
        return self._edges[0] <= at_ms < self._edges[-1]

    def _started(self, call: str, at_ms: int, event: CallStarted) -> None:
        if self._within(at_ms):
            day = bisect_right(self._edges, at_ms) - 1
            self._live[call] = _Live(day, event.dnis)
            self.traffic.versions.add(event.version)

    def _entered(self, call: str, at_ms: int, event: StepEntered) -> None:
        step = f"{event.flow}.{event.step}"
        if event.verb == MENU and (live := self._live.get(call)) is not None:
            live.menus.append(step)
        if step in self._steps and self._within(at_ms):
            self._hear(Voice(f"intent:{call}:{step}", Source.INTENT, at_ms, call, step=step))

    def _answered(self, call: str, at_ms: int, event: SurveyAnswered) -> None:
        question = f"{event.survey}.{event.question}"
        wanted = event.answer in self._taxonomy.collect.answers.get(question, ())
        if (wanted or event.answer == RECORDED) and self._within(at_ms):
            about = event.about or call
            name = f"survey:{about}:{question}"
            of_call = "" if about.startswith(CASE) else about
            said = {"question": question, "answer": event.answer}
            self._hear(Voice(name, Source.SURVEY, at_ms, of_call, **said))

    def _hear(self, voice: Voice) -> None:
        self.voices.setdefault(voice.id, voice)

    def _over(self, live: _Live | None) -> None:
        if live is not None:
            branch = self._owners.branch(live.dnis, live.queue)
            self.traffic.calls[live.day, branch] += 1
            for menu in live.menus:
                self.traffic.visits[branch, menu] += 1
