"""Two figures of today for those who run a hotline: how many callers were asked for their opinion, and how
many cases are open and overdue."""

from __future__ import annotations

from collections.abc import Awaitable
from datetime import datetime
from typing import TypeVar

import msgspec

from ivr.model.errors import PortError
from ivr.ports.cases import CaseBook, CaseCounts
from ivr.ports.coverage import CoverageBook, Tally

T = TypeVar("T")


class Figures(msgspec.Struct, frozen=True):
    """The figures; None: it could not be asked."""

    asked: Tally | None = None
    cases: CaseCounts | None = None

    @property
    def coverage(self) -> float | None:
        """The share of callers who were asked, of those whose turn has come (0..1); None: nobody's has."""
        if self.asked is None or self.asked.eligible <= self.asked.due:
            return None
        return self.asked.offered / (self.asked.eligible - self.asked.due)


async def figures(coverage: CoverageBook | None, cases: CaseBook, now: datetime) -> Figures:
    """Return them as they stand; calls count from midnight, in the zone of `now`."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    asked = await _known(coverage.tally(midnight)) if coverage is not None else None
    return Figures(asked, await _known(cases.counts()))


async def _known(asking: Awaitable[T]) -> T | None:
    try:
        return await asking
    except PortError:
        return None
