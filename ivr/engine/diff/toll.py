"""What a change costs callers: keys and seconds until each thing they ring for, before and after.

Before, callers take the outcomes of steps as often as the traffic says; afterwards they want what
they wanted before, so that an outcome is taken as often as the one that it corresponds to was, by
whatever key. What is new was never taken. A leaf's calls a month are the visits of the chain before,
times the calls a month; its price is the difference of its mean cost, times these. Leaves that are
there only before or only after have no price: nobody knows what those callers do instead.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from ivr.centre.cost import Cost, costs
from ivr.centre.traffic import Spot, Traffic
from ivr.engine.diff.compare import Difference
from ivr.engine.journeys import Taken, journeys
from ivr.model.flow import HANGUP, FlowSet
from ivr.ports.prompts import Prompts

MS_PER_HOUR = 3_600_000


class Leaf(msgspec.Struct, frozen=True):
    """What callers ring for: the step after, or the one before where there is none after.

    `calls` come to it in a month (or of a thousand calls: see Toll); a cost is None where the leaf is
    not there or nobody comes to it.
    """

    spot: Spot
    verb: str
    calls: float
    before: Cost | None
    after: Cost | None

    @property
    def hours(self) -> float:
        """The hours that its callers pay more for it, all together."""
        if self.before is None or self.after is None:
            return 0.0
        return self.calls * (self.after.ms - self.before.ms) / MS_PER_HOUR

    @property
    def keys(self) -> float:
        """The keys that its callers press more for it, all together."""
        if self.before is None or self.after is None:
            return 0.0
        return self.calls * (self.after.keys - self.before.keys)


class Toll(msgspec.Struct, frozen=True):
    """What a change costs `calls` callers: those of a month, or a thousand where there was no traffic
    to measure and every outcome is taken to be equally likely."""

    leaves: tuple[Leaf, ...]
    calls: float
    measured: bool

    @property
    def hours(self) -> float:
        """The hours that callers pay more, all together; negative when they pay less."""
        return sum(leaf.hours for leaf in self.leaves)

    @property
    def keys(self) -> float:
        """The keys that callers press more, all together."""
        return sum(leaf.keys for leaf in self.leaves)


UNMEASURED_CALLS = 1000


def toll(
    before: FlowSet,
    after: FlowSet,
    difference: Difference,
    prompts: Prompts,
    language: str | None = None,
    traffic: Traffic | None = None,
    monthly: float = 0,
) -> Toll:
    """Return what a change costs callers, by the traffic of `before` and so many calls a month.

    Raises Endless, TooManyWays, PortError.
    """
    traffic = traffic or Traffic()
    taken: Taken = {spot: one.outcomes for spot, one in traffic.steps.items()}
    was = costs(journeys(before, prompts, language, taken, traffic.flows))
    carried = _carried(taken, difference)
    now = costs(journeys(after, prompts, language, carried, traffic.flows))
    measured = bool(traffic.calls)
    calls = monthly if measured else UNMEASURED_CALLS
    return Toll(tuple(_leaves(before, after, difference, was, now, calls)), calls, measured)


def _carried(taken: Taken, difference: Difference) -> Taken:
    """Return how often outcomes would be taken afterwards, by what they correspond to."""
    found: dict[Spot, Mapping[str, float]] = {}
    for spot, old in difference.steps.items():
        counts, pairs = taken.get(old, {}), {HANGUP: HANGUP, **difference.outcomes[spot]}
        found[spot] = {new: counts.get(one, 0) for new, one in pairs.items()}
    return found


def _leaves(
    before: FlowSet,
    after: FlowSet,
    difference: Difference,
    was: Mapping[Spot, Cost],
    now: Mapping[Spot, Cost],
    calls: float,
) -> list[Leaf]:
    """Return all leaves, those that callers come to most often first."""
    spots = {old: spot for spot, old in difference.steps.items()}
    found = []
    for old, cost in was.items():
        new = spots.get(old)
        later = now.get(new) if new is not None else None
        verb = before.flows[old.flow].steps[old.step].step.verb
        spot = new if new is not None and later is not None else old
        found.append(Leaf(spot, verb, calls * cost.visits, cost, later))
    for spot, cost in now.items():
        if difference.steps.get(spot) not in was:
            verb = after.flows[spot.flow].steps[spot.step].step.verb
            found.append(Leaf(spot, verb, calls * cost.visits, None, cost))
    return sorted(found, key=lambda leaf: -leaf.calls)
