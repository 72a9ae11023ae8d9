"""Who called again within seven days: a sign of a matter that was not solved, also of callers who said
nothing."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import defaultdict
from datetime import datetime, timedelta

from ivr.centre.surveys.story import CAMPAIGN
from ivr.ports.coverage import Begun, CoverageRow, Reason

WITHIN = timedelta(days=7)
_WITHIN_S = WITHIN.total_seconds()
_NEVER = array("d")
_OTHERS = frozenset({Reason.TEST, Reason.STAFF, Reason.OWN})


class CalledAgain:
    """Remembers when each caller called. A caller is known by the number, and as a customer: who is not
    identified in one call, or calls from elsewhere, is still the same."""

    def __init__(self) -> None:
        self._begun: defaultdict[str, array[float]] = defaultdict(lambda: array("d"))
        self._sorted = True

    def take(self, row: CoverageRow | Begun) -> None:
        """Remember a call, unless it was the bank that called, or tested."""
        if row.reason not in _OTHERS and row.kind != CAMPAIGN:
            for caller in _callers(row):
                self._begun[caller].append(row.started_at.timestamp())
            self._sorted = False

    def after(self, row: CoverageRow, now: datetime) -> bool | None:
        """Whether the caller began another call within seven days after this one's end; None where that
        cannot be known at `now`."""
        callers = _callers(row)
        if not callers or row.ended_at + WITHIN > now:
            return None
        if not self._sorted:
            for caller, times in self._begun.items():
                self._begun[caller] = array("d", sorted(times))
            self._sorted = True
        ended = row.ended_at.timestamp()
        latest = ended + _WITHIN_S
        for caller in callers:
            times = self._begun.get(caller, _NEVER)
            place = bisect_left(times, ended)
            if place < len(times) and times[place] <= latest:
                return True
        return False


def _callers(row: CoverageRow | Begun) -> list[str]:
    return [one for one in (row.ani, row.customer and f"customer {row.customer}") if one]
