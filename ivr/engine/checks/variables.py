"""Checks of what expressions read."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from ivr.engine.checks.menus import ReadsKeys
from ivr.engine.checks.setting import Setting
from ivr.engine.checks.world import World, each_flow, each_node, expressions
from ivr.model.codes import Code
from ivr.model.expressions import RESERVED
from ivr.model.flow import Flow, Node
from ivr.model.problem import Problem, Severity

CALL = frozenset({"call.id", "call.ani", "call.dnis", "call.language", "call.auth"})
"""What expressions may read in every call (`Session.scope`)."""
MOST_WAYS = 20
"""Ways that are looked for in one flow: each is looked for among all steps."""
SECRET_WORDS = frozenset({"pin", "otp", "pan", "cvv", "cvc", "password", "passcode"})
SENSITIVE = "secret"
"""The type of variables that `Step.assigns` calls secret."""


def names_are_set(world: World) -> Iterator[Problem]:
    """IVR309: a name is read that nothing sets. IVR322: one that is not set on every way there."""
    setting = Setting(world)
    facts = CALL.union(*(node.step.facts() for _, node in world.nodes()))
    for flow in world.flows.values():
        called = {name for node in flow.steps.values() for name in node.step.calls()}
        if world.whole(flow) and all(map(world.returns_known, called)):
            yield from _unset(world, setting, flow, facts)


def _unset(world: World, setting: Setting, flow: Flow, facts: Collection[str]) -> Iterator[Problem]:
    setters = _setters(world, flow)
    known = {*setters, *flow.accepts, *facts}
    settable = known - CALL - _sensitive(flow)
    ways = 0
    for node in flow.steps.values():
        kept = node.step.keeps().keys()
        for expression in expressions(node):
            place = node.place_of(f"={expression.source}")
            for name in sorted(expression.names - known - kept):
                if "." not in name or world.whole():  # a step that cannot be read may set a fact
                    hint = world.closest(name, known | kept)
                    yield Problem(Code.UNSET_VARIABLE, place, f"nothing sets `{name}`", hint)
            for name in setting.lacking(flow, node, expression.unset(kept) & settable):
                ways += 1
                if ways <= MOST_WAYS and not setting.ever(flow, node, name):
                    message = f"`{name}` is not set yet on any way to here"
                    hint = f"`{setters[name]}` sets it: go there first"
                    yield Problem(Code.UNSET_VARIABLE, place, message, hint)
                    continue
                way = setting.way(flow, node, name) if ways <= MOST_WAYS else [node.name]
                message = f"`{name}` is not set on the way {' → '.join(way)}"
                hint = f"set it on that way too, or ask known({name}) first"
                yield Problem(Code.UNSET_SOMETIMES, place, message, hint)


def _setters(world: World, flow: Flow) -> dict[str, str]:
    """Return the variables that steps of the flow set, each with the first step that does."""
    setters: dict[str, str] = {}
    for node in flow.steps.values():
        for name in _sets(world, node):
            setters.setdefault(name, node.name)
    return setters


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


@each_node
def secrets_are_kept(world: World, flow: Flow, node: Node) -> Iterator[Problem]:
    """IVR327: what is keyed is a PIN by its variable's name, and kept where anything may read it."""
    if not isinstance(node.step, ReadsKeys):
        return
    for name, kind in node.step.assigns().items():
        if kind != SENSITIVE and not SECRET_WORDS.isdisjoint(name.lower().split("_")):
            message = f"`{name}` looks like a secret, and is kept as a {kind}"
            hint = "write type: pin (or otp, pan, cvv), or give it another name"
            place = node.place_of(f"={name}", node.step.verb)
            yield Problem(Code.OPEN_SECRET, place, message, hint, Severity.WARNING)


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


CHECKS = (names_are_set, nothing_sensitive_is_read, secrets_are_kept, no_name_is_hidden)
