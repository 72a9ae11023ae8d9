"""The estimated wait of a queue (EWT), corrected by what callers really waited.

EWT = position x AHT / agents serving the queue, times a correction: the ratio of real waits to plain
estimates, both smoothed exponentially (field notes, terms and formulas).
"""

from __future__ import annotations

SMOOTHING = 0.05
"""The weight of the newest call; the last twenty or so count."""
FIRST_AHT = 180.0
"""Seconds a call takes, as long as none has ended."""
STEADY = 10.0
"""Seconds added to both sides of the ratio: where waits are next to nothing, it says next to nothing."""
MOST = 4.0
"""No estimate is corrected by more than this factor."""


class Estimator:
    """Estimates the waits of one queue, and keeps account of how wrong it was."""

    def __init__(self) -> None:
        self.error = 0.0
        self.bias = 0.0
        self.count = 0
        self._aht = FIRST_AHT
        self._plain = STEADY
        self._real = STEADY

    def plain(self, ahead: int, agents: int) -> float:
        """Return the uncorrected estimate for a caller for whom `ahead` calls must end first."""
        return max(ahead, 0) * self._aht / agents

    def corrected(self, plain: float) -> float:
        """Return the estimate that is told."""
        return plain * min(max(self._real / self._plain, 1 / MOST), MOST)

    def finished(self, seconds: float) -> None:
        """Take note of how long an agent had to do with a call (talk, hold and ACW)."""
        self._aht += SMOOTHING * (seconds - self._aht)

    def answered(self, plain: float, told: float, real: float) -> None:
        """Take note of a real wait, of which `told` was estimated at entry."""
        self._plain += SMOOTHING * (plain + STEADY - self._plain)
        self._real += SMOOTHING * (real + STEADY - self._real)
        self.count += 1
        weight = max(SMOOTHING, 1 / self.count)
        self.error += weight * (abs(told - real) - self.error)
        self.bias += weight * (told - real - self.bias)
