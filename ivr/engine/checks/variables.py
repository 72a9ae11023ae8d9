"""Checks of what expressions read."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator

from ivr.engine.checks.world import World, each_flow, expressions
from ivr.model.codes import Code
from ivr.model.expressions import RESERVED
from ivr.model.flow import Flow, Node
from ivr.model.problem import Problem

CALL = frozenset({"call.id", "call.ani", "call.dnis", "call.language", "call.auth"})
"""What expressions may read in every call (`Session.scope`)."""
SENSITIVE = "secret"
"""The type of variables that `Step.assigns` calls secret."""


@each_flow
def variables_are_set(world: World, flow: Flow) -> Iterator[Problem]:
    """IVR309: a name that is read, and set on no way to that step."""
    called = {name for node in flow.steps.values() for name in node.step.calls()}
    if not world.whole(flow) or not all(map(world.returns_known, called)):
        return
    facts = CALL.union(*(node.step.facts() for _, node in world.nodes()))
    setters = _setters(world, flow)
    beyond = facts | _sensitive(flow)
    before = _Before(world, flow, setters)
    whole = world.whole()
    for node in flow.steps.values():
        for expression in expressions(node):
            for name in sorted(expression.names - beyond):
                if ("." in name and not whole) or before.may_be_set(name, node):
                    continue  # a step that cannot be read may set the fact
                message = f"nothing sets `{name}`"
                hint = world.closest(name, {*setters, *flow.accepts, *facts})
                if name in setters:
                    message = f"`{name}` is not set yet on any way to here"
                    hint = f"`{setters[name]}` sets it: go there first"
                place = node.place_of(f"={expression.source}")
                yield Problem(Code.UNSET_VARIABLE, place, message, hint)


def _setters(world: World, flow: Flow) -> dict[str, str]:
    """Return the variables that steps of the flow set, each with the first step that does."""
    setters: dict[str, str] = {}
    for node in flow.steps.values():
        for name in _sets(world, node):
            setters.setdefault(name, node.name)
    return setters


class _Before:
    """What may be set when a step of a flow begins, on any way there. Sets are bits of a number."""

    def __init__(self, world: World, flow: Flow, setters: Iterable[str]) -> None:
        self._bits = {name: 1 << bit for bit, name in enumerate({*setters, *flow.accepts})}
        self._before: dict[str, int] = {}
        self._sets = {node.name: self._of(_sets(world, node)) for node in flow.steps.values()}
        everything = sum(self._bits.values())
        roots = [(handler, everything) for handler in flow.handlers.values()]
        self._follow(flow, [(flow.start, self._of(flow.accepts)), *roots])

    def may_be_set(self, name: str, node: Node) -> bool:
        """Whether some way to the step sets the name; true of a step that no way leads to."""
        before = self._before.get(node.name)
        return before is None or bool(before & self._bits.get(name, 0))

    def _of(self, names: Iterable[str]) -> int:
        return sum(self._bits[name] for name in set(names))

    def _follow(self, flow: Flow, roots: Iterable[tuple[str, int]]) -> None:
        waiting = deque(roots)
        while waiting:
            name, known = waiting.popleft()
            before = self._before.get(name)
            if name not in flow.steps or (before is not None and before | known == before):
                continue
            self._before[name] = now = known | (before or 0)
            after = now | self._sets[name]
            waiting += [(target, after) for target in set(flow.steps[name].edges.values())]


def _sets(world: World, node: Node) -> frozenset[str]:
    returned = (
        values
        for name in node.step.calls()
        if name in world.flows
        for values in world.flows[name].returns.values()
    )
    return frozenset(node.step.assigns()).union(*returned)


def _sensitive(flow: Flow) -> frozenset[str]:
    return frozenset(
        name
        for node in flow.steps.values()
        for name, kind in node.step.assigns().items()
        if kind == SENSITIVE
    )


@each_flow
def nothing_sensitive_is_read(world: World, flow: Flow) -> Iterator[Problem]:
    """IVR310: an expression reads a PIN, a card number, a code."""
    sensitive = _sensitive(flow)
    for node in flow.steps.values():
        for expression in expressions(node):
            for name in sorted(expression.names & sensitive):
                message = f"`{name}` is secret: only the step that consumes it may read it"
                hint = "no text, log, variable or prompt may hold it; leave it out"
                place = node.place_of(f"={expression.source}")
                yield Problem(Code.READS_SENSITIVE, place, message, hint)


@each_flow
def no_name_is_hidden(world: World, flow: Flow) -> Iterator[Problem]:
    """IVR320: a variable with the name of a group, as `call` and `customer` are, or of a word."""
    facts = CALL.union(*(node.step.facts() for _, node in world.nodes()))
    taken = {name: "a group of the call" for name in facts for name in name.split(".")[:-1]}
    taken |= dict.fromkeys(RESERVED, "a word of expressions")
    hint = "give it another name"
    for name in sorted(taken.keys() & flow.accepts.keys()):
        place = flow.place_of(f"accepts.{name}")
        yield Problem(Code.HIDDEN_GROUP, place, f"`{name}` is {taken[name]}", hint)
    for node in flow.steps.values():
        for name in sorted(taken.keys() & _sets(world, node)):
            place = node.place_of(f"={name}", f"{node.step.verb}.{name}")
            yield Problem(Code.HIDDEN_GROUP, place, f"`{name}` is {taken[name]}", hint)


CHECKS = (variables_are_set, nothing_sensitive_is_read, no_name_is_hidden)
