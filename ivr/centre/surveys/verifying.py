"""Verifying the coverage ledger: its chain, and that each row says what the events of its call say.

All that a row depends on is replayed: which callers had opted out, and when they were asked last, come
of the rows and wishes before it, as they did when it was written.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import msgspec

from ivr.centre.surveys.chain import FIRST, row, sealed
from ivr.centre.surveys.deciding import Asking, decide
from ivr.centre.surveys.story import Story, known_by
from ivr.ports.coverage import CoverageRow, How
from ivr.ports.offers import Known


class Wish(msgspec.Struct, frozen=True):
    """A caller wants not to be asked (`out`), or takes that back; `after` is the last row before."""

    caller: str
    out: bool
    after: int


class Verifier:
    """Takes the rows of a ledger from its first to its last, the
    `number` of which it is at. `wishes` are in the order written, `country` is the bank's calling code."""

    def __init__(self, wishes: Iterable[Wish], country: str) -> None:
        self._wishes = list(wishes)[::-1]
        self._country = country
        self._out: dict[str, bool] = {}
        self._asked_at: dict[str, datetime] = {}
        self.number = 0
        self._previous = FIRST

    @property
    def last(self) -> str:
        """The hash of the last row taken: kept elsewhere, it shows that none was cut off."""
        return self._previous

    def chained(self, one: CoverageRow) -> str:
        """Take the next row; return what is wrong with it as a link of the chain, or nothing.

        The chain is followed from there, so that one changed row is one fault.
        """
        wrong = ""
        if one.number != self.number + 1:
            wrong = f"row {self.number + 1} is missing"
        elif one.previous != self._previous:
            wrong = "it does not follow the row before it"
        elif sealed(one).hash != one.hash:
            wrong = "it was changed: its hash would be another"
        self.number, self._previous = one.number, one.hash
        return wrong

    def said(self, one: CoverageRow, story: Story | None, asking: Asking) -> str:
        """Return what is wrong with what a row says of its call, before its caller `counts`."""
        if story is None:
            return "its call has not ended"
        while self._wishes and self._wishes[-1].after < one.number:
            wish = self._wishes.pop()
            self._out[wish.caller] = wish.out
        callers = known_by(story.ani, story.customer, self._country)
        times = [at for caller in callers if (at := self._asked_at.get(caller))]
        out = any(self._out.get(caller) for caller in callers)
        verdict = decide(story, Known(out, max(times, default=None)), asking)
        wanted = row(story, verdict, one.number, one.previous)
        fields = CoverageRow.__struct_fields__
        other = [name for name in fields if getattr(wanted, name) != getattr(one, name)]
        told = [name for name in other if name != "hash"]
        return f"its call tells otherwise: {', '.join(told)}" if told else ""

    def counts(self, one: CoverageRow) -> None:
        """Take it that a row's caller is asked, where the row says so."""
        if one.how is not How.INELIGIBLE:
            callers = known_by(one.ani, one.customer, self._country)
            self._asked_at.update(dict.fromkeys(callers, one.ended_at))
