"""What is counted of each agent, to see whether some choose who is asked, or what they are asked about.

Agents cannot skip the survey. What is left to them is how a conversation ends: they may have an unhappy
caller hang up first, stay silent until the caller does, or send the caller on at the last moment.
"""

from __future__ import annotations

import enum
from collections import Counter, defaultdict
from collections.abc import Mapping

import msgspec

from ivr.centre.surveyreport.call import Call
from ivr.ports.coverage import Leg

SILENT_MS = 10_000
"""A conversation at whose end nobody has spoken for so long ended in silence."""


class Sign(enum.StrEnum):
    """What is compared between agents; each is a share of what it is counted among, and too
    much of it is suspicious."""

    ENDED = "ended"  # conversations that the caller ended first, of those that either ended
    UNHAPPY = "unhappy"  # the same, of unhappy callers, given the agent's other callers
    SILENCE = "silence"  # conversations that ended in silence, of those that were listened to
    TRANSFER = "transfer"  # conversations sent on late, of all
    UNANSWERED = "unanswered"  # callers who answered nothing, of those asked: 1 − response rate


class Count(msgspec.Struct):
    """So many hits of so many."""

    hits: int = 0
    count: int = 0

    def add(self, hit: bool) -> None:
        """Count one."""
        self.hits += hit
        self.count += 1


Counts = Mapping[tuple[str, str], Count]
"""By agent and stratum: only calls of the same stratum are compared."""


class SkewCounts:
    """Takes calls; knows what is counted of each agent."""

    def __init__(self) -> None:
        self.ended: defaultdict[tuple[str, str], Count] = defaultdict(Count)
        self.unhappy: defaultdict[tuple[str, bool], Count] = defaultdict(Count)
        self.silence: defaultdict[tuple[str, str], Count] = defaultdict(Count)
        self.unanswered: defaultdict[tuple[str, str], Count] = defaultdict(Count)
        self.talks: Counter[tuple[str, str]] = Counter()
        self.lengths: defaultdict[str, Counter[int]] = defaultdict(Counter)
        self.sent_on: Counter[tuple[str, str, int]] = Counter()

    def take(self, call: Call) -> None:
        """Count a call."""
        if not call.by_callers:
            return
        unhappy = call.unhappy
        for leg in call.row.legs:
            self._talk(leg, unhappy)
        if call.offered:
            asked = f"{call.queue} {call.row.how}"
            for agent in {leg.agent for leg in call.row.legs}:
                self.unanswered[agent, asked].add(not call.started)

    def _talk(self, leg: Leg, unhappy: bool | None) -> None:
        key = leg.agent, leg.queue
        if leg.by in ("agent", "caller"):
            by_caller = leg.by == "caller"
            self.ended[key].add(by_caller)
            if unhappy is not None:
                self.unhappy[leg.agent, unhappy].add(by_caller)
        if leg.silent_ms is not None:
            self.silence[key].add(leg.silent_ms >= SILENT_MS)
        self.talks[key] += 1
        if leg.by == "transfer":
            self.sent_on[*key, leg.ms // 1000] += 1
        else:
            self.lengths[leg.queue][leg.ms // 1000] += 1

    def transfers(self) -> Counts:
        """Return late transfers of all conversations. Late is later than half of the queue's conversations
        that were not sent on took in all."""
        late = {queue: _median(lengths) for queue, lengths in self.lengths.items()}
        found = {key: Count(0, talks) for key, talks in self.talks.items()}
        for (agent, queue, seconds), times in self.sent_on.items():
            if queue in late and seconds >= late[queue]:
                found[agent, queue].hits += times
        return found


def _median(lengths: Counter[int]) -> int:
    half = (lengths.total() + 1) // 2
    for seconds in sorted(lengths):
        half -= lengths[seconds]
        if half <= 0:
            return seconds
    return 0
