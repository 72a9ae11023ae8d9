"""A queue as the dispatcher sees it."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import accumulate

from ivr.centre.dispatch.agents import Seat
from ivr.centre.dispatch.estimate import Estimator
from ivr.centre.dispatch.surge import SurgeWatch
from ivr.model.expressions import holding
from ivr.model.queues import CALLER_FACTS, QueueDocument
from ivr.model.values import Scalar


class QueueState:
    """What a queue says, who waits in it in order, and what has been learnt of it."""

    document: QueueDocument

    def __init__(self, name: str) -> None:
        self.name = name
        self.order: list[tuple[float, int, str]] = []
        self.to_dial: list[tuple[float, int, str]] = []
        self.estimator = Estimator()
        self.watch: SurgeWatch | None = None
        self._turns = 0

    def adopt(self, document: QueueDocument) -> None:
        """Go by another document from now on; what has been learnt is kept."""
        self.document = document
        surge = document.surge
        if surge is None or self.watch is None:
            self.watch = SurgeWatch(surge) if surge else None
        else:
            self.watch.rules = surge
        self._pull = holding(surge.pull) if surge and surge.pull else None
        rules = document.agents
        self.waits = tuple(rule.after / 1000 for rule in rules)
        own = document.priority / 1000
        self.head_starts = tuple(
            own + more for more in accumulate(r.priority / 1000 for r in rules)
        )
        self._boosts = [(holding(one.when), one.by / 1000) for one in document.boosts]
        written = " ".join(rule.when.source for rule in rules)
        self.reads = tuple(name for name in CALLER_FACTS if f"caller.{name}" in written)

    @property
    def surging(self) -> bool:
        """Whether there is a surge now."""
        return self.watch is not None and self.watch.on

    def boost(self, facts: Mapping[str, Scalar]) -> float:
        """Return the head start, in seconds, of a caller of whom this is known."""
        return sum(by for holds, by in self._boosts if holds({"caller": facts}))

    def turn(self) -> int:
        """Count one more call, and return which it is."""
        self._turns += 1
        return self._turns

    def pulls(self, seat: Seat) -> bool:
        """Whether an agent of the second line helps in a surge."""
        return self._pull is None or self._pull(seat.scope())

    def helps(self, seat: Seat) -> bool:
        """Whether an agent of the second line helps now."""
        return self.surging and self.pulls(seat)
