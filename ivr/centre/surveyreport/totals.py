"""How many calls there were, whose callers were asked, and how many of those answered."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

import msgspec

from ivr.centre.rates import Rate
from ivr.centre.surveyreport.call import Call


class Alike(NamedTuple):
    """What is counted of a call. Most calls are alike: so they are counted first, and grouped afterwards."""

    queue: str
    kind: str
    language: str
    how: str
    day: date
    why_not: str
    waits: bool
    offered: bool
    started: bool
    completed: bool


class Totals(msgspec.Struct):
    """Counts of calls. `ineligible` is by reason; `waiting` offers are still due. Eligible is whoever is
    neither."""

    calls: int = 0
    ineligible: Counter[str] = msgspec.field(default_factory=Counter)
    waiting: int = 0
    eligible: int = 0
    offered: int = 0
    started: int = 0
    completed: int = 0

    def add(self, alike: Alike, count: int) -> None:
        """Count calls that are alike."""
        self.calls += count
        if alike.why_not:
            self.ineligible[alike.why_not] += count
        elif alike.waits:
            self.waiting += count
        else:
            self.eligible += count
        self.offered += count * alike.offered
        self.started += count * alike.started
        self.completed += count * alike.completed

    @property
    def coverage(self) -> Rate:
        """Offered of eligible."""
        return Rate(self.offered, self.eligible)

    @property
    def response(self) -> Rate:
        """Started of offered."""
        return Rate(self.started, self.offered)

    @property
    def completion(self) -> Rate:
        """Completed of started."""
        return Rate(self.completed, self.started)


Groups = Mapping[str, Mapping[str, Totals]]
"""What calls are grouped by → the group → its counts."""

_BY = ("queue", "kind", "language", "how", "day")


class Grouped:
    """Takes calls; counts them all together, by queue, by what they were about, by language, by how they were
    asked, and by day."""

    def __init__(self) -> None:
        self._alike: Counter[Alike] = Counter()

    def take(self, call: Call) -> None:
        """Count a call."""
        row = call.row
        alike = Alike(
            call.queue,
            row.kind,
            row.language,
            row.how,
            call.at.date(),
            call.why_not,
            call.waits,
            call.offered,
            call.started,
            call.completed,
        )
        self._alike[alike] += 1

    def whole(self) -> Totals:
        """Return the counts of all calls."""
        whole = Totals()
        for alike, count in self._alike.items():
            whole.add(alike, count)
        return whole

    def groups(self) -> Groups:
        """Return the counts by group, each in its order."""
        return {by: dict(sorted(self._by(by).items())) for by in _BY}

    def _by(self, by: str) -> Mapping[str, Totals]:
        found: defaultdict[str, Totals] = defaultdict(Totals)
        for alike, count in self._alike.items():
            found[str(getattr(alike, by))].add(alike, count)
        return found
