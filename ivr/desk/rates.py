"""Rate limits: so many of something within so long, for each name."""

from __future__ import annotations

from collections import deque

import msgspec


class Rate(msgspec.Struct, frozen=True):
    """At most `most` within `within_s` seconds."""

    most: int
    within_s: float


class Limiter:
    """Counts what happens by name, in a window that moves along.

    It remembers no more than `names` names; of those the one that was quiet longest is forgotten.
    """

    def __init__(self, rate: Rate, names: int = 10_000) -> None:
        self._rate = rate
        self._names = names
        self._seen: dict[str, deque[float]] = {}

    def allows(self, name: str, now: float) -> bool:
        """Count one more at `now` (seconds of any steady clock), unless that were too many."""
        times = self._seen.pop(name, None) or deque()
        while times and times[0] <= now - self._rate.within_s:
            times.popleft()
        allowed = len(times) < self._rate.most
        if allowed:
            times.append(now)
        self._seen[name] = times  # the newest name stands last
        if len(self._seen) > self._names:
            del self._seen[next(iter(self._seen))]
        return allowed
