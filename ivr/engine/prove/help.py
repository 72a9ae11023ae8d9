"""How far help is: a person, or a promised call back, whatever the world answers.

The caller does what helps soonest, and hears every prompt to its end; ports, calendars and queues
answer what helps least. Time in a queue does not count: a person is what is waited for there.

A distance is a tuple: the milliseconds until help with at most 0, 1, 2 … failures of the caller.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

from ivr.engine.prove.graph import Graph, Node
from ivr.engine.prove.space import Space, Visited

Distance = tuple[float, ...]
After = Callable[[int], Distance]
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
        self.distances: list[Distance] = [self._never] * len(space.visited)
        self._settle()

    def questions(self, number: int) -> Iterator[Question]:
        """Yield the moments at which a caller is asked in a state."""
        one = self._space.visited[number]
        if one.graph is None:
            return
        after = partial(self._after, one)
        known = self._through(one.graph, after)
        for at, node in enumerate(one.graph.nodes):
            if node.question is not None:
                inner = self._through(node.question, self._beyond(node, known, after))
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
                fresh = [one for one in before[number] if one not in queued]
                waiting.extend(fresh)
                queued.update(fresh)

    def _from(self, one: Visited) -> Distance:
        if one.state.gone:
            return self._never
        if one.graph is None:
            return self._after(one, 0)
        after = partial(self._after, one)
        return self._at(one.graph.begins, self._through(one.graph, after), after)

    def _after(self, one: Visited, exit_: int) -> Distance:
        if exit_ in one.helped:
            return self._at_once
        following = one.following[exit_]
        return self.distances[following] if following >= 0 else self._never

    def _through(self, graph: Graph, after: After) -> dict[int, Distance]:
        """Return how far help is from each node of a graph; `after` tells it of the exits."""
        known: dict[int, Distance] = {}
        for number in graph.order[0]:
            node = graph.nodes[number]
            if node.question is None:
                known[number] = self._choose(node, known, after)
            else:
                beyond = self._beyond(node, known, after)
                asked = self._through(node.question, beyond)
                known[number] = self._at(node.question.begins, asked, beyond)
        return known

    def _beyond(self, node: Node, known: dict[int, Distance], after: After) -> After:
        """Return what tells how far help is after each exit of a node's question."""
        targets = {branch.way: branch.target for branch in node.branches}
        return lambda exit_: self._at(targets[exit_], known, after)

    def _at(self, target: int, known: dict[int, Distance], after: After) -> Distance:
        return known.get(target, self._never) if target >= 0 else after(~target)

    def _choose(self, node: Node, known: dict[int, Distance], after: After) -> Distance:
        ways = []
        for branch in node.branches:
            if branch.hangs_up:
                continue
            further = self._at(branch.target, known, after)
            if branch.answer.failure:
                further = (NEVER, *further[:-1])
            ms = branch.answer.patient_ms
            ways.append(tuple(one + ms for one in further) if ms else further)
        if not ways:
            return self._never
        best = min if node.command.asks_caller else max
        return ways[0] if len(ways) == 1 else tuple(map(best, *ways))
