"""What the published queues say of callbacks, and the calendars of when customers are called."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Protocol

import msgspec

from ivr.app.flows import Published
from ivr.centre.callbacks import Trying
from ivr.centre.hours import Hours, Status, overridden, state


class Policy(msgspec.Struct, frozen=True):
    """A queue's callbacks: how often and how long they are tried, and when customers are called."""

    trying: Trying
    expiry: timedelta
    calendar: str | None = None


class Rules(Protocol):
    """What is in force."""

    def policy(self, queue: str) -> Policy | None:
        """Return a queue's callbacks; None: it has none, or there is no such queue."""

    def opens(self, queue: str, now: datetime) -> datetime | None:
        """Return when customers of a queue may be called, from now on; None: at no time."""


class PublishedRules:
    """Rules of the flows that new calls run."""

    def __init__(self, published: Published) -> None:
        self._published = published

    def policy(self, queue: str) -> Policy | None:
        """Return a queue's callbacks."""
        queues = self._published.current.queues.queues
        said = queues[queue].callbacks if queue in queues else None
        if said is None:
            return None
        trying = Trying(said.attempts, timedelta(milliseconds=said.retry))
        calendar = said.calendar or queues[queue].calendar
        return Policy(trying, timedelta(milliseconds=said.expiry), calendar)

    def opens(self, queue: str, now: datetime) -> datetime | None:
        """Return when customers may be called."""
        policy = self.policy(queue)
        if policy is None:
            return None
        calendar = self._published.current.calendars.get(policy.calendar or "")
        if calendar is None:
            return now
        hours: Hours = state(overridden(calendar, self._published.overrides(calendar.name)), now)
        return now if hours.status is Status.OPEN else hours.opens
