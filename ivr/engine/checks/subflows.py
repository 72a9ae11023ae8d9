"""Checks of how flows call each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ivr.engine.checks.world import World, each_flow, each_node
from ivr.engine.interpreter import AUTHENTICATE, AUTHENTICATED, REFUSED
from ivr.model.codes import Code
from ivr.model.expressions import Expression
from ivr.model.flow import Flow, Node
from ivr.model.hints import closest
from ivr.model.limits import Limits
from ivr.model.problem import Problem, Severity
from ivr.model.values import Scalar

_DEPTH = Limits().depth


@each_node
def flows_exist(world: World, flow: Flow, node: Node) -> Iterator[Problem]:
    """IVR305: a step goes to a flow that is not there."""
    for name in node.step.flows():
        if name not in world.flows and name not in world.broken:
            message = f"there is no flow `{name}`"
            yield Problem(
                Code.UNKNOWN_FLOW, node.place_of(f"={name}"), message, closest(name, world.flows)
            )


@each_node
def authentication_exists(world: World, flow: Flow, node: Node) -> Iterator[Problem]:
    """IVR317: a step requires a level, and no flow raises a caller to it."""
    if not node.requires or AUTHENTICATE in world.broken:
        return
    place = node.place_of("requires")
    found = world.flows.get(AUTHENTICATE)
    if found is None:
        hint = f"write a flow `{AUTHENTICATE}` that returns {AUTHENTICATED} and {REFUSED}"
        yield Problem(Code.NO_AUTHENTICATION, place, f"there is no flow `{AUTHENTICATE}`", hint)
    elif found.accepts:
        message = f"the flow `{AUTHENTICATE}` wants arguments, and is given none"
        yield Problem(Code.NO_AUTHENTICATION, place, message, "delete its `accepts`")


@each_node
def arguments_fit(world: World, flow: Flow, node: Node) -> Iterator[Problem]:
    """IVR307: a subflow is not given what it accepts."""
    for name, given in node.step.calls().items():
        callee = world.flows.get(name)
        if callee is not None:
            place = f"={name}"
            yield from _fit(node, f"`{name}`", given, callee.accepts, Code.WRONG_ARGUMENTS, place)


@each_node
def returns_fit(world: World, flow: Flow, node: Node) -> Iterator[Problem]:
    """IVR308: a step returns what its flow does not declare."""
    for outcome, values in node.step.returns().items():
        declared = flow.returns.get(outcome)
        place = f"={outcome}"
        if declared is None:
            message = f"this flow does not return `{outcome}`"
            hint = closest(outcome, flow.returns)
            if not hint.startswith("did"):
                hint = f"write returns: {{{outcome}: {{}}}} at the top of the flow"
            yield Problem(Code.WRONG_RETURN, node.place_of(place), message, hint)
        else:
            yield from _fit(node, f"`{outcome}`", values, declared, Code.WRONG_RETURN, place)


def _fit(
    node: Node,
    what: str,
    given: Mapping[str, Expression | Scalar],
    wanted: Mapping[str, str],
    code: Code,
    where: str,
) -> Iterator[Problem]:
    for name, kind in wanted.items():
        if name not in given:
            message = f"{what} lacks `{name}`"
            yield Problem(code, node.place_of(where), message, f"write {name}: a {kind}")
    keys = {key.rsplit(".", 1)[-1]: key for key in node.places}
    for name, value in given.items():
        place = node.place_of(keys.get(name, where), where)
        if name not in wanted:
            hint = closest(name, wanted) or "delete it"
            yield Problem(code, place, f"{what} knows no `{name}`", hint)
        elif not isinstance(value, Expression) and _type(value) != wanted[name]:
            message = f"`{name}` is a {_type(value)}"
            yield Problem(code, place, message, f"write a {wanted[name]}")


def _type(value: Scalar) -> str:
    if isinstance(value, bool):
        return "truth"
    return "number" if isinstance(value, int) else "text"


@each_flow
def returns_happen(world: World, flow: Flow) -> Iterator[Problem]:
    """IVR308: a flow declares an outcome that no step of it returns."""
    returned = {outcome for node in flow.steps.values() for outcome in node.step.returns()}
    for outcome in flow.returns:
        if outcome not in returned and world.whole(flow):
            message = f"no step returns `{outcome}`"
            hint = f"write a step with return: {outcome}, or delete it here"
            place = flow.place_of(f"returns.{outcome}")
            yield Problem(Code.WRONG_RETURN, place, message, hint, Severity.WARNING)


def calls_are_bounded(world: World) -> Iterator[Problem]:
    """IVR306: flows that call themselves, or each other too deeply."""
    graph = {name: _called(flow) & set(world.flows) for name, flow in world.flows.items()}
    level = set(graph)
    for _ in range(_DEPTH):
        level = {called for name in level for called in graph[name]}
    if not level:
        return
    circle = _circle(min(level), graph)
    if circle is None:
        place = world.flows[min(level)].place
        message = f"`{min(level)}` is called more than {_DEPTH} flows deep"
        yield Problem(Code.RECURSION, place, message, "let fewer flows call each other")
        return
    whole = [*circle, circle[0]]
    node = next(n for n in world.flows[whole[0]].steps.values() if whole[1] in _calls(n))
    message = f"flows that call themselves: {' → '.join(whole)}"
    hint = "come back with `return` instead, or use goto: {flow: …}"
    yield Problem(Code.RECURSION, node.place_of(f"={whole[1]}"), message, hint)


def _circle(start: str, graph: Mapping[str, set[str]]) -> list[str] | None:
    """Return flows that call each other round, found from `start`, or None."""
    way: list[str] = []
    done: set[str] = set()
    waiting = [iter([start])]
    while waiting:
        name = next(waiting[-1], None)
        if name is None:
            waiting.pop()
            if way:
                done.add(way.pop())
        elif name in way:
            return way[way.index(name) :]
        elif name not in done:
            way.append(name)
            waiting.append(iter(sorted(graph[name])))
    return None


def _calls(node: Node) -> set[str]:
    return {*node.step.calls(), *({AUTHENTICATE} if node.requires else ())}


def _called(flow: Flow) -> set[str]:
    return {name for node in flow.steps.values() for name in _calls(node)}


def flows_are_used(world: World) -> Iterator[Problem]:
    """IVR403: a flow that no number and no other flow leads to."""
    named = {name for _, node in world.nodes() for name in (*node.step.flows(), *_calls(node))}
    numbered = [flow for flow in world.flows.values() if flow.numbers]
    if not numbered or not world.whole() or not named <= {*world.flows, AUTHENTICATE}:
        return
    for flow in world.flows.values():
        if not flow.numbers and flow.name not in named:
            message = f"nothing leads to the flow `{flow.name}`"
            hint = "give it numbers, call it, or delete it"
            yield Problem(Code.UNUSED_FLOW, flow.place, message, hint, Severity.WARNING)


CHECKS = (
    flows_exist,
    authentication_exists,
    arguments_fit,
    returns_fit,
    returns_happen,
    calls_are_bounded,
    flows_are_used,
)
