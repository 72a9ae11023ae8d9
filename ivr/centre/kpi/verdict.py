"""Whether simulated days meet a target: yes, no, or not decided, with a stated confidence.

A figure of many days is a ratio of sums, R = Σ aᵢ / Σ bᵢ. Days are independent, calls of one day are
not, so the error of R comes of the days: its square is Σ (aᵢ − R·bᵢ)² / (n(n − 1)b̄²), and R ± t
times it holds the true figure, t of Student's distribution with n − 1 degrees of freedom. A share is
also no surer than as many independent calls would make it (Wilson's interval): days on which nothing
happened prove little.

It is looked at after `LOOKS` days, so an error is made each time with probability
(1 − confidence)/(looks × conditions) at most (Bonferroni; a condition on each queue is as many): all together, a target that is met is
called missed, or one that is missed is called met, with probability 1 − confidence at most.

Sources: W. G. Cochran, "Sampling Techniques" (1977), ch. 6, for the ratio; M. Abramowitz and
I. A. Stegun, "Handbook of Mathematical Functions" (1964), 26.7.5, for t.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from math import inf, sqrt
from statistics import NormalDist

import msgspec

from ivr.centre.kpi.counts import Counts
from ivr.centre.kpi.target import Condition, Ratio, Target
from ivr.centre.rates import Rate

LOOKS = (10, 20, 40, 80, 160)
"""Days after which it is looked whether more are needed."""

Days = Sequence[Mapping[str, Counts]]
"""The figures of days, by queue."""


class State(enum.StrEnum):
    """What is known of a condition, or of a whole target."""

    MET = "met"
    MISSED = "missed"
    UNDECIDED = "undecided"


class Line(msgspec.Struct, frozen=True):
    """A condition, its figure (None: nobody was offered), and between what it is."""

    condition: str
    value: float | None
    low: float
    high: float
    state: State


class Verdict(msgspec.Struct, frozen=True):
    """What is known after so many days."""

    state: State
    days: int
    confidence: float
    lines: tuple[Line, ...]


def judge(target: Target, days: Days, confidence: float) -> Verdict:
    """Return what these days say of a target. Raises ValueError for a confidence not within 0..1."""
    if not 0 < confidence < 1:
        raise ValueError("a confidence is between 0 and 1, like 0.95")
    conditions = [one for each in target.conditions for one in _conditions(each, days)]
    chance = (1 - confidence) / (len(LOOKS) * len(conditions))
    lines = tuple(_line(condition, days, 1 - chance) for condition in conditions)
    states = {line.state for line in lines}
    worst = State.UNDECIDED if State.UNDECIDED in states else State.MET
    state = State.MISSED if State.MISSED in states else worst
    return Verdict(state, len(days), confidence, lines)


def _conditions(condition: Condition, days: Days) -> list[Condition]:
    """Return what a condition asks: of each queue that somebody called, where it asks of each."""
    if not condition.each:
        return [condition]
    called = dict.fromkeys(name for day in days for name, one in day.items() if one.offered)
    return [condition.of(queue) for queue in called] or [condition]


def _line(condition: Condition, days: Days, certainty: float) -> Line:
    ratios = [condition.ratio(_counted(day, condition.queue)) for day in days]
    whole = sum(below for _, below in ratios)
    if not whole or len(ratios) < 2:
        return Line(condition.text, None, 0.0, inf, State.UNDECIDED)
    value = sum(above for above, _ in ratios) / whole
    low, high = interval(ratios, certainty)
    if condition.is_share:
        hits = round(sum(above for above, _ in ratios))
        wilson = Rate(hits, round(whole)).interval(NormalDist().inv_cdf(certainty))
        low, high = min(low, wilson[0]), max(high, wilson[1])
    if condition.most:
        holds, fails = high <= condition.bound, low > condition.bound
    else:
        holds, fails = low >= condition.bound, high < condition.bound
    state = State.MET if holds else State.MISSED if fails else State.UNDECIDED
    return Line(condition.text, value, low, high, state)


def _counted(day: Mapping[str, Counts], queue: str) -> Counts:
    return day.get(queue, Counts()) if queue else sum(day.values(), Counts())


def interval(ratios: Sequence[Ratio], certainty: float) -> tuple[float, float]:
    """Return between what the figure is; on either side it is beyond with 1 − `certainty` at most."""
    number = len(ratios)
    whole = sum(below for _, below in ratios)
    value = sum(above for above, _ in ratios) / whole
    square = sum((above - value * below) ** 2 for above, below in ratios)
    error = sqrt(square / (number * (number - 1))) / (whole / number)
    half = student(certainty, number - 1) * error
    return value - half, value + half


def student(certainty: float, freedom: int) -> float:
    """Return the quantile of Student's t distribution, from the normal one; good to 0.5 % from 9
    degrees of freedom and up to 99.9 %."""
    x = NormalDist().inv_cdf(certainty)
    terms = (
        x,
        (x**3 + x) / 4,
        (5 * x**5 + 16 * x**3 + 3 * x) / 96,
        (3 * x**7 + 19 * x**5 + 17 * x**3 - 15 * x) / 384,
        (79 * x**9 + 776 * x**7 + 1482 * x**5 - 1920 * x**3 - 945 * x) / 92160,
    )
    return sum(term / float(freedom) ** power for power, term in enumerate(terms))
