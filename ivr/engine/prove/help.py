"""How far help is: a person, or a promised call back, whatever the world answers.

The caller does what helps soonest, and hears every prompt to its end; ports, calendars and queues
answer what helps least. Time in a queue does not count: a person is what is waited for there.

A distance is a tuple: the milliseconds until help with at most 0, 1, 2 … failures of the caller.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from ivr.engine.prove.graph import Graph, Node
from ivr.engine.prove.space import Space, Visited

Distance = tuple[float, ...]
NEVER = float("inf")


class Question(NamedTuple):
    """A moment at which the caller is asked: a node of a state's graph, and one of the question's
    own graph (None: the node itself asks), with how far help is."""

    node: int
    inner: int | None
    distance: Distance


class Help:
    """How far help is from every state. `failures` is the most that may happen on the way."""

    def __init__(self, space: Space, failures: int) -> None:
        self._space = space
        self._at_once: Distance = (0.0,) * (failures + 1)
        self._never: Distance = (NEVER,) * (failures + 1)
        self._known: dict[tuple[int, tuple[Distance, ...]], Mapping[int, Distance]] = {}
        self.distances: list[Distance] = [self._never] * len(space.visited)
        self._settle()

    def questions(self, number: int) -> Iterator[Question]:
        """Yield the moments at which a caller is asked in a state."""
        one = self._space.visited[number]
        if one.graph is None:
            return
        known = self._through(one.graph, self._exits(one))
        for at, node in enumerate(one.graph.nodes):
            if node.question is not None:
                inner = self._through(node.question, self._beyond(node, known))
                for within, asked in enumerate(node.question.nodes):
                    if asked.command.asks_caller:
                        yield Question(at, within, inner[within])
            elif node.command.asks_caller:
                yield Question(at, None, known[at])

    def _settle(self) -> None:
        """Find the distances, from help backwards."""
        before: list[list[int]] = [[] for _ in self._space.visited]
        for number, one in enumerate(self._space.visited):
            for following in one.following:
                if following >= 0:
                    before[following].append(number)
        waiting = deque(reversed(range(len(before))))
        queued = set(waiting)
        while waiting:
            number = waiting.popleft()
            queued.discard(number)
            distance = self._from(self._space.visited[number])
            if distance != self.distances[number]:
                self.distances[number] = distance
                fresh = {one for one in before[number] if one not in queued}
                waiting.extend(fresh)
                queued |= fresh

    def _from(self, one: Visited) -> Distance:
        if one.state.gone:
            return self._never
        if one.state.helped:
            return self._at_once
        exits = self._exits(one)
        if one.graph is None:
            return exits[0]
        return self._through(one.graph, exits)[one.graph.begins]

    def _exits(self, one: Visited) -> tuple[Distance, ...]:
        """Return how far help is after each exit of a state's step."""
        return tuple(
            self._at_once
            if exit_ in one.helped
            else self.distances[following]
            if following >= 0
            else self._never
            for exit_, following in enumerate(one.following)
        )

    def _through(self, graph: Graph, exits: tuple[Distance, ...]) -> Mapping[int, Distance]:
        """Return how far help is from each target of a graph, given how far from its exits."""
        key = (id(graph), exits)
        found = self._known.get(key)
        if found is not None:
            return found
        known = {~number: distance for number, distance in enumerate(exits)}
        for number in graph.order:
            node = graph.nodes[number]
            if node.question is None:
                known[number] = self._choose(graph, node, known)
            else:
                asked = self._through(node.question, self._beyond(node, known))
                known[number] = asked[node.question.begins]
        self._known[key] = known
        return known

    def _beyond(self, node: Node, known: Mapping[int, Distance]) -> tuple[Distance, ...]:
        """Return how far help is after each exit of a node's question."""
        return tuple(known.get(branch.target, self._never) for branch in node.branches)

    def _choose(self, graph: Graph, node: Node, known: Mapping[int, Distance]) -> Distance:
        ways: list[Distance] = []
        for branch in node.branches:
            if branch.hangs_up:
                continue
            further = known.get(branch.target, self._never)
            if branch.answer.failure or graph.wastes(branch):
                further = (NEVER, *further[:-1])
            ms = 0 if graph.waits else branch.answer.patient_ms
            ways.append(tuple([one + ms for one in further]) if ms else further)
        if len(ways) < 2:
            return ways[0] if ways else self._never
        return tuple(map(min if node.command.asks_caller else max, *ways))
