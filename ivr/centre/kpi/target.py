"""Targets: `each abandonment<=0.05 and service.sl20>=80%`, on all queues together, on each, or on one of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

import msgspec

from ivr.centre.kpi.counts import Counts
from ivr.model.errors import OneCallError

Ratio = tuple[float, float]
"""A figure as what is divided by what."""

METRICS: Mapping[str, Callable[[Counts], Ratio]] = {
    "abandonment": lambda one: (one.abandoned, one.offered),
    "net_abandonment": lambda one: (
        one.abandoned - one.abandoned_short,
        one.offered - one.abandoned_short,
    ),
    "sl": lambda one: (one.handled_in_time, one.offered),
    "asa": lambda one: (one.handled_wait_ms / 1000, one.handled),
    "aht": lambda one: ((one.talk_ms + one.hold_ms + one.acw_ms) / 1000, one.handled),
    "overflow": lambda one: (one.overflowed, one.offered),
    "callbacks": lambda one: (one.callbacks, one.offered),
}
"""What may be asserted; `sl` is written with its T in seconds, `sl20`. Times are in seconds."""

SHARES = frozenset(METRICS) - {"asa", "aht"}

_CONDITION = re.compile(
    r"(?:(each)\s+|([\w-]+)\.)?([a-z_]+?)([0-9]*)\s*(<=|>=)\s*([0-9]+(?:\.[0-9]+)?)(%?)"
)
_AND = re.compile(r"\s+and\s+|\s*,\s*")


class TargetError(OneCallError):
    """A target cannot be read: what is wrong, and what to write."""


class Condition(msgspec.Struct, frozen=True):
    """One figure that is not to be greater than a bound (`most`), or not smaller. `queue` is empty
    for all queues together, or with `each` for every queue by itself."""

    text: str
    queue: str
    metric: str
    most: bool
    bound: float
    each: bool = False

    def of(self, queue: str) -> Condition:
        """Return the same of one queue."""
        text = f"{queue}.{self.text.removeprefix('each').lstrip()}"
        return msgspec.structs.replace(self, text=text, queue=queue, each=False)

    @property
    def is_share(self) -> bool:
        """Whether the figure is a share of calls, not a time."""
        return self.metric in SHARES

    def ratio(self, counts: Counts) -> Ratio:
        """Return the figure of these counts."""
        return METRICS[self.metric](counts)


class Target(msgspec.Struct, frozen=True):
    """Conditions that are all to hold, and the T of their service levels in seconds, if they have one."""

    conditions: tuple[Condition, ...]
    within_s: float | None = None


def read_target(text: str) -> Target:
    """Read a target. Raises TargetError."""
    conditions: list[Condition] = []
    times: set[float] = set()
    for part in _AND.split(text.strip()):
        match = _CONDITION.fullmatch(part)
        if match is None:
            raise TargetError(f"`{part}` is no condition; write one like {_EXAMPLE}")
        each, queue, metric, seconds, relation, bound, percent = match.groups()
        if metric not in METRICS or (metric == "sl") != bool(seconds):
            known = ", ".join(f"{name}20" if name == "sl" else name for name in METRICS)
            raise TargetError(f"`{metric}{seconds}` is no figure; there are {known}")
        if seconds:
            times.add(float(seconds))
        value = float(bound) / 100 if percent else float(bound)
        condition = Condition(part, queue or "", metric, relation == "<=", value, bool(each))
        if condition.is_share and value > 1:
            raise TargetError(f"`{part}`: a share is 1 at most; write 0.05 or 5%")
        conditions.append(condition)
    if len(times) > 1:
        raise TargetError(f"`{text}` has service levels of several times; assert one time at once")
    return Target(tuple(conditions), times.pop() if times else None)


_EXAMPLE = "`abandonment<=0.05 and sl20>=0.8`"
