"""What is set when a step begins, on every way there.

Variables belong to one run of their flow; facts (`customer.number`) to the call, so that they are
followed through the flows that are called and gone to. Sets of names are bits of a number.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from typing import TypeVar

from ivr.engine.checks.edges import closure, edges
from ivr.engine.checks.subflows import gone_to
from ivr.engine.checks.world import World, expressions
from ivr.model.flow import AUTHENTICATE, ERROR, HANGUP, REFUSED, Flow, Node

K = TypeVar("K")


class Setting:
    """What is set for certain before each step, and by which way a name is not."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._bits: dict[str, int] = {}
        self._facts = self._of({name for _, node in world.nodes() for name in node.step.facts()})
        levels = {node.requires for _, node in world.nodes()}
        self._raised = {level: self._of_level(level) for level in levels}
        self._edges = {(flow.name, node.name): edges(world, node) for flow, node in world.nodes()}
        self._gains = {
            (*where, outcome): self._gain(world.flows[where[0]].steps[where[1]], outcome)
            for where, outcomes in self._edges.items()
            for outcome in outcomes
        }
        # A flow that cannot be read may set any fact.
        first = {flow.name for flow in world.flows.values() if flow.numbers and world.whole()}
        self._entry = {name: 0 if name in first else self._facts for name in world.flows}
        self._exits: dict[tuple[str, str], int] = {}
        self._before: dict[str, dict[str, int]] = {}
        self._led_by: dict[str, set[str]] = {name: set() for name in world.flows}
        for flow, node in world.nodes():
            for name in node.step.flows():
                self._led_by.setdefault(name, set()).add(flow.name)
        self._solve_all()

    def lacking(self, flow: Flow, node: Node, names: Iterable[str]) -> list[str]:
        """Return the names that are not set on every way to a step; of one that no way leads to,
        none."""
        before = self._before[flow.name].get(node.name)
        if before is None:
            return []
        known = before | self._raised[node.requires]
        return sorted(name for name in names if not known & self._of([name]))

    def ever(self, flow: Flow, node: Node, name: str) -> bool:
        """Whether a name is set on some way to a step. A handler may be come to from anywhere."""
        if name in flow.accepts or self._of([name]) & self._facts:
            return True
        after = {
            target
            for step in self._before[flow.name]
            for outcome, target in self._edges[flow.name, step].items()
            if name in self._sets(flow.steps[step], outcome)
        }
        forth = {step: self._edges[flow.name, step].values() for step in flow.steps}
        handlers = flow.handlers.values() if after else ()
        return node.name in closure([*after, *handlers], forth)

    def way(self, flow: Flow, node: Node, name: str) -> list[str]:
        """Return the steps of a shortest way to a step on which a name is not set, each with the
        outcome by which it is left, where that is not its normal one."""
        bit = self._of([name])
        came: dict[str, tuple[str, str]] = {}
        waiting = deque([flow.start, *flow.handlers.values()])
        roots = set(waiting)
        while waiting and node.name not in roots | came.keys():
            step = waiting.popleft()
            for outcome, target in self._edges.get((flow.name, step), {}).items():
                new = target not in came and target not in roots
                if new and not self._after(flow, step, outcome, 0) & bit:
                    came[target] = (step, outcome)
                    waiting.append(target)
        way, last = [node.name], node.name
        while last in came:
            last, outcome = came[last]
            normal = outcome == flow.steps[last].step.normal
            way.append(last if normal else f"{last} ({outcome})")
        return way[::-1]

    def _of(self, names: Iterable[str]) -> int:
        bits = 0
        for name in names:
            bits |= self._bits.setdefault(name, 1 << len(self._bits))
        return bits

    def _of_level(self, level: int) -> int:
        """Return the facts that every step sets which raises a caller to an auth level."""
        raising = [node.step for _, node in self._world.nodes() if node.step.raises() >= level]
        facts = self._facts if level else 0
        for step in raising:
            facts &= self._of(step.facts())
        return facts

    def _gain(self, node: Node, outcome: str) -> int:
        """Return what a step has set when it ends with an outcome, apart from its subflow's facts.

        What it reads is set, or told where it is read: the steps after it need not tell it again.
        """
        if outcome in (ERROR, HANGUP) or (node.requires and outcome == REFUSED):
            return 0
        names = self._sets(node, outcome)
        for expression in expressions(node):
            names |= expression.unset(())
        for expression, value in node.step.implies(outcome):
            names |= expression.settled(value)
        return self._of(names) | self._raised[node.requires]

    def _sets(self, node: Node, outcome: str) -> set[str]:
        """Return the names that a step, or the flow that it calls, sets with an outcome."""
        names = set(node.step.sets(outcome))
        for name in node.step.calls():
            callee = self._world.flows.get(name)
            names |= set(callee.returns.get(outcome, ())) if callee is not None else set()
        return names

    def _after(self, flow: Flow, step: str, outcome: str, before: int) -> int:
        gained = self._gains[flow.name, step, outcome]
        for name in flow.steps[step].step.calls():
            if outcome not in (ERROR, HANGUP):
                gained |= self._exits.get((name, outcome), self._facts)
        return before | gained

    def _solve_all(self) -> None:
        waiting = deque(self._world.flows.values())
        while waiting:
            flow = waiting.popleft()
            entry = self._entry[flow.name] | self._of(flow.accepts)
            roots = dict.fromkeys([flow.start, *flow.handlers.values()], entry)
            self._before[flow.name] = self._solve(flow, roots)
            changed = self._pass_on(flow)
            waiting += [one for one in self._world.flows.values() if one.name in changed]

    def _solve(self, flow: Flow, roots: Mapping[str, int]) -> dict[str, int]:
        """Return what is set before each step that a way leads to, on every way."""
        before: dict[str, int] = {}
        waiting = deque(roots.items())
        while waiting:
            name, now = waiting.popleft()
            known = before.get(name)
            now = now if known is None else known & now
            if name not in flow.steps or now == known:
                continue
            before[name] = now
            for by, to in self._edges[flow.name, name].items():
                waiting.append((to, self._after(flow, name, by, now)))
        return before

    def _pass_on(self, flow: Flow) -> set[str]:
        """Hand the facts on to other flows; return the flows that have fewer for it."""
        changed: set[str] = set()
        for name, before in self._before[flow.name].items():
            node = flow.steps[name]
            facts = before | self._raised[node.requires]
            entered = dict.fromkeys(node.step.flows(), facts)
            if node.requires:
                entered[AUTHENTICATE] = before
            changed |= {to for to, given in entered.items() if _lower(self._entry, to, given)}
            left = {(flow.name, by): facts for by in node.step.returns()}
            for other in gone_to(node) & self._world.flows.keys():
                for by in self._world.flows[other].returns:
                    left[flow.name, by] = self._exits.get((other, by), self._facts)
            for exit, given in left.items():
                self._exits.setdefault(exit, self._facts)
                if _lower(self._exits, exit, given):
                    changed |= self._led_by[flow.name]
        return changed


def _lower(table: dict[K, int], key: K, most: int) -> bool:
    """Take from an entry, if there is one, what is not in `most`; return whether there was any."""
    before = table.get(key, 0)
    if not before & ~most:
        return False
    table[key] = before & most
    return True
