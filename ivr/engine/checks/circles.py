"""Checks of ways that come back to where they were, within a flow or through several."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TypeAlias

from ivr.engine.checks.edges import closed, closure, edges, reachable
from ivr.engine.checks.menus import ReadsKeys
from ivr.engine.checks.subflows import gone_to
from ivr.engine.checks.world import World
from ivr.model.codes import Code
from ivr.model.flow import AUTHENTICATE, ERROR, HANGUP, REFUSED, Node
from ivr.model.problem import Problem

Where: TypeAlias = tuple[str, str]
"""A step: its flow's name and its own."""
Graph: TypeAlias = Mapping[Where, Collection[Where]]


def ways_end(world: World) -> Iterator[Problem]:
    """IVR318: steps that go round for ever, with no way to an end."""
    ways = _Ways(world)
    lost = ways.lost()
    back = _turned(ways.forth)
    while lost:
        where = min(
            _innermost(sorted(lost), back, ways.forth),
            key=lambda where: (not gone_to(ways.node(where)), ways.node(where).place),
        )
        message = f"from `{where[1]}` no way leads to an end"
        hint = "lead an edge of the circle to a hangup, return, goto or queue step"
        yield Problem(Code.ENDLESS, ways.node(where).place, message, hint)
        told: set[Where] = closure([where], back)
        lost -= told


def circles_pause(world: World) -> Iterator[Problem]:
    """IVR324: steps that go round while nobody is waited for and nothing changes."""
    ways = _Ways(world)
    silent = ways.silent()
    while circle := _circle(silent):
        node = min((ways.node(where) for where in circle), key=lambda node: node.place)
        names = [name for _, name in circle]
        first = names.index(node.name)
        once = " → ".join([*names[first:], *names[:first], node.name])
        message = f"{once}: nothing here waits for the caller"
        hint = "lead one of these edges elsewhere, ask for a key, or count the rounds with `set`"
        yield Problem(Code.NO_PAUSE, node.place, message, hint)
        silent = {where: to - set(circle) for where, to in silent.items() if where not in circle}


class _Ways:
    """Where each step leads, in the flows of which all is known."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._flows = [flow for flow in world.flows.values() if world.whole(flow) and closed(flow)]
        self._starts = {flow.name: (flow.name, flow.start) for flow in self._flows}
        self.forth: Graph = {
            (flow.name, node.name): {
                *((flow.name, target) for target in node.edges.values()),
                *(self._starts[name] for name in gone_to(node) if name in self._starts),
            }
            for flow in self._flows
            for node in flow.steps.values()
        }

    def node(self, where: Where) -> Node:
        """Return the step."""
        return self._world.flows[where[0]].steps[where[1]]

    def lost(self) -> set[Where]:
        """Return the steps that a call comes to, and from which no way leads to an end."""
        ends = [where for where, to in self.forth.items() if not to or self._ends(where)]
        come_to = {(flow.name, name) for flow in self._flows for name in reachable(flow)}
        ending: set[Where] = closure(ends, _turned(self.forth))
        return come_to - ending

    def _ends(self, where: Where) -> bool:
        node = self.node(where)
        return node.step.ends or not gone_to(node) <= self._starts.keys()

    def silent(self) -> dict[Where, set[Where]]:
        """Return where steps lead without having waited for the caller or changed a variable.

        A flow that is called may come back so with some of its outcomes; which ones is found by
        going through all flows until there is no more.
        """
        lost = self.lost()
        returned: set[Where] = set()
        while True:
            graph = {
                where: {to for to in self._silently(where, returned) if to not in lost}
                for where in self.forth.keys() - lost
            }
            more = {
                (flow, outcome)
                for flow, start in self._starts.items()
                for where in closure([start], graph)
                if where in graph
                for outcome in self.node(where).step.returns()
            }
            if more <= returned:
                return graph
            returned |= more

    def _silently(self, where: Where, returned: Collection[Where]) -> Iterator[Where]:
        node = self.node(where)
        step = node.step
        for outcome, target in edges(self._world, node).items():
            if node.requires and outcome == REFUSED:
                silent = (AUTHENTICATE, outcome) in returned
            elif calls := step.calls():
                silent = all((name, outcome) in returned for name in calls)
            else:
                reads = isinstance(step, ReadsKeys) or any(step.keys())
                waits = reads or step.listens or step.conversation
                changes = any(expression.names for expression in step.computes().values())
                silent = not (waits or changes or outcome in (ERROR, HANGUP))
            if silent:
                yield where[0], target
        yield from (self._starts[name] for name in gone_to(node) if name in self._starts)


def _turned(forth: Graph) -> dict[Where, set[Where]]:
    back: dict[Where, set[Where]] = {where: set() for where in forth}
    for where, ways in forth.items():
        for to in ways:
            back[to].add(where)
    return back


def _innermost(lost: Sequence[Where], back: Mapping[Where, set[Where]], forth: Graph) -> set[Where]:
    """Return a circle that nothing leads out of.

    Walking backwards, the last step that had to be begun from can be left for nowhere else.
    """
    seen: set[Where] = set()
    last = lost[0]
    for where in lost:
        if where not in seen:
            last = where
            closure([where], back, seen)
    return closure([last], forth)


def _circle(graph: Graph) -> list[Where]:
    """Return the steps of some circle, in order; none if there is no circle."""
    done: set[Where] = set()
    for start in sorted(graph):
        way: dict[Where, Iterator[Where]] = {}
        step: Where | None = start
        while step is not None:
            if step in way:
                steps = list(way)
                return steps[steps.index(step) :]
            if step not in done:
                way[step] = iter(sorted(graph.get(step, ())))
            step = _onward(way, done)
    return []


def _onward(way: dict[Where, Iterator[Where]], done: set[Where]) -> Where | None:
    """Return the next step from the end of a way, which is shortened while there is none."""
    while way:
        last = next(reversed(way))
        step = next(way[last], None)
        if step is not None:
            return step
        del way[last]
        done.add(last)
    return None


CHECKS = (ways_end, circles_pause)
