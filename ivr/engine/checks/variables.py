"""Checks of what expressions read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ivr.engine.checks.world import World, each_flow, expressions
from ivr.model.codes import Code
from ivr.model.flow import Flow, Node
from ivr.model.hints import closest
from ivr.model.problem import Problem

CALL = frozenset({"call.id", "call.ani", "call.dnis", "call.language", "call.auth"})
"""What expressions may read in every call (`Session.scope`)."""
SENSITIVE = "secret"
"""The type of variables that `Step.assigns` calls secret."""


@each_flow
def variables_are_set(world: World, flow: Flow) -> Iterator[Problem]:
    """IVR309: a name that is read, and set on no way to that step."""
    called = {name for node in flow.steps.values() for name in node.step.calls()}
    if not world.whole(flow) or not called <= set(world.flows):
        return
    facts = CALL.union(*(node.step.facts() for _, node in world.nodes()))
    before = _set_before(world, flow)
    for node in flow.steps.values():
        known = before.get(node.name)
        if known is None:
            continue
        for expression in expressions(node):
            for name in sorted(expression.names - known - facts - _sensitive(flow)):
                if "." in name and not world.whole():
                    continue  # a step that cannot be read may set this fact
                place = node.place_of(f"={expression.source}")
                message, hint = _unset(name, flow, known | facts)
                yield Problem(Code.UNSET_VARIABLE, place, message, hint)


def _unset(name: str, flow: Flow, known: frozenset[str]) -> tuple[str, str]:
    elsewhere = [node.name for node in flow.steps.values() if name in node.step.assigns()]
    if elsewhere:
        return (
            f"`{name}` is not set yet on any way to here",
            f"`{elsewhere[0]}` sets it: go there first",
        )
    return f"nothing sets `{name}`", closest(name, known)


def _set_before(world: World, flow: Flow) -> Mapping[str, frozenset[str]]:
    """Return, for each step that is reached, what may be set when it begins."""
    given = frozenset(flow.accepts)
    everything = given.union(*(_sets(world, node) for node in flow.steps.values()))
    before: dict[str, frozenset[str]] = {}
    waiting = [(flow.start, given)]
    waiting += [(handler, everything) for handler in flow.handlers.values()]
    while waiting:
        name, known = waiting.pop()
        node = flow.steps.get(name)
        if node is None or (name in before and known <= before[name]):
            continue
        before[name] = before.get(name, frozenset()) | known
        after = before[name] | _sets(world, node)
        waiting += [(target, after) for target in set(node.edges.values())]
    return before


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


CHECKS = (variables_are_set, nothing_sensitive_is_read)
