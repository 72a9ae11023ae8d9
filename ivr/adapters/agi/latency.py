"""How long things took, counted in buckets: cheap enough for each command of each call."""

from __future__ import annotations

import math
from bisect import bisect_left

from ivr.ports.operations import Latency

_BOUNDS = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.5, 2.0, math.inf)


class Latencies:
    """Counts them (seconds)."""

    __slots__ = ("_counts", "_total_s")

    def __init__(self) -> None:
        self._counts = [0] * len(_BOUNDS)
        self._total_s = 0.0

    def add(self, seconds: float) -> None:
        """Count one."""
        self._counts[bisect_left(_BOUNDS, seconds)] += 1
        self._total_s += seconds

    def told(self) -> Latency:
        """Return what was counted since the start."""
        return Latency(self._total_s, tuple(zip(_BOUNDS, self._counts, strict=True)))
