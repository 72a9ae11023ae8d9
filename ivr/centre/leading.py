"""Whether a node may believe that it leads.

A lease lasts from when its keeper grants it, so at the latest from when it was asked for: whoever counts
from the asking, and a little less, has stopped before anybody else can begin.
"""

from __future__ import annotations

SLACK = 0.1
"""The part of a lease that is not used: clocks do not run equally fast."""


class Judgement:
    """A node's own judgement. Times are seconds of one clock that only grows, also while the node is
    stopped."""

    def __init__(self) -> None:
        self._until = 0.0
        self._from = 0.0

    def granted(self, asked: float, lasts: float) -> None:
        """A lease was taken or renewed; it was asked for then."""
        self._until = asked + lasts * (1 - SLACK)

    def not_before(self, at: float) -> None:
        """Somebody else may believe until then that they lead."""
        self._from = at

    def over(self) -> None:
        """The lease is somebody else's, or given back."""
        self._until = 0.0

    def leads(self, now: float) -> bool:
        """Whether it may."""
        return self._from <= now < self._until

    def left(self, now: float) -> float:
        """Return for how long it may, unless the lease is renewed; at least 0."""
        return max(0.0, self._until - now)

    def waits(self, now: float) -> float:
        """Return how long it must wait before it may; at least 0."""
        return max(0.0, self._from - now)
