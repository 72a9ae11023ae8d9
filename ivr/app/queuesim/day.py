"""What comes on a day and what came of it, and how people behave: all that no dispatcher decides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec

from ivr.centre.kpi import Stay, Work
from ivr.model.values import Scalar


class Arrival(NamedTuple):
    """A caller who is going to call: `at` in seconds since the day began, how long they would wait,
    and how long the call would take, on the line and, if it is known, in wrap-up."""

    at: float
    queue: str
    facts: Mapping[str, Scalar]
    patience_s: float
    talk_s: float
    acw_s: float


class Shift(NamedTuple):
    """When an agent is there to take calls, in seconds since the day began."""

    agent: str
    start: float
    end: float


class Day(msgspec.Struct, frozen=True):
    """A day to simulate. `begins` is its midnight; callers come in the order of time; `spans` are when
    a queue is open, where it is not always, in seconds since the day began."""

    begins: datetime
    arrivals: Sequence[Arrival]
    shifts: Sequence[Shift]
    spans: Mapping[str, Sequence[tuple[float, float]]] = {}

    def is_open(self, queue: str, at: float) -> bool:
        """Return whether a queue is open."""
        spans = self.spans.get(queue)
        return spans is None or any(start <= at < end for start, end in spans)


class Outcome(msgspec.Struct, frozen=True):
    """What came of a day: its stays, what all agents did, and how often a surge began."""

    stays: list[Stay]
    work: Work
    surges: int


class Behaviour(msgspec.Struct, frozen=True):
    """How people behave beside patience: an agent's telephone rings for `ring_s` until it is answered,
    and a share of `missed` is not; of callers who are offered to be called back a share `accept`, and
    a share `reached` of those can be reached. Raises ValueError for what makes no sense."""

    ring_s: float = 3.0
    missed: float = 0.0
    accept: float = 0.3
    reached: float = 0.8

    def __post_init__(self) -> None:
        if self.ring_s < 0 or not all(
            0 <= share <= 1 for share in (self.missed, self.accept, self.reached)
        ):
            raise ValueError("shares are from 0 to 1, and nobody rings for less than no time")
