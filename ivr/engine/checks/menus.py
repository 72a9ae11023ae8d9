"""Checks of what a menu costs its callers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol, runtime_checkable

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
            seconds = _interdigit_ms(flow, node) / 1000
            message = f"{key} is taken only after {seconds:g} s, because {longer[0]} begins with it"
            hint = "let no choice begin another"
            where = node.place_of(*(name for name in node.places if name.endswith(f".{key}")))
            yield Problem(Code.AMBIGUOUS_PREFIX, where, message, hint, Severity.WARNING)


def _interdigit_ms(flow: Flow, node: Node) -> int:
    own = node.step.properties() if isinstance(node.step, _ReadsKeys) else Properties()
    return InputRules.of(own.over(flow.defaults)).interdigit_ms


@each_node
def few_options(world: World, flow: Flow, node: Node) -> Iterator[Problem]:
    """IVR402: a menu with more options than callers keep in mind."""
    options = set(node.step.keys()) & set(node.edges)
    if len(options) > MOST_OPTIONS:
        message = f"{len(options)} options"
        hint = f"offer at most {MOST_OPTIONS}, and the rest in a menu of their own"
        place = node.place_of(node.step.verb)
        yield Problem(Code.MANY_OPTIONS, place, message, hint, Severity.WARNING)


CHECKS = (no_key_waits, few_options)
