"""Checks of edges: every outcome goes somewhere, and there is somewhere to go."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TypeVar

from ivr.engine.checks.world import World, each_flow, each_node
from ivr.model.codes import Code
from ivr.model.document import NAME_PATTERN
from ivr.model.flow import ERROR, HANGUP, REFUSED, Flow, Node
from ivr.model.problem import Problem, Severity
from ivr.model.step import Unreadable

K = TypeVar("K")

_NAME = re.compile(NAME_PATTERN)
_ALWAYS = {
    ERROR: "The step failed.",
    HANGUP: "The caller hung up.",
}


def outcomes(world: World, node: Node) -> Mapping[str, str] | None:
    """Return the outcomes that need an edge, each with when it happens.

    None when they are not known, because not all of the step could be read, or of the flow that it
    calls.
    """
    if node.partial or isinstance(node.step, Unreadable):
        return None
    found = {} if node.step.ends else dict(node.step.exits())
    for name in node.step.calls():
        if not world.returns_known(name):
            return None
        found |= dict.fromkeys(world.flows[name].returns, f"The flow `{name}` returned it.")
    if node.requires:
        found[REFUSED] = "The caller could not be authenticated."
    return found


def edges(world: World, node: Node) -> Mapping[str, str]:
    """Return the edges of a step that it can leave by, as far as that is known."""
    needed = outcomes(world, node)
    if needed is None:
        return node.edges
    possible = {**needed, **({} if node.step.ends else node.step.optional), **_ALWAYS}
    return {outcome: target for outcome, target in node.edges.items() if outcome in possible}


@each_flow
def start_exists(world: World, flow: Flow) -> Iterator[Problem]:
    """IVR301: the flow begins with a step that is not there."""
    if "start" not in flow.unread:
        yield from _target(world, flow, flow.start, flow, f"={flow.start}", "start")


@each_flow
def handlers_exist(world: World, flow: Flow) -> Iterator[Problem]:
    """IVR301: a handler is a step that is not there."""
    for event, target in flow.handlers.items():
        yield from _target(world, flow, target, flow, f"={target}", f"on.{event}")


@each_node
def targets_exist(world: World, flow: Flow, node: Node) -> Iterator[Problem]:
    """IVR301: an edge leads to a step that is not there."""
    for outcome, target in node.edges.items():
        yield from _target(world, flow, target, node, f"={target}", f"on.{outcome}")


def _target(
    world: World, flow: Flow, target: str, owner: Flow | Node, *where: str
) -> Iterator[Problem]:
    if target in flow.steps:
        return
    hint = world.closest(target, filter(_NAME.fullmatch, flow.steps)) or "write that step"
    if target in world.flows and not hint.startswith("did"):
        hint = f"`{target}` is a flow: make a step with goto: {{flow: {target}}} or a subflow"
    message = f"there is no step `{target}` in this flow"
    yield Problem(Code.UNKNOWN_STEP, owner.place_of(*where), message, hint)


@each_node
def outcomes_exist(world: World, flow: Flow, node: Node) -> Iterator[Problem]:
    """IVR302: an edge for an outcome that the step never has."""
    needed = outcomes(world, node)
    if needed is None:
        return
    possible = {**needed, **({} if node.step.ends else node.step.optional), **_ALWAYS}
    for outcome in node.edges:
        if outcome not in possible:
            own = [name for name in possible if name not in _ALWAYS]
            hint = world.closest(outcome, own) if own else "this step is left by no edge; delete it"
            message = f"`{node.step.verb}` never ends with `{outcome}` here"
            yield Problem(Code.UNKNOWN_OUTCOME, node.place_of(f"on.{outcome}"), message, hint)


@each_node
def outcomes_lead_somewhere(world: World, flow: Flow, node: Node) -> Iterator[Problem]:
    """IVR303: an outcome that can happen and goes nowhere."""
    for outcome, when in (outcomes(world, node) or {}).items():
        if outcome not in node.edges:
            written = "next: step" if outcome == node.step.normal else f"on: {{{outcome}: step}}"
            message = f"`{node.name}` has no edge for `{outcome}`: {when[:1].lower()}{when[1:]}"
            place = node.place_of("on", node.step.verb)
            yield Problem(Code.MISSING_EDGE, place, message.rstrip("."), f"write {written}")


@each_flow
def steps_are_reached(world: World, flow: Flow) -> Iterator[Problem]:
    """IVR304: a step that no way leads to. Where edges are missing, the next steps are not told."""
    if not (world.whole(flow) and closed(flow)):
        return
    if any((outcomes(world, node) or {}).keys() - node.edges for node in flow.steps.values()):
        return
    reached = reachable(flow)
    for node in flow.steps.values():
        if node.name not in reached:
            message = f"no way leads to `{node.name}`"
            hint = "lead an edge to it, or delete it"
            yield Problem(Code.UNREACHABLE, node.place, message, hint, Severity.WARNING)


def reachable(flow: Flow) -> set[str]:
    """Return the steps that a call can come to, handlers included."""
    return closure([flow.start, *flow.handlers.values()], _forth(flow)) & set(flow.steps)


def closed(flow: Flow) -> bool:
    """Whether the start and every edge lead to steps that are there."""
    targets = {flow.start, *flow.handlers.values()}.union(*_forth(flow).values())
    return targets <= set(flow.steps)


def _forth(flow: Flow) -> dict[str, set[str]]:
    return {node.name: set(node.edges.values()) for node in flow.steps.values()}


def closure(
    roots: Sequence[K], graph: Mapping[K, Collection[K]], seen: set[K] | None = None
) -> set[K]:
    """Return what is reached from `roots`; `seen` has been, and is added to."""
    seen = set() if seen is None else seen
    waiting = list(roots)
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting += graph.get(name, ())
    return seen


CHECKS = (
    start_exists,
    handlers_exist,
    targets_exist,
    outcomes_exist,
    outcomes_lead_somewhere,
    steps_are_reached,
)
