"""How many calls there were, whose callers were asked, and how many of those answered."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping

import msgspec

from ivr.centre.rates import Rate
from ivr.centre.surveyreport.call import Call


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

    def take(self, call: Call) -> None:
        """Count a call."""
        self.calls += 1
        if call.why_not:
            self.ineligible[call.why_not] += 1
        self.waiting += call.waits
        self.eligible += call.eligible
        self.offered += call.offered
        self.started += call.started
        self.completed += call.completed

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


class Grouped:
    """Takes calls; counts them all together, by queue, by what they were about, by language, by how they were
    asked, and by day."""

    def __init__(self) -> None:
        self.whole = Totals()
        self._groups: dict[str, defaultdict[str, Totals]] = {
            by: defaultdict(Totals) for by in ("queue", "kind", "language", "how", "day")
        }

    def take(self, call: Call) -> None:
        """Count a call."""
        self.whole.take(call)
        row = call.row
        for by, group in (
            ("queue", call.queue),
            ("kind", row.kind),
            ("language", row.language),
            ("how", row.how),
            ("day", f"{call.at:%Y-%m-%d}"),
        ):
            self._groups[by][group].take(call)

    def groups(self) -> Groups:
        """Return the counts by group, each in its order."""
        return {by: dict(sorted(groups.items())) for by, groups in self._groups.items()}
