"""Checks of the types of values: what can never be computed, spoken, or handed over.

A variable may have every type that some step gives it; only what no value could do is told.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterator, Mapping

from ivr.engine.checks.variables import CALL
from ivr.engine.checks.world import World, each_flow, expressions
from ivr.model.codes import Code
from ivr.model.expressions import ANY, Expression, Types, called
from ivr.model.flow import Flow, Node
from ivr.model.problem import Problem
from ivr.model.speech import SPEAKS
from ivr.model.values import Scalar

_NOTHING = "nothing"
"""Fits wherever a type is declared."""


@each_flow
def values_fit(world: World, flow: Flow) -> Iterator[Problem]:
    """IVR323: an expression that fails, or gives what cannot be used, whatever the values are."""
    if not world.whole():  # a step that cannot be read may set anything
        return
    set_by_steps = _types(world, flow)
    for node in flow.steps.values():
        names = {**set_by_steps, **{name: _is(kind) for name, kind in node.step.keeps().items()}}
        for expression in dict.fromkeys(expressions(node)):
            for mistake in expression.infer(names).mistakes:
                place = node.place_of(f"={expression.source}")
                yield Problem(Code.WRONG_TYPE, place, mistake, _HINT)
        for expression, wanted, use in _uses(node):
            found = expression.infer(names)
            if not found.mistakes and found.types and found.types.isdisjoint(wanted):
                place = node.place_of(f"={expression.source}")
                message = f"{use} {called(wanted)}, and this is {called(found.types)}"
                yield Problem(Code.WRONG_TYPE, place, message, _HINT)
        yield from _handed_over(world, flow, node, names)


_HINT = "write a value of that type; number(text), money(text) and str(value) make one of another"


def _uses(node: Node) -> Iterator[tuple[Expression, Collection[str], str]]:
    """Yield expressions with the types that will do, and for what."""
    for expression, wanted in node.step.wants():
        yield expression, wanted, f"`{node.step.verb}` needs"
    for speech in node.step.speeches():
        for kind, expression in speech.computed():
            yield expression, SPEAKS[kind], f"`{kind}` speaks"


def _handed_over(
    world: World, flow: Flow, node: Node, names: Mapping[str, Types]
) -> Iterator[Problem]:
    """IVR307, IVR308: what an expression gives to another flow is of another type than declared."""
    for name, given in node.step.calls().items():
        accepts = world.flows[name].accepts if name in world.flows else {}
        yield from _declared(node, given, accepts, names, Code.WRONG_ARGUMENTS)
    for outcome, values in node.step.returns().items():
        returns = flow.returns.get(outcome, {})
        yield from _declared(node, values, returns, names, Code.WRONG_RETURN)


def _declared(
    node: Node,
    given: Mapping[str, Expression | Scalar],
    declared: Mapping[str, str],
    names: Mapping[str, Types],
    code: Code,
) -> Iterator[Problem]:
    for name, value in given.items():
        if isinstance(value, Expression) and name in declared:
            types = value.infer(names).types
            if types and types.isdisjoint({declared[name], _NOTHING}):
                place = node.place_of(f"={value.source}")
                message = (
                    f"`{name}` is declared {called({declared[name]})}, and this is {called(types)}"
                )
                yield Problem(code, place, message, _HINT)


def _types(world: World, flow: Flow) -> dict[str, Types]:
    """Return the types that each name of a flow may have, whichever step sets it."""
    types: dict[str, Types] = {name: frozenset({"text"}) for name in CALL}
    types["call.auth"] = frozenset({"number"})
    for _, node in world.nodes():
        for name, kind in node.step.facts().items():
            types[name] = types.get(name, frozenset()) | _declared_as(kind)
    for name, kind in flow.accepts.items():
        types[name] = _declared_as(kind)
    for node in flow.steps.values():
        computed = node.step.computes()
        for name, kind in node.step.assigns().items():
            if name not in computed:
                types[name] = types.get(name, frozenset()) | _is(kind)
        for name, kind in _returned(world, node):
            types[name] = types.get(name, frozenset()) | _declared_as(kind)
    _compute(flow, types)
    return types


def _is(kind: str) -> Types:
    """Return the types of a value that a step sets; `any` or a secret may be anything."""
    return frozenset({kind}) if kind in ANY else ANY


def _declared_as(kind: str) -> Types:
    return _is(kind) | {_NOTHING}


def _returned(world: World, node: Node) -> Iterator[tuple[str, str]]:
    """Yield the variables that a step is given by flows it calls, with their types."""
    for name in node.step.calls():
        for values in world.flows[name].returns.values() if name in world.flows else ():
            yield from values.items()


def _compute(flow: Flow, types: dict[str, Types]) -> None:
    """Add the types that computed variables may have, until nothing more can be added."""
    computed = [item for node in flow.steps.values() for item in node.step.computes().items()]
    for name, _ in computed:
        types.setdefault(name, frozenset())
    readers: dict[str, list[tuple[str, Expression]]] = {}
    for name, expression in computed:
        for read in expression.names:
            readers.setdefault(read, []).append((name, expression))
    waiting = deque(computed)
    while waiting:
        name, expression = waiting.popleft()
        found = expression.infer(types)
        if not found.mistakes and not found.types <= types[name]:
            types[name] |= found.types
            waiting += readers.get(name, ())


CHECKS = (values_fit,)
