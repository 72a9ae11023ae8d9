"""The calls of campaigns that are not known to be over, as an engine has them in memory."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import msgspec

from ivr.centre.campaigns.pacing import Load
from ivr.ports.campaigns import Contact

ATTEMPT = "campaign-"
"""How the UNIQUEIDs of campaigns' calls begin."""


class Line(msgspec.Struct):
    """A call: `agent` is kept for it or talks, `since` when it was known to be there. `dialling`: nobody has
    told yet what comes of ringing; `gone`: its channel is gone already; `unseen`: another engine began
    it."""

    attempt: str
    contact: int
    campaign: str
    queue: str
    number: str
    since: datetime
    agent: str = ""
    dialling: bool = False
    answered: bool = False
    talks: bool = False
    dropped: bool = False
    gone: bool = False
    unseen: bool = False


class Lines:
    """The calls by their UNIQUEIDs."""

    def __init__(self) -> None:
        self._lines: dict[str, Line] = {}

    def __iter__(self) -> Iterator[Line]:
        return iter(tuple(self._lines.values()))

    def add(self, contact: Contact, queue: str, since: datetime, agent: str) -> Line:
        """Have a call known."""
        line = Line(
            contact.attempt, contact.id, contact.campaign, queue, contact.number, since, agent
        )
        self._lines[line.attempt] = line
        return line

    def get(self, attempt: str) -> Line | None:
        """Return a call."""
        return self._lines.get(attempt)

    def drop(self, attempt: str) -> Line | None:
        """Forget a call that is over; None: it is forgotten already."""
        return self._lines.pop(attempt, None)

    def of(self, campaign: str) -> tuple[Line, ...]:
        """Return the calls of a campaign."""
        return tuple(line for line in self if line.campaign == campaign)

    def load(self, campaign: str, free: int) -> Load:
        """Return how a campaign stands, but for what is counted of the past."""
        mine = self.of(campaign)
        return Load(
            kept=sum(bool(line.agent) and not line.talks for line in mine),
            # Who hears that nobody is there as well: their drop may not be counted yet.
            bare=sum(not line.agent for line in mine),
            live=len(mine),
            free=free,
        )

    def lends(self, campaign: str) -> Line | None:
        """Return a call that rings and whose agent may be given to one that is answered already."""
        return next((one for one in self.of(campaign) if one.agent and not one.answered), None)
