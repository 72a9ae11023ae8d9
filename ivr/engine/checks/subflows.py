"""Checks of how flows call each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ivr.engine.checks.edges import closure
from ivr.engine.checks.world import World, each_flow, each_node
from ivr.model.codes import Code
from ivr.model.expressions import Expression
from ivr.model.flow import AUTHENTICATE, AUTHENTICATED, REFUSED, WANTED, Flow, Node
from ivr.model.hints import closest
from ivr.model.limits import Limits
from ivr.model.problem import Problem, Severity
from ivr.model.values import Scalar, type_of

_DEPTH = Limits().depth


@each_node
def flows_exist(world: World, flow: Flow, node: Node) -> Iterator[Problem]:
    """IVR305: a step goes to a flow that is not there."""
    for name in node.step.flows():
        if name not in world.flows and name not in world.broken:
            message = f"there is no flow `{name}`"
            yield Problem(
                Code.UNKNOWN_FLOW,
                node.place_of(f"={name}"),
                message,
                world.closest(name, world.flows),
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
    elif not found.accepts.items() <= {(WANTED, "number")}:
        message = f"the flow `{AUTHENTICATE}` is given the level wanted, and nothing else"
        hint = f"accepts: {{{WANTED}: number}}"
        yield Problem(Code.NO_AUTHENTICATION, place, message, hint)
    elif world.whole() and raised(world, found) < node.requires:
        message = f"the flow `{AUTHENTICATE}` raises no caller to level {node.requires}"
        hint = f"the highest it raises a caller to is {raised(world, found)}"
        yield Problem(Code.NO_AUTHENTICATION, place, message, hint)


def raised(world: World, flow: Flow) -> int:
    """Return the highest auth level that a flow, or one it leads to, raises a caller to."""
    names = closure([flow.name], {name: _led_to(one) for name, one in world.flows.items()})
    flows = [world.flows[name] for name in names if name in world.flows]
    return max(node.step.raises() for one in flows for node in one.steps.values())


def _led_to(flow: Flow) -> set[str]:
    return {name for node in flow.steps.values() for name in node.step.flows()}


@each_node
def arguments_fit(world: World, flow: Flow, node: Node) -> Iterator[Problem]:
    """IVR307: a subflow is not given what it accepts."""
    for name, given in node.step.calls().items():
        callee = world.flows.get(name)
        if callee is not None and "accepts" not in callee.unread:
            place = f"={name}"
            yield from _fit(node, f"`{name}`", given, callee.accepts, Code.WRONG_ARGUMENTS, place)
    for name in gone_to(node):
        accepted = world.flows[name].accepts if name in world.flows else ()
        if accepted:
            message = f"`{name}` wants {', '.join(accepted)}, and is given nothing"
            hint = f"call it: subflow: {{flow: {name}, with: {{…}}}}"
            yield Problem(Code.WRONG_ARGUMENTS, node.place_of(f"={name}"), message, hint)


@each_flow
def numbers_give_nothing(world: World, flow: Flow) -> Iterator[Problem]:
    """IVR307: a flow wants arguments, and answers numbers."""
    if flow.numbers and flow.accepts:
        message = f"who dials {flow.numbers[0]} gives no {', '.join(flow.accepts)}"
        hint = "delete `numbers`, or `accepts`"
        yield Problem(Code.WRONG_ARGUMENTS, flow.place_of("accepts"), message, hint)


@each_node
def returns_fit(world: World, flow: Flow, node: Node) -> Iterator[Problem]:
    """IVR308: a step returns what its flow does not declare."""
    if "returns" in flow.unread:
        return
    for outcome, values in node.step.returns().items():
        declared = flow.returns.get(outcome)
        place = f"={outcome}"
        if declared is None:
            message = f"this flow does not return `{outcome}`"
            hint = world.closest(outcome, flow.returns)
            if not hint.startswith("did"):
                hint = f"write returns: {{{outcome}: {{}}}} at the top of the flow"
            yield Problem(Code.WRONG_RETURN, node.place_of(place), message, hint)
        else:
            yield from _fit(node, f"`{outcome}`", values, declared, Code.WRONG_RETURN, place)


@each_node
def others_return_for_it(world: World, flow: Flow, node: Node) -> Iterator[Problem]:
    """IVR308: a flow that it goes to returns, in its stead, what it does not declare."""
    if not flow.returns or "returns" in flow.unread:
        return
    for name in gone_to(node):
        for outcome, values in (world.flows[name].returns if name in world.flows else {}).items():
            if flow.returns.get(outcome) != values:
                message = f"`{name}` returns `{outcome}` from here, and this flow does not"
                if outcome in flow.returns:
                    message = f"`{name}` returns `{outcome}` from here with other values"
                hint = "declare the same `returns` in both flows, or call it as a subflow"
                yield Problem(Code.WRONG_RETURN, node.place_of(f"={name}"), message, hint)


def _fit(
    node: Node,
    what: str,
    given: Mapping[str, Expression | Scalar],
    wanted: Mapping[str, str],
    code: Code,
    where: str,
) -> Iterator[Problem]:
    for name, kind in wanted.items():
        if name not in given and not node.partial:
            message = f"{what} lacks `{name}`"
            yield Problem(code, node.place_of(where), message, f"write {name}: a {kind}")
    keys = {key.rsplit(".", 1)[-1]: key for key in node.places}
    for name, value in given.items():
        place = node.place_of(keys.get(name, where), where)
        if name not in wanted:
            hint = closest(name, wanted) or "delete it"
            yield Problem(code, place, f"{what} knows no `{name}`", hint)
        elif not isinstance(value, Expression) and type_of(value) != wanted[name]:
            message = f"`{name}` is a {type_of(value)}"
            yield Problem(code, place, message, f"write a {wanted[name]}")


@each_flow
def returns_happen(world: World, flow: Flow) -> Iterator[Problem]:
    """IVR308: a flow declares an outcome that no step of it, or of a flow it goes to, returns."""
    if not world.whole(flow) or any(set(gone_to(n)) for n in flow.steps.values()):
        return
    returned = {outcome for node in flow.steps.values() for outcome in node.step.returns()}
    for outcome in flow.returns:
        if outcome not in returned:
            message = f"no step returns `{outcome}`"
            hint = f"write a step with return: {outcome}, or delete it here"
            place = flow.place_of(f"returns.{outcome}")
            yield Problem(Code.WRONG_RETURN, place, message, hint, Severity.WARNING)


def calls_are_bounded(world: World) -> Iterator[Problem]:
    """IVR306: flows that call themselves, or each other too deeply."""
    graph = _called(world)
    level = set(graph)
    for _ in range(_DEPTH):
        level = {called for name in level for called in graph[name]}
    if not level:
        return
    circles = (_circle(name, graph) for name in sorted(graph))
    circle = next((found for found in circles if found is not None), None)
    if circle is None:
        place = world.flows[min(level)].place
        message = f"`{min(level)}` is called more than {_DEPTH} flows deep"
        yield Problem(Code.RECURSION, place, message, "let fewer flows call each other")
        return
    whole = [*circle, circle[0]]
    flow = world.flows[whole[0]]
    nodes = flow.steps.values()
    calling = next((node for node in nodes if whole[1] in _calls(node)), None)
    node = calling or next(node for node in nodes if gone_to(node))
    place = node.place_of(f"={whole[1]}", "requires", *(f"={name}" for name in gone_to(node)))
    message = f"flows that call themselves: {' → '.join(whole)}"
    hint = "come back with `return` instead, or use goto: {flow: …}"
    yield Problem(Code.RECURSION, place, message, hint)


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


def gone_to(node: Node) -> set[str]:
    """Return the flows that a step goes to and does not come back from."""
    return set(node.step.flows()) - set(node.step.calls())


def returned_to(world: World, name: str, outcome: str) -> Iterator[tuple[str, str]]:
    """Yield where calls go on, as (flow, step), when a flow ends with an outcome: in flows that call
    it, or a flow that goes to it."""
    before: dict[str, set[str]] = {}
    for flow, node in world.nodes():
        for on in gone_to(node):
            before.setdefault(on, set()).add(flow.name)
    names = closure([name], before)
    for flow, node in world.nodes():
        if names & _calls(node):
            yield flow.name, node.edges.get(outcome, node.name)


def _called(world: World) -> dict[str, set[str]]:
    """Return the flows that each flow calls, itself or after it has gone on to others."""
    nodes = {name: flow.steps.values() for name, flow in world.flows.items()}
    gone = {name: set().union(*map(gone_to, steps)) for name, steps in nodes.items()}
    calls = {name: set().union(*map(_calls, steps)) for name, steps in nodes.items()}
    return {
        name: set().union(*(calls.get(on, set()) for on in closure([name], gone))) & set(nodes)
        for name in nodes
    }


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
    numbers_give_nothing,
    returns_fit,
    others_return_for_it,
    returns_happen,
    calls_are_bounded,
    flows_are_used,
)
