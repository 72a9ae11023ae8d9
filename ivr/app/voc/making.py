"""Making a month's report: read everything once, sort it, and compute the figures."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import timedelta
from functools import partial
from zoneinfo import ZoneInfo

import msgspec

from ivr.adapters.store.hearing import StoredCalls
from ivr.adapters.voc.classifier import CharacterLearning
from ivr.app.cases.opening import case_reader
from ivr.app.config import Config
from ivr.app.ledger import DATABASE
from ivr.app.places import place
from ivr.app.voc.hearing import of_cases, of_floor, proof
from ivr.app.voc.taxonomies import Taxonomy
from ivr.centre.voc.classifying import Guessing, corrections, lessons
from ivr.centre.voc.feedback import tracked
from ivr.centre.voc.figures import VocReport, digest
from ivr.centre.voc.listening import Listener
from ivr.centre.voc.material import Half, Material, half
from ivr.centre.voc.placing import placed, trails
from ivr.centre.voc.tables import figures
from ivr.centre.voc.values import Month, Owners, Voice
from ivr.centre.voc.year import past
from ivr.model.taxonomy import TaxonomyDocument
from ivr.ports.voc import Accuracy, CallEvents, Corrected, Entry, Proof, Told, VocBook

AFTER = timedelta(hours=6)
"""How far beyond a month its calls are read: they end after midnight."""
_OFTEN = 20_000

Reached = Callable[[str, int], None]
"""Told which month is read, and up to when (Unix ms)."""


class Wanted(msgspec.Struct, frozen=True):
    """Which report: a month, of a branch or of the whole bank. `marks` say up to where each source is
    read, to make one again as it was."""

    month: Month
    branch: str = ""
    marks: Mapping[str, int] = {}


class Made(msgspec.Struct, frozen=True):
    """A report, and what it was computed of."""

    report: VocReport
    material: Material


class _Lessons(msgspec.Struct, frozen=True):
    """What the classifier has learnt. `model` is its hash; empty: it is not asked."""

    said: dict[str, Corrected]
    count: int = 0
    model: str = ""
    guessing: Guessing | None = None
    accuracy: Accuracy | None = None


async def make_report(
    config: Config, taxonomy: Taxonomy, book: VocBook, wanted: Wanted, reached: Reached
) -> Made:
    """Make a report. Raises PortError, ConfigError."""
    zone, month = ZoneInfo(config.zone), wanted.month
    entries = book.entries(wanted.marks.get("acts"))
    learnt = _learn(entries, taxonomy.document)
    halves: dict[str, Half] = {}
    sources: dict[str, Proof] = {}
    for name, one in (("", month), ("_before", month.before)):
        reading = _Reading(config, taxonomy.document, one, wanted.marks, name)
        halves[name] = await reading.half(learnt, partial(reached, str(one)))
        sources |= reading.proofs
    sources["acts"] = _of_acts(entries)
    months, sources["reports"] = past(
        book.kept(), month, wanted.branch, config.zone, wanted.marks.get("reports")
    )
    until = month.ends(zone)
    known = tracked(entries, until)
    material = Material(
        month,
        wanted.branch,
        zone,
        taxonomy.document,
        halves[""],
        halves["_before"],
        [one for one in known.values() if one.sent.month == str(month.before)],
        until,
        learnt.count,
        learnt.accuracy,
        months,
    )
    made = figures(material)
    report = VocReport(
        str(month), wanted.branch, config.zone, taxonomy.sha256, learnt.model, sources, made
    )
    return Made(report, material)


def _learn(entries: list[Entry], taxonomy: TaxonomyDocument) -> _Lessons:
    said = corrections(entries)
    known = lessons(said, taxonomy)
    if len(known) < taxonomy.classifier.least:
        return _Lessons(said, len(known))
    learning = CharacterLearning()
    model = learning.learn(known)
    if model is None:
        return _Lessons(said, len(known))
    return _Lessons(said, len(known), model.sha256, model.guess, learning.accuracy(known))


def _of_acts(entries: list[Entry]) -> Proof:
    return Proof(len(entries), digest(entries), entries[-1].number if entries else 0)


class _Reading:
    """One month's sources, each with its proof under its name and a suffix."""

    def __init__(
        self,
        config: Config,
        taxonomy: TaxonomyDocument,
        month: Month,
        marks: Mapping[str, int],
        suffix: str,
    ) -> None:
        self.proofs: dict[str, Proof] = {}
        self._config = config
        self._taxonomy = taxonomy
        self._zone = ZoneInfo(config.zone)
        self._month = month
        self._marks = marks
        self._suffix = suffix

    async def half(self, learnt: _Lessons, reached: Callable[[int], None]) -> Half:
        """Read, classify and merge."""
        stored: CallEvents = StoredCalls(place(self._config, DATABASE))
        listener = self._listen(stored, reached)
        voices = [*listener.voices.values(), *await self._cases(), *self._floor()]
        calls = sorted({voice.call for voice in voices if voice.call})
        ways = trails(stored.of_calls(calls, self.proofs["calls" + self._suffix].mark))
        owners = Owners(self._taxonomy)
        return half(
            len(self._month.days(self._zone)),
            (placed(owners, voice, ways) for voice in voices),
            listener.traffic,
            self._taxonomy,
            learnt.said,
            learnt.guessing,
        )

    def _listen(self, stored: CallEvents, reached: Callable[[int], None]) -> Listener:
        days = [*self._month.days(self._zone), self._month.ends(self._zone)]
        listener = Listener(self._taxonomy, [int(day.timestamp() * 1000) for day in days])
        reading = stored.between(
            days[0],
            days[-1] + AFTER,
            self._taxonomy.collect.steps,
            self._marks.get("calls" + self._suffix),
            menus=not self._suffix,
        )
        listener.take_all(_watched(reading, reached))
        self._prove("calls", reading.proof)
        return listener

    async def _cases(self) -> list[Voice]:
        begins, ends = self._month.begins(self._zone), self._month.ends(self._zone)
        async with case_reader(self._config) as book:
            found = await of_cases(book, self._taxonomy, begins, ends)
        self._prove("cases", proof(found))
        return found

    def _floor(self) -> list[Voice]:
        begins, ends = self._month.begins(self._zone), self._month.ends(self._zone)
        mark = self._marks.get("floor" + self._suffix)
        found, last = of_floor(self._config, self._taxonomy, begins, ends, mark)
        self._prove("floor", proof(found, last))
        return found

    def _prove(self, name: str, found: Proof) -> None:
        self.proofs[name + self._suffix] = found


def _watched(told: Iterable[Told], reached: Callable[[int], None]) -> Iterator[Told]:
    """Pass on what was told, and say now and then up to when."""
    left = iter(told)
    while some := list(itertools.islice(left, _OFTEN)):
        reached(some[-1][1])
        yield from some
