"""Many tests at once: how many of the findings are false."""

from __future__ import annotations

from collections.abc import Sequence


def benjamini_hochberg(values: Sequence[float]) -> list[float]:
    """Return the adjusted p of each: who is found at an adjusted p <= q is false in at most the share q of
    the findings, on average, if the tests are independent or positively dependent.

    Y. Benjamini, Y. Hochberg, Journal of the Royal Statistical Society B 57 (1995).
    """
    order = sorted(range(len(values)), key=values.__getitem__, reverse=True)
    adjusted = [1.0] * len(values)
    least = 1.0
    for place, index in enumerate(order):
        rank = len(values) - place
        least = min(least, values[index] * len(values) / rank)
        adjusted[index] = least
    return adjusted
