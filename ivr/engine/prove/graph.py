"""The graph of one script: every moment at which it waits, every answer, every end; ways through it.

A target is a node, or an exit as `~exit`.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from functools import cached_property
from typing import Any, NamedTuple

import msgspec

from ivr.model.commands import Command
from ivr.model.errors import CallerHungUp, OneCallError
from ivr.model.outcome import Outcome
from ivr.model.world import Answer


class Cost(NamedTuple):
    """What a way takes, the dearest first: answers that the simulator may not give, what the caller
    does (keys, words, hanging up), and time in ms."""

    unsure: int
    actions: int
    ms: int

    def plus(self, other: Cost) -> Cost:
        """Return both together."""
        return Cost(self[0] + other[0], self[1] + other[1], self[2] + other[2])


NOTHING = Cost(0, 0, 0)


class Branch(msgspec.Struct):
    """An answer, and the target it leads to. `idle`: the caller need do nothing for it. Where it
    answers a whole question, `way` is the exit of the question's own graph."""

    answer: Answer
    cost: Cost
    idle: bool
    target: int = 0
    way: int = -1

    @property
    def hangs_up(self) -> bool:
        """Whether it is that the caller is gone."""
        return self.answer.error is not None and isinstance(self.answer.error, CallerHungUp)


class Node(msgspec.Struct):
    """A moment at which the script waits for the answer to `command`. `question` is the graph of
    what is asked there, where that is looked at for itself; `gone`: the caller is."""

    command: Command[Any, Any]
    gone: bool
    question: Graph | None
    branches: list[Branch]


class Exit(msgspec.Struct, frozen=True):
    """An end: what the script returned, or the `error` it raised. `gone`: the caller is."""

    value: Any
    error: OneCallError | None
    gone: bool

    @property
    def hangs_up(self) -> bool:
        """Whether it ended because the caller was gone."""
        return isinstance(self.error, CallerHungUp)

    @property
    def outcome(self) -> str | None:
        """The outcome it ended with, if it did with one."""
        return self.value.name if isinstance(self.value, Outcome) else None


class Exchange(NamedTuple):
    """A command, and what it was answered."""

    command: Command[Any, Any]
    answer: Answer


class Graph:
    """All ways through a script, from the target `begins`. `asks`: the script is one question; `stays`:
    it is that of a step which stays; `waits`: of one in which people are waited for."""

    def __init__(self, *, asks: bool = False) -> None:
        self.asks = asks
        self.stays = False
        self.waits = False
        self.nodes: list[Node] = []
        self.exits: list[Exit] = []
        self.begins = 0

    def exchanges(self, target: int) -> Iterator[Exchange]:
        """Yield the exchanges of the cheapest way to a target, in order."""
        way: list[Branch] = []
        nodes: list[Node] = []
        while target != self.begins:
            came = self._ways[target][1]
            if came is None:
                return
            number, branch = came
            way.append(branch)
            nodes.append(self.nodes[number])
            target = number
        for node, branch in zip(reversed(nodes), reversed(way), strict=True):
            if node.question is not None:
                yield from node.question.exchanges(~branch.way)
            else:
                yield Exchange(node.command, branch.answer)

    def cost(self, target: int) -> Cost:
        """Return the cost of the cheapest way to a target."""
        return self._ways[target][0]

    @cached_property
    def through(self) -> list[Branch]:
        """The branches of a moment at which all this is asked as one question: one for each exit, with
        the target still to be found."""
        return [
            Branch(
                Answer(value=one.value, error=one.error, gone=one.gone),
                self.cost(~number),
                ~number in self.idle,
                way=number,
            )
            for number, one in enumerate(self.exits)
        ]

    @cached_property
    def _ways(self) -> dict[int, tuple[Cost, tuple[int, Branch] | None]]:
        """The cheapest way to every target: its cost, and the last node and branch of it."""
        found: dict[int, tuple[Cost, tuple[int, Branch] | None]] = {self.begins: (NOTHING, None)}
        waiting = [(NOTHING, self.begins)]
        while waiting:
            cost, target = heapq.heappop(waiting)
            if target < 0 or cost > found[target][0]:
                continue
            for branch in self.nodes[target].branches:
                further = cost.plus(branch.cost)
                if branch.target not in found or further < found[branch.target][0]:
                    found[branch.target] = (further, (target, branch))
                    heapq.heappush(waiting, (further, branch.target))
        return found

    @cached_property
    def idle(self) -> frozenset[int]:
        """The targets that are reached without the caller doing anything."""
        found = {self.begins}
        waiting = [self.begins]
        while waiting:
            target = waiting.pop()
            for branch in self.nodes[target].branches if target >= 0 else ():
                if branch.idle and branch.target not in found:
                    found.add(branch.target)
                    waiting.append(branch.target)
        return frozenset(found)

    def wastes(self, branch: Branch) -> bool:
        """Whether a key of a question counts as a failure although it is none by itself: the question
        was repeated too often."""
        if not self.asks or branch.target == self.begins:
            return False
        if branch.target >= 0:
            return not self.nodes[branch.target].command.asks_caller
        return bool(getattr(self.exits[~branch.target].value, "failures", 0))

    @property
    def order(self) -> list[int]:
        """The nodes, each after all that it leads to (but for circles)."""
        return self._walked[0]

    @cached_property
    def circles(self) -> tuple[int, ...]:
        """The nodes at which the script has come round to what it was before, or its question has."""
        asking = [n for n, one in enumerate(self.nodes) if one.question and one.question.circles]
        return tuple(dict.fromkeys((*self._walked[1], *asking)))

    @cached_property
    def _walked(self) -> tuple[list[int], list[int]]:
        done: list[int] = []
        back: list[int] = []
        finished: dict[int, bool] = {}
        stack: list[tuple[int, int]] = [(self.begins, 0)] if self.begins >= 0 else []
        while stack:
            number, at = stack.pop()
            finished.setdefault(number, False)
            branches = self.nodes[number].branches
            while at < len(branches):
                target = branches[at].target
                at += 1
                if target >= 0 and target not in finished:
                    stack += [(number, at), (target, 0)]
                    break
                if target >= 0 and not finished[target]:
                    back.append(target)
            else:
                finished[number] = True
                done.append(number)
        return done, back
