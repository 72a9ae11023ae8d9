"""Surges: when too many callers are about to give up.

Whoever would wait w seconds, and has a patience that is exponential with mean p, gives up with
probability 1 - exp(-w / p) (Erlang A's patience; field notes, terms and formulas).
"""

from __future__ import annotations

import math

from ivr.model.queues import Surge


class SurgeWatch:
    """Watches one queue. A surge begins and ends only when it has been so for a while (hysteresis)."""

    def __init__(self, surge: Surge) -> None:
        self.rules = surge
        self.on = False
        self.predicted = 0.0
        self.reason = ""
        self._since: float | None = None

    def look(self, estimate: float, waiting: int, now: float) -> bool:
        """Take note of the wait of whoever joins now; return whether the surge begins or ends."""
        rules = self.rules
        self.predicted = 1 - math.exp(-estimate * 1000 / rules.patience)
        passed = self.predicted < rules.below if self.on else self.predicted > rules.above
        if not passed:
            self._since = None
            return False
        if self._since is None:
            self._since = now
        if now < self._since + (rules.calm if self.on else rules.lasts) / 1000:
            return False
        self.on = not self.on
        self._since = None
        relation = "above" if self.on else "below"
        self.reason = (
            f"predicted abandonment {self.predicted:.1%} {relation} {self.threshold:.1%}:"
            f" {waiting} waiting, estimated wait {estimate:.0f} s"
        )
        return True

    def resume(self, reason: str) -> None:
        """Take it that a surge goes on that began for this reason."""
        self.on, self.reason = True, reason

    @property
    def threshold(self) -> float:
        """The share that was passed last."""
        return self.rules.above if self.on else self.rules.below
