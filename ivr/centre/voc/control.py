"""Control limits of a daily rate: which days are no chance."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import sqrt

import msgspec

LEAST_DAYS = 10
"""With fewer days there are no limits: they would say little."""
RUN = 8
"""So many days in a row on one side of the centre are no chance either (Western Electric's fourth rule)."""
_MOVING = 1.128
"""d₂ of two: the mean of a moving range, in standard deviations."""


class Day(msgspec.Struct, frozen=True):
    """A day: how many complaints over how many thousand calls. `rate` is None without calls; the limits are None where there are none;
    `signal` says why the day is no chance: `above`, `below`, `run`, or nothing."""

    count: int
    thousands: float
    rate: float | None
    low: float | None = None
    high: float | None = None
    signal: str = ""


def limits(counts: Sequence[int], thousands: Sequence[float]) -> tuple[float | None, list[Day]]:
    """Return the centre and the days of Laney's u′-chart, complaints per 1,000 calls.

    ū = Σc / Σn; zᵢ = (uᵢ - ū) / √(ū/nᵢ); σz = mean|zᵢ - zᵢ₋₁| / 1.128; limits ū ± 3 σz √(ū/nᵢ), none below 0.
    With thousands of calls a day the plain u-chart (σz = 1) has alarms on most days, because days
    differ in more than chance; Laney's σz is what they differ by. D. B. Laney, "Improved control
    charts for attributes", Quality Engineering 14 (2002). Runs: Western Electric, "Statistical
    Quality Control Handbook" (1956).
    """
    served = [number for number, n in enumerate(thousands) if n > 0]
    total, calls = sum(counts[number] for number in served), sum(thousands)
    centre = total / calls if calls else None
    days = [
        Day(count, n, count / n if n > 0 else None)
        for count, n in zip(counts, thousands, strict=True)
    ]
    if centre is None or centre == 0 or len(served) < LEAST_DAYS:
        return centre, days
    errors = {number: sqrt(centre / thousands[number]) for number in served}
    scores = [(counts[n] / thousands[n] - centre) / errors[n] for n in served]
    spread = sum(abs(b - a) for a, b in pairwise(scores)) / (len(scores) - 1) / _MOVING
    for number in served:
        half = 3 * spread * errors[number]
        days[number] = _judged(days[number], centre, half)
    for number in _runs(days, centre):
        if not days[number].signal:
            days[number] = msgspec.structs.replace(days[number], signal="run")
    return centre, days


def _judged(day: Day, centre: float, half: float) -> Day:
    low, high = max(0.0, centre - half), centre + half
    rate = day.rate or 0.0
    signal = "above" if rate > high else "below" if rate < low else ""
    return msgspec.structs.replace(day, low=low, high=high, signal=signal)


def _runs(days: Sequence[Day], centre: float) -> list[int]:
    """Return the days that end a run, or go on with one."""
    found: list[int] = []
    side = length = 0
    for number, day in enumerate(days):
        if day.rate is None:
            continue
        now = (day.rate > centre) - (day.rate < centre)
        length = length + 1 if now and now == side else 1
        side = now
        if side and length >= RUN:
            found.append(number)
    return found
