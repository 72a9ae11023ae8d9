"""Rates: so many of so many, and how far off the true rate may be."""

from __future__ import annotations

from math import sqrt

import msgspec

Z95 = 1.959963984540054
"""The normal quantile of a two-sided 95 % interval."""


def wilson(share: float, count: float, z: float = Z95) -> tuple[float, float]:
    """Return Wilson's score interval of a share of `count`; of nothing, everything is possible.

    Centre (p + z²/2n) / (1 + z²/n), half-width z·√(p(1−p)/n + z²/4n²) / (1 + z²/n). `count` need not
    be whole: weighted answers count as so many.
    E. B. Wilson, "Probable inference", Journal of the American Statistical Association 22 (1927).
    """
    if not count:
        return 0.0, 1.0
    square = z * z
    scale = 1 + square / count
    centre = (share + square / (2 * count)) / scale
    half = z * sqrt(share * (1 - share) / count + square / (4 * count * count)) / scale
    return max(0.0, centre - half), min(1.0, centre + half)


class Rate(msgspec.Struct, frozen=True):
    """`hits` of `count`."""

    hits: int = 0
    count: int = 0

    @property
    def value(self) -> float:
        """The share of hits; 0 of nothing."""
        return self.hits / self.count if self.count else 0.0

    def interval(self, z: float = Z95) -> tuple[float, float]:
        """Return Wilson's score interval; of nothing, everything is possible."""
        return wilson(self.value, self.count, z)
