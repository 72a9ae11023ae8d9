"""The figures of queues, kept up to date with every event of the floor."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from ivr.centre.kpi.counts import Counts, Thresholds
from ivr.centre.kpi.intervals import begins, day_of
from ivr.centre.kpi.stay import Fate, Stay
from ivr.model.floor import (
    AgentChanged,
    Answered,
    Ended,
    HandedOff,
    Held,
    Joined,
    Left,
    Missed,
    Stamped,
    Transferred,
)
from ivr.ports.agents import AgentState
from ivr.ports.waiting import Leaving

RECENT = timedelta(minutes=5)
"""How far back the abandonment of the moment looks."""
SOON_MS = 60_000
"""Who is transferred to another queue within so long after the answer was in the wrong one."""

_FATES: Mapping[str, Fate] = {
    Leaving.ABANDONED: Fate.ABANDONED,
    Leaving.CALLBACK: Fate.CALLBACK,
    # Somebody saw the end of a conversation whose beginning nobody saw.
    Leaving.SERVED: Fate.HANDLED,
}
_DEFAULT = Thresholds()
_MS = timedelta(milliseconds=1)


class _Call(msgspec.Struct, eq=False):
    """A stay that goes on, where it is counted, and what happens: since when they talk, or are apart.
    `answered` is the first answer."""

    stay: Stay
    counts: tuple[Counts, ...]
    answered: datetime | None = None
    since: datetime | None = None
    apart: bool = False


class KeptCall(msgspec.Struct):
    """A call in what is kept of figures: `going` on, or only an agent's last one."""

    stay: Stay
    answered: datetime | None
    since: datetime | None
    apart: bool
    going: bool


class KeptFigures(msgspec.Struct):
    """All that the figures are made of, to go on with elsewhere. Calls are named by where they stand in
    `calls`."""

    days: list[tuple[date, str, Counts]]
    intervals: list[tuple[date, str, datetime, Counts]]
    calls: list[KeptCall]
    latest: dict[str, int]
    wrapping: dict[str, tuple[int, datetime]]
    recent: dict[str, list[tuple[datetime, bool]]]


class Kpi:
    """Takes every event of the floor in the order of its diary; its figures are right at any moment.

    `days` is how many of the latest days are remembered, None: all. Every stay is added to `stays`, if
    there is such a list, as it begins.
    """

    def __init__(
        self,
        zone: ZoneInfo,
        thresholds: Thresholds = _DEFAULT,
        days: int | None = None,
        stays: list[Stay] | None = None,
    ) -> None:
        self.zone = zone
        self._thresholds = thresholds
        self._keep = days
        self._stays = stays
        self._days: dict[date, dict[str, Counts]] = {}
        self._intervals: dict[date, dict[tuple[str, datetime], Counts]] = {}
        self._calls: dict[str, _Call] = {}
        self._waiting: defaultdict[str, dict[str, Stay]] = defaultdict(dict)
        self._recent: defaultdict[str, deque[tuple[datetime, bool]]] = defaultdict(deque)
        self._latest: dict[str, _Call] = {}
        self._wrapping: dict[str, tuple[_Call, datetime]] = {}

    def today(self, queue: str, now: datetime) -> Counts:
        """Return the figures of a queue since midnight in the bank's zone."""
        return self._days.get(day_of(now, self.zone), {}).get(queue, Counts())

    def intervals(self, day: date) -> dict[tuple[str, datetime], Counts]:
        """Return the figures of a day by queue and interval; where nobody was offered, there are none."""
        return dict(self._intervals.get(day, {}))

    def recent(self, queue: str, now: datetime) -> float | None:
        """Return the abandonment of the last five minutes: of those whose wait ended then."""
        ended = self._recent[queue]
        while ended and ended[0][0] <= now - RECENT:
            ended.popleft()
        return sum(abandoned for _, abandoned in ended) / len(ended) if ended else None

    def waiting(self, queue: str) -> int:
        """Return how many callers wait on the line now: callbacks do not."""
        return len(self._waiting[queue])

    def longest_s(self, queue: str, now: datetime) -> int:
        """LWT: return for how long the one who has waited longest has, in seconds; 0 if nobody waits."""
        oldest = min((stay.offered for stay in self._waiting[queue].values()), default=now)
        return max(0, (now - oldest) // timedelta(seconds=1))

    def kept(self) -> KeptFigures:
        """Return all that the figures are made of."""
        going = set(map(id, self._calls.values()))
        wrapping = [call for call, _ in self._wrapping.values()]
        calls = {id(one): one for one in (*self._calls.values(), *self._latest.values(), *wrapping)}
        place = {found: number for number, found in enumerate(calls)}
        return KeptFigures(
            [(day, *one) for day, queues in self._days.items() for one in queues.items()],
            [
                (day, *at, one)
                for day, parts in self._intervals.items()
                for at, one in parts.items()
            ],
            [
                KeptCall(one.stay, one.answered, one.since, one.apart, found in going)
                for found, one in calls.items()
            ],
            {agent: place[id(call)] for agent, call in self._latest.items()},
            {agent: (place[id(call)], at) for agent, (call, at) in self._wrapping.items()},
            {queue: list(ended) for queue, ended in self._recent.items()},
        )

    def go_on(self, kept: KeptFigures) -> None:
        """Go on with figures that were kept."""
        for day, queue, counts in kept.days:
            self._days.setdefault(day, {})[queue] = counts
        for day, queue, begin, counts in kept.intervals:
            self._intervals.setdefault(day, {})[queue, begin] = counts
        calls = []
        for one in kept.calls:
            stay = one.stay
            call = _Call(stay, self._counts(stay), one.answered, one.since, one.apart)
            calls.append(call)
            if one.going:
                self._calls[stay.call_id] = call
                if call.answered is None and not stay.callback:
                    self._waiting[stay.queue][stay.call_id] = stay
        self._latest = {agent: calls[number] for agent, number in kept.latest.items()}
        self._wrapping = {
            agent: (calls[number], at) for agent, (number, at) in kept.wrapping.items()
        }
        for queue, ended in kept.recent.items():
            self._recent[queue].extend(ended)

    def take(self, stamped: Stamped) -> None:
        """Count one event. Events that no figure is about change nothing."""
        at = stamped.at.astimezone(UTC)
        match stamped.event:
            case Joined() as joined:
                self._join(joined, at)
            case AgentChanged(agent=agent, state=state):
                self._wrap_up(agent, state, at)
            case Missed() | Answered() | Held() | HandedOff() | Transferred() | Ended() as event:
                call = self._calls.get(event.call_id)
                if call is not None:
                    self._happen(call, event, at)
            case Left(call_id=call_id, how=how):
                call = self._calls.pop(call_id, None)
                if call is not None:
                    self._leave(call, how, at)

    def _join(self, joined: Joined, at: datetime) -> None:
        before = self._calls.get(joined.call_id)
        talked = before is not None and before.answered is not None
        if before is not None:
            if before.stay.queue == joined.queue and not talked:
                return
            self._leave(before, Leaving.SERVED if talked else Leaving.OVERFLOW, at)
        # Who has talked with somebody since has waited for this queue from now on only.
        waits = joined.since.astimezone(UTC) if joined.since and not talked else at
        stay = Stay(joined.call_id, joined.queue, waits, joined.callback)
        call = self._calls[joined.call_id] = _Call(stay, self._counts(stay))
        if not stay.callback:
            self._waiting[stay.queue][stay.call_id] = stay
        if self._stays is not None:
            self._stays.append(stay)
        for counts in call.counts:
            counts.count(stay, self._thresholds)

    def _happen(
        self,
        call: _Call,
        event: Missed | Answered | Held | HandedOff | Transferred | Ended,
        at: datetime,
    ) -> None:
        match event:
            case Missed():
                self._change(call, missed=call.stay.missed + 1)
            case Answered(agent=agent):
                self._answer(call, agent, at)
            case Held() | HandedOff():
                self._lap(call, at)
                call.since, call.apart = at, True
            case Transferred(target=target):
                soon = call.answered is not None and _ms(at - call.answered) <= SOON_MS
                away = target.startswith("queue:") and target != f"queue:{call.stay.queue}"
                self._change(call, target=target, misrouted=soon and away)
            case Ended(by=by):
                self._lap(call, at)
                self._change(call, ended_by=by)

    def _answer(self, call: _Call, agent: str, at: datetime) -> None:
        self._lap(call, at)
        call.since, call.apart = at, False
        if call.answered is None:
            call.answered = at
            self._end_wait(call, Fate.HANDLED, at)
            self._change(call, agent=agent)
        self._latest[agent] = call

    def _lap(self, call: _Call, at: datetime) -> None:
        """Put down the time since they began to talk, or to be apart."""
        if call.since is None:
            return
        stay, spent = call.stay, _ms(at - call.since)
        call.since = None
        if call.apart:
            self._change(call, hold_ms=stay.hold_ms + spent)
        else:
            self._change(call, talk_ms=stay.talk_ms + spent)

    def _leave(self, call: _Call, how: str, at: datetime) -> None:
        self._lap(call, at)
        if call.answered is None:
            self._end_wait(call, _FATES.get(how, Fate.OVERFLOWED), at)
        self._change(call, how=how)

    def _end_wait(self, call: _Call, fate: Fate, at: datetime) -> None:
        stay = call.stay
        self._change(call, fate=fate, wait_ms=max(0, _ms(at - stay.offered)))
        if not stay.callback:
            del self._waiting[stay.queue][stay.call_id]
            self._recent[stay.queue].append((at, fate is Fate.ABANDONED))
            self.recent(stay.queue, at)  # forgets what is older

    def _wrap_up(self, agent: str, state: str, at: datetime) -> None:
        """ACW is the time from wrap-up's beginning until the agent does something else."""
        if state == AgentState.WRAP_UP:
            if agent in self._latest:
                self._wrapping.setdefault(agent, (self._latest[agent], at))
        elif agent in self._wrapping:
            call, since = self._wrapping.pop(agent)
            self._change(call, acw_ms=call.stay.acw_ms + _ms(at - since))

    def _change(self, call: _Call, **changes: Any) -> None:
        for counts in call.counts:
            counts.count(call.stay, self._thresholds, -1)
        for name, value in changes.items():
            setattr(call.stay, name, value)
        for counts in call.counts:
            counts.count(call.stay, self._thresholds)

    def _counts(self, stay: Stay) -> tuple[Counts, Counts]:
        """Return where a stay is counted: in the interval and on the day in which it was offered."""
        day = day_of(stay.offered, self.zone)
        days = self._days.setdefault(day, {})
        parts = self._intervals.setdefault(day, {})
        interval = (stay.queue, begins(stay.offered))
        found = parts.setdefault(interval, Counts()), days.setdefault(stay.queue, Counts())
        for old in sorted(self._days)[: -self._keep] if self._keep else ():
            del self._days[old], self._intervals[old]
        return found


def _ms(time: timedelta) -> int:
    return time // _MS
