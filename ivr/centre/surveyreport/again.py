"""Who called again within seven days: a sign of a matter that was not solved, also of callers who said
nothing."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import defaultdict
from datetime import datetime, timedelta

from ivr.ports.coverage import CoverageRow, Reason

WITHIN = timedelta(days=7)
_OTHERS = frozenset({Reason.TEST, Reason.STAFF, Reason.OWN})


class CalledAgain:
    """Remembers when each caller called. A caller is the customer, if known, else the number."""

    def __init__(self) -> None:
        self._begun: defaultdict[str, array[float]] = defaultdict(lambda: array("d"))
        self._sorted = False

    def take(self, row: CoverageRow) -> None:
        """Remember a call, unless it was the bank that called, or tested."""
        if (caller := _caller(row)) and row.reason not in _OTHERS:
            self._begun[caller].append(row.started_at.timestamp())
            self._sorted = False

    def after(self, row: CoverageRow, now: datetime) -> bool | None:
        """Whether the caller began another call within seven days after this one's end; None where that
        cannot be known at `now`."""
        caller = _caller(row)
        if not caller or row.ended_at + WITHIN > now:
            return None
        if not self._sorted:
            self._begun = defaultdict(
                lambda: array("d"),
                {one: array("d", sorted(times)) for one, times in self._begun.items()},
            )
            self._sorted = True
        times = self._begun[caller]
        ended = row.ended_at.timestamp()
        place = bisect_left(times, ended)
        return place < len(times) and times[place] <= ended + WITHIN.total_seconds()


def _caller(row: CoverageRow) -> str:
    return f"customer {row.customer}" if row.customer else row.ani
