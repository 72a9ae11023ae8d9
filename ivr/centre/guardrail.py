"""The guardrail of a canary: is the new release worse for callers? A test to be looked at always.

**Question.** Callers are dealt to the canary with the probability p of its share (`canary.place`).
If the canary treats them like the stable release, then a call that goes wrong tells nothing about
the side it was on: it is one of the canary's with probability p, whatever the hour and however the
rate of such calls changes over the day. If the canary makes them r times as frequent, it is one of
the canary's with probability pr / (1 − p + pr). So each call that went wrong is one toss of a coin.

**Evidence of harm** is the likelihood ratio of these tosses (Wald's sequential probability ratio):

    L(r) = ∏ r/(1 − p + pr) for each bad call of the canary · 1/(1 − p + pr) for each stable one.

r is not known, only the smallest that is worth stopping for (`harm`). The mean of L(r) for harm × 1,
4 and 16 finds a small harm in time and a gross one at once. While nothing is wrong, its expectation
stays 1 after every call, so by Ville's inequality it *ever* reaches 3/alpha with probability alpha/3
at most, however often anybody looks: for the three metrics together alpha (Bonferroni).

**Evidence of no harm** is the same turned round, 1/L(harm), or that the metric is too rare on the
canary to matter: for each of its calls (1 − f/2)/(1 − f) if it went well and 1/2 if not, f being the
`floor`. If the canary does `harm` times as badly *and* above the floor, the expectation of either
stays 1 or below, and so does that of their mean, which then reaches 1/beta with probability beta at
most. A canary is harmless when each metric has said so.

**What keeps it exact.** A caller counts once, with the first call that is over: callers are dealt,
not calls, and one who calls ten times must not count as ten. Both sides are of the same time.
A call counts with the share that was in force when it began. And "like the stable release" means
no worse *and no sooner*: calls count when they are over, so while the first calls are in progress, a
canary whose bad calls take d seconds less is ahead by (calls a second) · p · (bad rate) · d of them,
once. Where that is more than one or two, let calls `settle` for longer than most of them take.

Sources: A. Wald, "Sequential Analysis" (1947), ch. 3 and 6; J. Ville, "Étude critique de la notion
de collectif" (1939); H. Robbins, "Statistical methods related to the law of the iterated logarithm",
Annals of Mathematical Statistics 41 (1970), for mixtures; M. Kulldorff et al., "A maximized sequential
probability ratio test for drug and vaccine safety surveillance", Sequential Analysis 30 (2011), whose
matched case is the same coin.
"""

from __future__ import annotations

import enum
from datetime import timedelta
from math import exp, log

import msgspec

from ivr.centre.rates import Rate

MULTIPLES = (1, 4, 16)
"""Harm is looked for at these multiples of the smallest worth stopping for."""


class Metric(enum.StrEnum):
    """What can go wrong in a call; see `ivr.centre.outcomes` for the definitions."""

    ZERO_OUT = "zero-out"
    ERRORS = "errors"
    ABANDONMENT = "abandonment"


class State(enum.StrEnum):
    """What the guardrail says, of a metric or of the whole canary."""

    WATCHING = "watching"
    HARMFUL = "harmful"
    HARMLESS = "harmless"
    EXPIRED = "expired"


class Settings(msgspec.Struct, frozen=True):
    """How careful to be.

    `alpha`: most probable share of harmless canaries that are rolled back. `beta`: of harmful ones
    that are called harmless. `harm`: the smallest factor on a rate worth stopping for. `floor`: rates
    below it are no harm, whatever the factor. `minimum`: callers the canary must have had before
    anything is said. `hours`: what is not decided by then is ended, and the stable release stays.
    `settle`: seconds from a call's beginning until it counts, also if it is over sooner.
    Raises ValueError for what makes no sense.
    """

    alpha: float = 0.05
    beta: float = 0.05
    harm: float = 2.0
    floor: float = 0.02
    minimum: int = 10
    hours: float = 24.0
    settle: float = 0.0

    def __post_init__(self) -> None:
        for name in ("alpha", "beta", "floor"):
            if not 0 < getattr(self, name) < 1:
                raise ValueError(f"{name} must be between 0 and 1, like 0.05")
        if not self.harm > 1:
            raise ValueError("harm must be above 1: 2 stops a canary that doubles a rate")
        if self.minimum < 1 or not self.hours > 0 or not self.settle >= 0:
            raise ValueError("minimum and hours must be positive, and settle not negative")


class Evidence:
    """What the calls so far say of one metric."""

    def __init__(self, settings: Settings) -> None:
        self._ratios = tuple(settings.harm * multiple for multiple in MULTIPLES)
        self._log_ratios = [0.0] * len(MULTIPLES)
        self._good = log((1 - settings.floor / 2) / (1 - settings.floor))
        self._log_rare = 0.0
        self._enough = 1 / settings.beta
        self.canary = Rate()
        self.stable = Rate()
        self.settled = False
        """Whether there was evidence enough of no harm, once."""

    def take(self, canary: bool, share: float, bad: bool) -> None:
        """Take a call that is over."""
        if canary:
            self.canary = Rate(self.canary.hits + bad, self.canary.count + 1)
            self._log_rare += log(0.5) if bad else self._good
        else:
            self.stable = Rate(self.stable.hits + bad, self.stable.count + 1)
        if bad:
            for index, ratio in enumerate(self._ratios):
                gain = log(ratio) if canary else 0.0
                self._log_ratios[index] += gain - log(1 - share + share * ratio)
        if bad or canary:
            self.settled = self.settled or self.of_no_harm >= self._enough

    @property
    def of_harm(self) -> float:
        """How many times likelier the calls are with harm than without."""
        return sum(map(_exp, self._log_ratios)) / len(self._log_ratios)

    @property
    def of_no_harm(self) -> float:
        """How many times likelier the calls are without harm, or the metric too rare to matter."""
        return (_exp(-self._log_ratios[0]) + _exp(self._log_rare)) / 2


class Line(msgspec.Struct, frozen=True):
    """One metric of a report: the rates, and each evidence with the bound that decides."""

    metric: Metric
    state: State
    canary: Rate
    stable: Rate
    harm: float
    harm_bound: float
    no_harm: float
    no_harm_bound: float


class Report(msgspec.Struct, frozen=True):
    """What the guardrail says now, and why, in words."""

    state: State
    reason: str
    lines: tuple[Line, ...]


class Guardrail:
    """Watches one canary. Give it every call that is over, in any order, as often as you look."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._evidence = {metric: Evidence(settings) for metric in Metric}
        self._bound = len(Metric) / settings.alpha
        self._callers: set[str] = set()
        self._harmful: Metric | None = None

    def take(self, caller: str, canary: bool, share: float, bad: frozenset[Metric]) -> None:
        """Take the call of a caller (number, or call id if withheld), dealt with this share."""
        if self._harmful is not None or caller in self._callers:
            return
        self._callers.add(caller)
        for metric, evidence in self._evidence.items():
            evidence.take(canary, share, metric in bad)
            enough = evidence.canary.count >= self._settings.minimum
            if enough and self._harmful is None and evidence.of_harm >= self._bound:
                self._harmful = metric

    def report(self, elapsed: timedelta) -> Report:
        """Return what is known, `elapsed` after the canary began."""
        state = self._state(elapsed)
        lines = tuple(self._line(metric) for metric in Metric)
        return Report(state, self._reason(state), lines)

    def _state(self, elapsed: timedelta) -> State:
        if self._harmful is not None:
            return State.HARMFUL
        evidence = self._evidence.values()
        enough = all(one.canary.count >= self._settings.minimum for one in evidence)
        if enough and all(one.settled for one in evidence):
            return State.HARMLESS
        if elapsed >= timedelta(hours=self._settings.hours):
            return State.EXPIRED
        return State.WATCHING

    def _line(self, metric: Metric) -> Line:
        evidence = self._evidence[metric]
        settled = State.HARMLESS if evidence.settled else State.WATCHING
        return Line(
            metric,
            State.HARMFUL if metric is self._harmful else settled,
            evidence.canary,
            evidence.stable,
            evidence.of_harm,
            self._bound,
            evidence.of_no_harm,
            1 / self._settings.beta,
        )

    def _reason(self, state: State) -> str:
        if self._harmful is not None:
            one = self._evidence[self._harmful]
            return (
                f"{self._harmful} {_worded(one.canary)} on the canary, "
                f"{_worded(one.stable)} on the stable release: "
                f"evidence {one.of_harm:.0f} : 1, {self._bound:.0f} : 1 is enough"
            )
        return {
            State.HARMLESS: f"no metric is {self._settings.harm:g} times as bad: safe to promote",
            State.EXPIRED: f"not decided within {self._settings.hours:g} hours",
        }.get(state, "not decided yet")


def _worded(rate: Rate) -> str:
    return f"{rate.hits} of {rate.count} ({100 * rate.value:.1f} %)"


def _exp(power: float) -> float:
    """Return e to a power; what is beyond all bounds need not be told apart."""
    return exp(min(power, 700.0))
