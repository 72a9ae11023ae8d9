"""The figures of a day of the floor, from its diary."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

from ivr.app.config import Config
from ivr.app.floor.diary import DATABASE, read_diary
from ivr.app.places import place
from ivr.centre.kpi import AgentTimes, Counts, Kpi, Stay, Thresholds, Work
from ivr.centre.kpi.callbacks import Callbacks, CallbackTally
from ivr.centre.kpi.intervals import span

BEFORE = timedelta(days=1)
"""How far before the day it is read, for agents who have been at work since, and callers who talk."""
AFTER = timedelta(hours=6)
"""How far beyond: calls of the day end, and agents wrap up, after midnight."""

Reached = Callable[[datetime], None]
"""Told up to when events have been counted."""
_OFTEN = 2000


class QueueReport(msgspec.Struct, frozen=True):
    """A day: figures by queue and interval (the moment it begins), agents' work by agent and interval,
    callbacks by queue, and every stay that was offered on it."""

    day: date
    thresholds: Thresholds
    intervals: dict[tuple[str, datetime], Counts]
    work: dict[tuple[str, datetime], Work]
    callbacks: dict[str, Callbacks]
    stays: tuple[Stay, ...]

    def queues(self) -> dict[str, Counts]:
        """Return the figures of each queue, by name."""
        found: dict[str, Counts] = {}
        for (queue, _), counts in sorted(self.intervals.items()):
            found[queue] = found.get(queue, Counts()) + counts
        return found

    def agents(self) -> dict[str, Work]:
        """Return what each agent did, by number."""
        found: dict[str, Work] = {}
        for (agent, _), work in sorted(self.work.items(), key=lambda item: item[0]):
            found.setdefault(agent, Work()).add(work)
        return found

    def behind(self, figure: str) -> list[Stay]:
        """Return the stays that a count comes of, those of all queues: a stay is behind `abandoned` if
        `abandoned` is not 0 when it alone is counted. Raises ValueError if there is no such count."""
        if figure not in Counts.__struct_fields__:
            raise ValueError(f"there are {', '.join(Counts.__struct_fields__)}")
        return [stay for stay in self.stays if self._count(stay, figure)]

    def _count(self, stay: Stay, figure: str) -> int:
        counts = Counts()
        counts.count(stay, self.thresholds)
        number: int = getattr(counts, figure)
        return number


def queue_report(
    config: Config, day: date, now: datetime, thresholds: Thresholds, reached: Reached
) -> QueueReport:
    """Return the figures of a day, up to `now`; of a day on which no engine ran, there are none. Raises
    PortError."""
    zone = ZoneInfo(config.zone)
    begins, ends = span(day, zone)
    stays: list[Stay] = []
    kpi = Kpi(zone, thresholds, stays=stays)
    times, callbacks = AgentTimes(), CallbackTally(zone)
    diary = read_diary(place(config, DATABASE), zone, begins - BEFORE, ends + AFTER)
    for number, stamped in enumerate(diary):
        kpi.take(stamped)
        callbacks.take(stamped)
        times.take(stamped)
        if number % _OFTEN == 0:
            reached(stamped.at)
    work = times.work(min(now, ends + AFTER))
    return QueueReport(
        day,
        thresholds,
        kpi.intervals(day),
        {key: one for key, one in work.items() if begins <= key[1] < ends},
        callbacks.on(day),
        tuple(stay for stay in stays if begins <= stay.offered < ends),
    )
