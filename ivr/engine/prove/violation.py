"""What a proof finds, and the way that shows it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import takewhile

import msgspec

from ivr.engine.prove.graph import Cost, Exchange
from ivr.engine.prove.help import Help
from ivr.engine.prove.rounds import rounds
from ivr.engine.prove.space import Leg, Space
from ivr.model.codes import Code
from ivr.model.flow import Flow, FlowSet, Node


class Way(msgspec.Struct, frozen=True):
    """A way of a call: whole visits (`legs`), then what is said and done in the last step (`tail`).
    `trail` are the steps visited, `flow.step`, `stayed` the places in it of those that stayed, which is
    no entering. The first `rounds` legs go round until the call has
    reached a limit, and a little more or less often than they say."""

    legs: tuple[Leg, ...]
    tail: tuple[Exchange, ...]
    trail: tuple[str, ...]
    cost: Cost
    rounds: int = 0
    stayed: frozenset[int] = frozenset()

    @property
    def entered(self) -> tuple[str, ...]:
        """Return the steps entered, as a call tells them."""
        return tuple(one for at, one in enumerate(self.trail) if at not in self.stayed)

    def sooner(self, trail: Sequence[str]) -> Way | None:
        """Return the way whose rounds end where a call that went it, by its `trail`, met a limit; None
        where it goes no further round than that call did."""
        both = zip(self.trail, trail, strict=False)
        gone = sum(1 for _ in takewhile(lambda steps: steps[0] == steps[1], both))
        if not 0 < gone < self.rounds:
            return None
        legs = (*self.legs[: gone - 1], *self.legs[self.rounds :])
        entered = (*self.trail[:gone], *self.trail[self.rounds :])
        left_out = self.rounds - gone
        before = {at for at in self.stayed if at < gone}
        after = {at - left_out for at in self.stayed if at >= self.rounds}
        return Way(legs, self.tail, entered, self.cost, gone - 1, frozenset(before | after))


class Violation(msgspec.Struct, frozen=True):
    """A property that does not hold, at a step (or, without `step`, in a flow). `where` are keys of
    the step to point at. Without `way` no call can show it: it is that no call comes there."""

    code: Code
    flow: str
    step: str
    message: str
    hint: str
    way: Way | None = None
    where: tuple[str, ...] = ()


class Proving(msgspec.Struct, frozen=True):
    """What properties are looked for in. Help must be within `failures` and `within_ms`; a call may
    take so many `steps`."""

    flow_set: FlowSet
    space: Space
    help: Help
    failures: int
    within_ms: int
    steps: int
    _rounds: dict[int, list[Leg] | None] = {}

    def node(self, number: int) -> Node:
        """Return the step of a state."""
        state = self.space.visited[number].state
        return self.flow_set.flows[state.flow].steps[state.step]

    def flow(self, number: int) -> Flow:
        """Return the running flow of a state."""
        return self.flow_set.flows[self.space.visited[number].state.flow]

    def cheapest(self, numbers: set[int] | tuple[int, ...]) -> int:
        """Return the state that is come to most cheaply."""
        return min(numbers, key=lambda number: (self.space.cost(number), number))

    def way(self, number: int, node: int | None = None, inner: int | None = None) -> Way:
        """Return the cheapest way to a state; to a target of its graph, and of the question there."""
        tail: tuple[Exchange, ...] = ()
        cost = self.space.cost(number)
        one = self.space.visited[number]
        if node is not None and one.graph is not None:
            tail = tuple(one.graph.exchanges(node))
            cost = cost.plus(one.graph.cost(node))
            question = one.graph.nodes[node].question if node >= 0 else None
            if question is not None and inner is not None:
                tail += tuple(question.exchanges(inner))
                cost = cost.plus(question.cost(inner))
        before, after = self._round(self.space.way(number), number)
        legs = (*before, *after)
        states = [*(self.space.visited[leg.number].state for leg in legs), one.state]
        stayed = frozenset(at for at, state in enumerate(states) if state.stays)
        return Way(legs, tail, tuple(map(str, states)), cost, len(before), stayed)

    def limited_way(self, number: int) -> Way | None:
        """Return a way that ends in the limit that a state can run into, if one can be gone."""
        target = self.space.visited[number].limited
        legs = self._around(target)
        if legs is None:
            return None
        trail = tuple(str(self.space.visited[leg.number].state) for leg in legs)
        return Way(tuple(legs), (), trail, self.space.cost(number), len(legs))

    def _round(self, legs: list[Leg], number: int) -> tuple[list[Leg], list[Leg]]:
        """Return a way that leads round to the limit that `legs` have in them, and what follows it;
        nothing, and all of them, if they have none that can be reached so."""
        led_to = [*(leg.number for leg in legs[1:]), number]
        limits = (at for at, leg in enumerate(legs) if self.space.limits(leg, led_to[at]))
        at = next(limits, None)
        if at is None:
            return [], legs
        after = legs[at + 1 :]
        before = self._around(led_to[at])
        return ([], legs) if before is None else (before, after)

    def _around(self, target: int) -> list[Leg] | None:
        """Return a way that goes round until a limit leads to a state: found once, for all that follows."""
        if target not in self._rounds:
            self._rounds[target] = rounds(self.space, target, self.steps)
        return self._rounds[target]


Property = Callable[[Proving], Iterator[Violation]]
