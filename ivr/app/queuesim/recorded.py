"""Days made of what was recorded: callers come when they came, agents are there when they were.

What nobody could see is drawn: how long who was answered would have waited (Kaplan and Meier, of the
queue), how long who gave up would have talked (one of the queue's conversations, with its wrap-up).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from operator import attrgetter
from random import Random
from typing import NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from ivr.app.queuesim.day import Arrival, Day, Shift
from ivr.centre.kpi import Fate, Kpi, Stay, day_of
from ivr.centre.kpi.intervals import span
from ivr.centre.patience import Patience, Waited, kaplan_meier
from ivr.model.errors import OneCallError
from ivr.model.floor import AgentChanged, Joined, Stamped
from ivr.model.queues import QueuePlan
from ivr.model.values import Scalar
from ivr.ports.agents import AgentState

FEWEST = 30
"""Of a queue with fewer callers who gave up, or who talked, what all queues' did is taken."""

_AWAY = frozenset({AgentState.OFFLINE.value, AgentState.PAUSED.value})


class NothingRecorded(OneCallError):
    """No day can be made of what was recorded: why, and what to do."""


class Came(NamedTuple):
    """A caller who came, in seconds since the day began."""

    at: float
    queue: str
    facts: Mapping[str, Scalar]


class RecordedDay(msgspec.Struct, frozen=True):
    """Who came on a day, and who was there."""

    callers: Sequence[Came]
    shifts: Sequence[Shift]


class Recorded(msgspec.Struct, frozen=True):
    """A source of days: each time, one of those recorded. `patience` and `talks` (talk and hold, and
    wrap-up, in seconds) are by queue; `""` stands for all of them. `missed` is the share of telephones
    that rang in vain."""

    days: Sequence[RecordedDay]
    patience: Mapping[str, Patience]
    talks: Mapping[str, Sequence[tuple[float, float]]]
    missed: float

    def day(self, plan: QueuePlan, begins: datetime, chance: Random) -> Day:
        """Return a day for this plan; callers of queues and agents that it has not, are left out."""
        chosen = chance.choice(self.days)
        arrivals = []
        for came in chosen.callers:
            if came.queue not in plan.queues:
                continue
            patience = self.patience.get(came.queue, self.patience[""])
            talk_s, acw_s = chance.choice(self.talks.get(came.queue, self.talks[""]))
            willing_s = patience.sample(chance.random())
            arrivals.append(Arrival(*came, willing_s, talk_s, acw_s))
        shifts = [shift for shift in chosen.shifts if shift.agent in plan.agents]
        return Day(begins, arrivals, shifts)


def recorded(events: Iterable[Stamped], zone: ZoneInfo) -> Recorded:
    """Return the days that a floor's diary holds. Raises NothingRecorded."""
    stays: list[Stay] = []
    kpi = Kpi(zone, stays=stays)
    facts: dict[tuple[str, str], Mapping[str, Scalar]] = {}
    turns: dict[str, list[tuple[datetime, bool]]] = defaultdict(list)
    for stamped in events:
        kpi.take(stamped)
        match stamped.event:
            case Joined(call_id=call_id, queue=queue, language=language, facts=told):
                facts[call_id, queue] = {"language": language or "zh", **told}
            case AgentChanged(agent=agent, state=state):
                there = state not in _AWAY
                if not turns[agent] or turns[agent][-1][1] != there:
                    turns[agent].append((stamped.at.astimezone(UTC), there))
    new = [stay for stay in stays if not stay.callback]
    talks = {
        queue: [((one.talk_ms + one.hold_ms) / 1000, one.acw_ms / 1000) for one in some]
        for queue, some in _by_queue(one for one in new if one.talk_ms).items()
    }
    if not talks:
        raise NothingRecorded(
            "the floor's diary has no conversation in that time; simulate a forecast (--forecast), "
            "or look further back (--since 30d)"
        )
    waits = [one for one in new if one.fate is not Fate.WAITING]
    losses = {queue: _patience(some) for queue, some in _by_queue(waits).items()}
    rings = sum(one.missed for one in new) + sum(one.fate is Fate.HANDLED for one in new)
    return Recorded(
        _days(new, facts, turns, zone),
        {queue: one for queue, one in losses.items() if not queue or one.gave_up >= FEWEST},
        {queue: some for queue, some in talks.items() if not queue or len(some) >= FEWEST},
        sum(one.missed for one in new) / rings,
    )


def _by_queue(stays: Iterable[Stay]) -> dict[str, list[Stay]]:
    """Return the stays of each queue, and all under the empty name."""
    found: defaultdict[str, list[Stay]] = defaultdict(list)
    for stay in stays:
        found[stay.queue].append(stay)
        found[""].append(stay)
    return dict(found)


def _patience(stays: Iterable[Stay]) -> Patience:
    return kaplan_meier(Waited(one.wait_ms / 1000, one.fate is Fate.ABANDONED) for one in stays)


def _days(
    stays: Iterable[Stay],
    facts: Mapping[tuple[str, str], Mapping[str, Scalar]],
    turns: Mapping[str, Sequence[tuple[datetime, bool]]],
    zone: ZoneInfo,
) -> list[RecordedDay]:
    callers: defaultdict[date, list[Came]] = defaultdict(list)
    for stay in stays:
        day = day_of(stay.offered, zone)
        since = (stay.offered - span(day, zone)[0]).total_seconds()
        callers[day].append(Came(since, stay.queue, facts[stay.call_id, stay.queue]))
    return [
        RecordedDay(sorted(came, key=attrgetter("at")), _shifts(turns, *span(day, zone)))
        for day, came in sorted(callers.items())
    ]


def _shifts(
    turns: Mapping[str, Sequence[tuple[datetime, bool]]], begins: datetime, ends: datetime
) -> list[Shift]:
    """Return when agents were there on a day: logged in, and not paused."""
    found = []
    for agent, changes in turns.items():
        closing = (*changes, (ends, False))
        for (since, there), (until, _) in zip(changes, closing[1:], strict=True):
            first, last = max(since, begins), min(until, ends)
            if there and first < last:
                start, end = ((one - begins).total_seconds() for one in (first, last))
                found.append(Shift(agent, start, end))
    return found
