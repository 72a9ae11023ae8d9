"""Checks of the keys that callers press: what they mean, and what they cost."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol, runtime_checkable

from ivr.centre.input import BACK
from ivr.engine.checks.subflows import returned_to
from ivr.engine.checks.world import World, each_node
from ivr.model.codes import Code
from ivr.model.flow import Flow, Node
from ivr.model.place import Place
from ivr.model.problem import Problem, Severity
from ivr.model.properties import InputRules, Properties

PERSON, REPEAT = "0", "9"
"""Keys that mean the same everywhere: a person, and hearing it again."""
MOST_OPTIONS = 5
"""More than this nobody keeps in mind while listening."""


@runtime_checkable
class ReadsKeys(Protocol):
    """A step type with input properties (`ivr.model.inputfields`)."""

    def properties(self) -> Properties: ...


@each_node
def no_key_waits(world: World, flow: Flow, node: Node) -> Iterator[Problem]:
    """IVR401: a choice that begins another one, so that callers wait for the inter-digit time."""
    keys = tuple(node.step.keys())
    back = (rules_of(flow, node).cancel,) if keys and BACK in node.edges else ()
    for key in dict.fromkeys((*keys, *filter(None, back))):
        longer = [other for other in keys if other != key and other.startswith(key)]
        if longer:
            seconds = rules_of(flow, node).interdigit_ms / 1000
            message = f"{key} is taken only after {seconds:g} s, because {longer[0]} begins with it"
            hint = "let no choice begin another"
            where = key_place(node, key)
            yield Problem(Code.AMBIGUOUS_PREFIX, where, message, hint, Severity.WARNING)


def key_place(node: Node, key: str) -> Place:
    """Return where a step says what a key leads to."""
    body = (name for name in node.places if name.endswith(f".{key}"))
    return node.place_of(f"{node.step.verb}.choices.{key}", *body, f"on.{BACK}")


def rules_of(flow: Flow, node: Node) -> InputRules:
    """Return how a step reads keys."""
    own = node.step.properties() if isinstance(node.step, ReadsKeys) else Properties()
    return InputRules.of(own.over(flow.defaults))


@each_node
def keys_mean_one_thing(world: World, flow: Flow, node: Node) -> Iterator[Problem]:
    """IVR321: the cancel key is a choice as well, or ends an entry. IVR302: `back` without it."""
    if not isinstance(node.step, ReadsKeys):
        return
    rules, keys, back = rules_of(flow, node), set(node.step.keys()), BACK in node.edges
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
    options = set(node.step.keys()) & set(node.edges) - set(node.step.sometimes())
    if len(options) > MOST_OPTIONS:
        message = f"{len(options)} options"
        hint = f"offer at most {MOST_OPTIONS}, and the rest in a menu of their own"
        place = node.place_of(node.step.verb)
        yield Problem(Code.MANY_OPTIONS, place, message, hint, Severity.WARNING)


@each_node
def keys_are_standard(world: World, flow: Flow, node: Node) -> Iterator[Problem]:
    """IVR408: 0 leads to no person, or 9 is something else than hearing it again."""
    keys = tuple(node.step.keys())
    choices = {key: node.edges[key] for key in keys if key in node.edges}
    if REPEAT in choices:
        message = f"{REPEAT} is a choice: callers press it to hear a menu again"
        yield _standard(node, REPEAT, message, "give the choice another key")
    person = choices.get(PERSON, "")
    if person in flow.steps and world.whole() and not _comes_to_a_person(world, flow, person):
        message = f"{PERSON} leads to no person: callers press it to speak to one"
        yield _standard(
            node, PERSON, message, "lead it to a queue or a transfer, or use another key"
        )


def _standard(node: Node, key: str, message: str, hint: str) -> Problem:
    return Problem(Code.STANDARD_KEY, key_place(node, key), message, hint, Severity.WARNING)


def _comes_to_a_person(world: World, flow: Flow, step: str) -> bool:
    seen: set[tuple[str, str]] = set()
    waiting = [(flow.name, step)]
    while waiting:
        where = waiting.pop()
        node = world.flows[where[0]].steps.get(where[1]) if where not in seen else None
        seen.add(where)
        if node is None:
            continue
        if node.step.conversation:
            return True
        waiting += [(where[0], target) for target in node.edges.values()]
        called = (world.flows[name] for name in node.step.flows() if name in world.flows)
        waiting += [(other.name, other.start) for other in called]
        for outcome in node.step.returns():
            waiting += returned_to(world, where[0], outcome)
    return False


@each_node
def times_fit(world: World, flow: Flow, node: Node) -> Iterator[Problem]:
    """IVR325: a wait that no step may take. IVR409: the first key must come sooner than the next."""
    waits = dict(node.step.waits())
    if isinstance(node.step, ReadsKeys):
        rules = rules_of(flow, node)
        waits |= {"timeout": rules.timeout_ms, "interdigit": rules.interdigit_ms}
        if rules.interdigit_ms > rules.timeout_ms:
            message = "callers have more time for the next key than for the first"
            hint = f"write an `interdigit` of at most {rules.timeout_ms / 1000:g}s"
            place = _property(flow, node, "interdigit", "timeout")
            yield Problem(Code.SLOW_KEYS, place, message, hint, Severity.WARNING)
    most = world.known.limits.step_ms
    for name, ms in waits.items():
        if ms > most:
            message = f"{name}: {ms / 1000:g}s, and no step may take longer than {most / 1000:g}s"
            yield Problem(Code.TOO_LONG, _property(flow, node, name), message, "write less")


def _property(flow: Flow, node: Node, *names: str) -> Place:
    """Return where a property is set: in the step, else for the whole flow."""
    own = [f"{node.step.verb}.{name}" for name in names]
    if any(name in node.places for name in own):
        return node.place_of(*own)
    return flow.place_of(*(f"defaults.{name}" for name in names))


CHECKS = (keys_mean_one_thing, no_key_waits, few_options, keys_are_standard, times_fit)
