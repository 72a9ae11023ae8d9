"""What agents did with their time, from the events of the floor."""

from __future__ import annotations

import enum
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

import msgspec

from ivr.centre.agents import Act
from ivr.centre.kpi.intervals import quarter
from ivr.model.floor import AgentChanged, Answered, Missed, Stamped, Transferred
from ivr.ports.agents import AgentState


class Doing(enum.StrEnum):
    """What an agent's time is spent on. The caller who does an errand alone is on hold."""

    AVAILABLE = "available"
    RINGING = "ringing"
    TALK = "talk"
    HOLD = "hold"
    ACW = "acw"
    PAUSED = "paused"


_DOING: Mapping[str, Doing] = {
    AgentState.READY: Doing.AVAILABLE,
    AgentState.PAUSED: Doing.PAUSED,
    AgentState.RESERVED: Doing.RINGING,
    AgentState.RINGING: Doing.RINGING,
    AgentState.TALKING: Doing.TALK,
    AgentState.HOLDING: Doing.HOLD,
    AgentState.CONSULTING: Doing.HOLD,
    AgentState.WRAP_UP: Doing.ACW,
}
"""An agent who is offline does nothing."""


class Work(msgspec.Struct):
    """What agents did: times in milliseconds, pauses by reason as well; calls `handled` are those
    answered, callbacks too, `missed` those that rang in vain."""

    times: Counter[Doing] = msgspec.field(default_factory=Counter)
    pauses: Counter[str] = msgspec.field(default_factory=Counter)
    handled: int = 0
    missed: int = 0
    transferred: int = 0

    def add(self, other: Work) -> None:
        """Add what others did, or did at another time."""
        self.times.update(other.times)
        self.pauses.update(other.pauses)
        self.handled += other.handled
        self.missed += other.missed
        self.transferred += other.transferred

    @property
    def handling_ms(self) -> int:
        """Talk, hold and ACW."""
        return sum(self.times[one] for one in (Doing.TALK, Doing.HOLD, Doing.ACW))

    @property
    def logged_in_ms(self) -> int:
        """All of the time."""
        return self.times.total()

    @property
    def occupancy(self) -> float | None:
        """(talk + hold + ACW)/(talk + hold + ACW + available), None without either."""
        whole = self.handling_ms + self.times[Doing.AVAILABLE]
        return self.handling_ms / whole if whole else None

    @property
    def aht_s(self) -> float | None:
        """(talk + hold + ACW)/calls handled, in seconds."""
        return self.handling_ms / self.handled / 1000 if self.handled else None


class _Now(msgspec.Struct):
    """What an agent does, since when, and why; `work` is what they did in the interval from `begin` to before
    `end`, in which they mostly still are."""

    doing: Doing | None
    since: datetime
    reason: str
    begin: datetime
    end: datetime
    work: Work


class AgentTimes:
    """Takes every event of the floor; times are split where an interval ends. `interval` is that of a
    moment, from when to when: in UTC, as it is known by its beginning."""

    def __init__(self, interval: Callable[[datetime], tuple[datetime, datetime]] = quarter) -> None:
        self._interval = interval
        self._works: dict[tuple[str, datetime], Work] = {}
        self._now: dict[str, _Now] = {}

    def work(self, now: datetime) -> dict[tuple[str, datetime], Work]:
        """Return what was done until `now`, by agent and interval. Times count in the interval in which
        they were spent, calls in the one in which they were answered."""
        until = now.astimezone(UTC)
        for agent, one in self._now.items():
            self._spend(agent, one, until)
            one.since = until
        return dict(self._works)

    def take(self, stamped: Stamped) -> None:
        """Count one event."""
        at = stamped.at.astimezone(UTC)
        match stamped.event:
            case AgentChanged() as changed:
                self._change(changed, at)
            case Answered(agent=agent, again=False):
                self._work(agent, at).handled += 1
            case Missed(agent=agent):
                self._work(agent, at).missed += 1
            case Transferred(agent=agent):
                self._work(agent, at).transferred += 1

    def _change(self, changed: AgentChanged, at: datetime) -> None:
        now = self._now.get(changed.agent)
        if now is None:
            now = self._now[changed.agent] = _Now(None, at, "", at, at, Work())
        self._spend(changed.agent, now, at)
        doing = _DOING.get(changed.state)
        # Kept for a caller on an errand is not what ringing is.
        kept = doing is Doing.RINGING and changed.state == AgentState.RESERVED
        if kept and (now.doing is Doing.HOLD or changed.act == Act.HANDED_OFF):
            doing = Doing.HOLD
        now.doing, now.since, now.reason = doing, at, changed.reason

    def _spend(self, agent: str, now: _Now, until: datetime) -> None:
        doing = now.doing
        if doing is None:
            return
        since = now.since
        while since < until:
            if not now.begin <= since < now.end:
                now.begin, now.end = self._interval(since)
                now.work = self._in(agent, now.begin)
            end = min(now.end, until)
            spent = round((end - since).total_seconds() * 1000)
            now.work.times[doing] += spent
            if doing is Doing.PAUSED:
                now.work.pauses[now.reason] += spent
            since = end

    def _work(self, agent: str, at: datetime) -> Work:
        return self._in(agent, self._interval(at)[0])

    def _in(self, agent: str, begin: datetime) -> Work:
        key = agent, begin
        work = self._works.get(key)
        if work is None:
            # Most events are of an interval that is known.
            work = self._works[key] = Work()
        return work
