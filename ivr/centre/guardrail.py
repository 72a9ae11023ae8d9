"""The guardrail of a canary: is the new release worse for callers? A test to be looked at always.

**Question.** Calls are taken in the order in which they are over, and put into blocks: a block is
full when it has a call of the canary and as many stable ones as the share makes usual. Say that k of
its m + n calls went wrong. If the canary (n calls) treats callers like the stable release (m), then
which of them went wrong is a lottery: that it were x of the canary has the probability of drawing x
winners in n lots, whatever the rate of such calls is, and however it changes over the day (Fisher's
exact test). If the canary makes the odds r times as high, the draw is weighted: x has the weight
C(n, x) C(m, k − x) r^x.

**Evidence of harm** is the likelihood ratio of these draws (Wald's sequential probability ratio):

    L(r) = ∏ over blocks of  r^x C(m + n, k) / Σ_j C(n, j) C(m, k − j) r^j

r is not known, only the smallest that is worth stopping for (`harm`). The mean of L(r) for harm × 1,
4 and 16 finds a small harm in time and a gross one at once. While nothing is wrong, its expectation
stays 1 after every block, so by Ville's inequality it *ever* reaches 3/alpha with probability alpha/3
at most, however often anybody looks: for the three metrics together alpha (Bonferroni).

**Evidence of no harm** is the same turned round, 1/L(harm), or that the metric is too rare on the
canary to matter: for each of its calls (1 − f/2)/(1 − f) if it went well and 1/2 if not, f being the
`floor`. If the canary has `harm` times the odds *and* a rate above the floor, the expectation of
either stays 1 or below, and so does that of their mean, which then reaches 1/beta with probability
beta at most. A canary is harmless when each metric has said so.

**What keeps it exact.** A caller counts once, with the first call that is over: callers are dealt to
the canary, not calls, and one who calls ten times must not count as ten. Calls in progress do not
count, so while the first ones are, a canary whose bad calls end sooner than its good ones, or later,
looks worse or better than it is by what ended in that time. Where many calls do, let them `settle`
for longer than most of them take: a call then counts when it is that old, and over.

Sources: R. A. Fisher, "The logic of inductive inference", Journal of the Royal Statistical Society 98
(1935), for the lottery; J. Cornfield, "A statistical problem arising from retrospective studies",
Third Berkeley Symposium (1956), for the weighted one; A. Wald, "Sequential Analysis" (1947), ch. 3;
J. Ville, "Étude critique de la notion de collectif" (1939); H. Robbins, "Statistical methods related
to the law of the iterated logarithm", Annals of Mathematical Statistics 41 (1970), for mixtures.
"""

from __future__ import annotations

import enum
from collections import deque
from collections.abc import Collection
from datetime import timedelta
from math import comb, exp, log

import msgspec

from ivr.centre.rates import Rate

MULTIPLES = (1, 4, 16)
"""Harm is looked for at these multiples of the smallest worth stopping for."""
KEPT = 4
"""A block that waits for one side keeps so many times the usual number of calls of the other: those
before are of another time."""


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
    that are called harmless. `harm`: the smallest factor on the odds of a bad call worth stopping for
    (2: from 2 % to 3.9 %, from 20 % to 33 %). `floor`: rates below it are no harm, whatever the
    factor. `minimum`: callers the canary must have had before anything is said. `hours`: what is not
    decided by then is ended, and the stable release stays. `settle`: seconds from a call's beginning
    until it counts, also if it is over sooner. Raises ValueError for what makes no sense.
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

    def count(self, canary: bool, bad: bool) -> None:
        """Take a call that is over."""
        if canary:
            self.canary = Rate(self.canary.hits + bad, self.canary.count + 1)
            self._log_rare += log(0.5) if bad else self._good
            self._settle()
        else:
            self.stable = Rate(self.stable.hits + bad, self.stable.count + 1)

    def weigh(self, canary: Rate, stable: Rate) -> None:
        """Take a full block."""
        for index, ratio in enumerate(self._ratios):
            self._log_ratios[index] += log(likelihood_ratio(canary, stable, ratio))
        self._settle()

    def _settle(self) -> None:
        self.settled = self.settled or self.of_no_harm >= self._enough

    @property
    def of_harm(self) -> float:
        """How many times likelier the calls are with harm than without."""
        return sum(map(_exp, self._log_ratios)) / len(self._log_ratios)

    @property
    def of_no_harm(self) -> float:
        """How many times likelier the calls are without harm, or the metric too rare to matter."""
        return (_exp(-self._log_ratios[0]) + _exp(self._log_rare)) / 2


def likelihood_ratio(canary: Rate, stable: Rate, ratio: float) -> float:
    """Return how many times likelier a block is if the canary has `ratio` times the odds."""
    bad = canary.hits + stable.hits
    lots = comb(canary.count + stable.count, bad)
    weighted = (
        # Whole numbers that no float could hold: only their ratio is one.
        comb(canary.count, hits) * comb(stable.count, bad - hits) / lots * ratio**hits
        for hits in range(min(canary.count, bad) + 1)
    )
    return ratio**canary.hits / sum(weighted)


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
    """Watches one canary. Give it every call that is over, and look as often as you like."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._evidence = {metric: Evidence(settings) for metric in Metric}
        self._bound = len(Metric) / settings.alpha
        self._callers: set[str] = set()
        self._block = _Block()
        self._harmful: Metric | None = None

    def take(self, caller: str, canary: bool, share: float, bad: frozenset[Metric]) -> None:
        """Take the call of a caller (number, or call id if withheld), dealt with this share."""
        if self._harmful is not None or caller in self._callers:
            return
        self._callers.add(caller)
        for metric, evidence in self._evidence.items():
            evidence.count(canary, metric in bad)
        if self._block.add(canary, share, bad):
            self._weigh(self._block)
            self._block = _Block()

    def _weigh(self, block: _Block) -> None:
        for metric, evidence in self._evidence.items():
            evidence.weigh(_rate(block.canary, metric), _rate(block.stable, metric))
        if self._heard_enough():
            harmful = (one for one in Metric if self._evidence[one].of_harm >= self._bound)
            self._harmful = next(harmful, None)

    def _heard_enough(self) -> bool:
        heard = next(iter(self._evidence.values())).canary.count
        return heard >= self._settings.minimum

    def report(self, elapsed: timedelta) -> Report:
        """Return what is known, `elapsed` after the canary began."""
        state = self._state(elapsed)
        lines = tuple(self._line(metric) for metric in Metric)
        return Report(state, self._reason(state), lines)

    def _state(self, elapsed: timedelta) -> State:
        if self._harmful is not None:
            return State.HARMFUL
        if self._heard_enough() and all(one.settled for one in self._evidence.values()):
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
            State.HARMLESS: f"no metric has {self._settings.harm:g} times the odds: safe to promote",
            State.EXPIRED: f"not decided within {self._settings.hours:g} hours",
        }.get(state, "not decided yet")


class _Block:
    """Calls that are over at about the same time: what went wrong in each, on both sides."""

    def __init__(self) -> None:
        self.canary: deque[frozenset[Metric]] = deque(maxlen=KEPT)
        self.stable: deque[frozenset[Metric]] = deque()

    def add(self, canary: bool, share: float, bad: frozenset[Metric]) -> bool:
        """Take a call; return whether the block is full. That must not depend on what went wrong."""
        (self.canary if canary else self.stable).append(bad)
        usual = max(1, round((1 - share) / share))
        while len(self.stable) > KEPT * usual:
            self.stable.popleft()
        return bool(self.canary) and len(self.stable) >= usual


def _rate(side: Collection[frozenset[Metric]], metric: Metric) -> Rate:
    return Rate(sum(metric in bad for bad in side), len(side))


def _worded(rate: Rate) -> str:
    return f"{rate.hits} of {rate.count} ({100 * rate.value:.1f} %)"


def _exp(power: float) -> float:
    """Return e to a power; what is beyond all bounds need not be told apart."""
    return exp(min(power, 700.0))
