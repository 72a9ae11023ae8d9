"""Checks of where callers are asked to rate a call: at its end, and nobody is left out."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

from ivr.engine.checks.menus import ReadsKeys
from ivr.engine.checks.subflows import gone_to
from ivr.engine.checks.world import Check, World
from ivr.model.codes import Code
from ivr.model.flow import ERROR, HANGUP, Flow, Node, is_service_code
from ivr.model.problem import Problem, Severity
from ivr.model.surveys import Kind

_At = tuple[Flow, Node]


def all_are_asked(world: World) -> Iterator[Problem]:
    """IVR411: callers who were served, or have served themselves, come to the end without a survey."""
    kinds = {survey.document.kind for survey in world.flow_set.surveys.values()}
    if not world.whole() or not kinds & {Kind.AGENT, Kind.SELF_SERVICE}:
        return
    serving = _serving(world)
    for flow, node in _callers(world):
        if node.step.surveys():
            continue
        kind = Kind.AGENT if node.step.conversation else Kind.SELF_SERVICE
        if kind not in kinds:
            continue
        for outcome in _served(node, serving):
            if _ends(world, flow, node.edges[outcome], serving):
                message = (
                    f"after `{outcome}` the call ends, and the caller was not asked to rate it"
                )
                hint = "put a step with survey: {} before the end"
                place = node.place_of(f"on.{outcome}", node.step.verb)
                yield Problem(Code.NOT_ASKED, place, message, hint, Severity.WARNING)


def the_end_is_near(world: World) -> Iterator[Problem]:
    """IVR412: after a survey the caller is asked something else."""
    for flow, node in world.nodes() if world.whole() else ():
        if not node.step.surveys():
            continue
        after = (one for on in node.edges.values() for _, one in _from(world, flow, on))
        further = next(filter(_asks, after), None)
        if further is not None:
            message = f"the call goes on after it: `{further.name}` follows"
            hint = "callers rate a call at its end; put it there"
            yield Problem(
                Code.NOT_AT_THE_END, node.place_of(node.step.verb), message, hint, Severity.WARNING
            )


def _asks(node: Node) -> bool:
    step = node.step
    return step.conversation or step.listens or isinstance(step, ReadsKeys) or bool(step.calls())


def _serving(world: World) -> Collection[str]:
    """Return the flows in which callers are served, or serve themselves, as subflows."""
    found: set[str] = set()
    while True:
        more = {
            flow.name
            for flow, node in world.nodes()
            if _is_goal(node) or found.intersection(node.step.calls())
        } - found
        if not more:
            return found
        found |= more


def _is_goal(node: Node) -> bool:
    return node.step.goal and not node.step.ends


def _served(node: Node, serving: Collection[str]) -> list[str]:
    """Return the outcomes after which a caller was served: by a person, or by the machine."""
    step = node.step
    if step.conversation:
        return [outcome for outcome in node.edges if outcome in step.helping()]
    alone = _is_goal(node) or any(name in serving for name in step.calls())
    return [outcome for outcome in node.edges if alone and outcome not in (ERROR, HANGUP)]


def _callers(world: World) -> Iterator[_At]:
    """Yield the steps of calls that come in from outside, those of subflows apart."""
    for flow in world.flows.values():
        if any(not is_service_code(number) for number in flow.numbers):
            yield from _from(world, flow, flow.start)


def _ends(world: World, flow: Flow, step: str, serving: Collection[str]) -> bool:
    """Whether a call comes to its end from a step, neither asked nor served again on the way."""

    def stops(node: Node) -> bool:
        return bool(node.step.surveys()) or bool(_served(node, serving))

    found = _from(world, flow, step, stops)
    return any(node.step.ends and not gone_to(node) for _, node in found)


def _from(
    world: World, flow: Flow, step: str, stops: Callable[[Node], bool] = lambda node: False
) -> Iterator[_At]:
    """Yield the steps that a call may come to from a step on, itself among them, in this flow and in
    those that it goes to for good; what `stops` leads no further."""
    seen: set[tuple[str, str]] = set()
    waiting = [(flow.name, step)]
    while waiting:
        at = waiting.pop()
        node = world.flows[at[0]].steps.get(at[1]) if at[0] in world.flows else None
        if node is None or at in seen:
            continue
        seen.add(at)
        yield world.flows[at[0]], node
        if stops(node):
            continue
        waiting += [
            (at[0], target) for one, target in node.edges.items() if one not in (ERROR, HANGUP)
        ]
        waiting += [
            (name, world.flows[name].start) for name in gone_to(node) if name in world.flows
        ]


CHECKS: tuple[Check, ...] = (all_are_asked, the_end_is_near)
