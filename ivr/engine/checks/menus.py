"""Checks of the keys that callers press: what they mean, and what they cost."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol, runtime_checkable

from ivr.centre.input import BACK
from ivr.engine.checks.world import World, each_node
from ivr.model.codes import Code
from ivr.model.flow import Flow, Node
from ivr.model.problem import Problem, Severity
from ivr.model.properties import InputRules, Properties

MOST_OPTIONS = 5
"""More than this nobody keeps in mind while listening."""


@runtime_checkable
class _ReadsKeys(Protocol):
    """A step type with input properties (`ivr.model.inputfields`)."""

    def properties(self) -> Properties: ...


@each_node
def no_key_waits(world: World, flow: Flow, node: Node) -> Iterator[Problem]:
    """IVR401: a choice that begins another one, so that callers wait for the inter-digit time."""
    keys = tuple(node.step.keys())
    for key in keys:
        longer = [other for other in keys if other != key and other.startswith(key)]
        if longer:
            seconds = _rules(flow, node).interdigit_ms / 1000
            message = f"{key} is taken only after {seconds:g} s, because {longer[0]} begins with it"
            hint = "let no choice begin another"
            where = node.place_of(*(name for name in node.places if name.endswith(f".{key}")))
            yield Problem(Code.AMBIGUOUS_PREFIX, where, message, hint, Severity.WARNING)


def _rules(flow: Flow, node: Node) -> InputRules:
    own = node.step.properties() if isinstance(node.step, _ReadsKeys) else Properties()
    return InputRules.of(own.over(flow.defaults))


@each_node
def keys_mean_one_thing(world: World, flow: Flow, node: Node) -> Iterator[Problem]:
    """IVR321: the cancel key is a choice as well, or ends an entry. IVR302: `back` without it."""
    if not isinstance(node.step, _ReadsKeys):
        return
    rules, keys, back = _rules(flow, node), set(node.step.keys()), BACK in node.edges
    if back and not rules.cancel:
        message = f"`{node.step.verb}` never ends with `{BACK}` here: there is no cancel key"
        hint = 'write cancel: "*", or delete the edge'
        yield Problem(Code.UNKNOWN_OUTCOME, node.place_of(f"on.{BACK}"), message, hint)
    cancels = f"{rules.cancel} is the cancel key"
    place = node.place_of(
        f"{node.step.verb}.cancel", f"{node.step.verb}.terminator", node.step.verb
    )
    if keys and back and rules.cancel in keys:
        hint = f"write another `cancel`, or delete the edge for {BACK}"
        message = f"{cancels}, which goes back, and a choice or the repeat key"
        yield Problem(Code.KEY_TWICE, place, message, hint)
    elif not keys and rules.cancel and rules.cancel == rules.terminator:
        message = f"{cancels} and the terminator, so that nothing can be cancelled"
        yield Problem(Code.KEY_TWICE, place, message, 'write cancel: "" for none')


@each_node
def few_options(world: World, flow: Flow, node: Node) -> Iterator[Problem]:
    """IVR402: a menu with more options than callers keep in mind."""
    options = set(node.step.keys()) & set(node.edges)
    if len(options) > MOST_OPTIONS:
        message = f"{len(options)} options"
        hint = f"offer at most {MOST_OPTIONS}, and the rest in a menu of their own"
        place = node.place_of(node.step.verb)
        yield Problem(Code.MANY_OPTIONS, place, message, hint, Severity.WARNING)


CHECKS = (keys_mean_one_thing, no_key_waits, few_options)
