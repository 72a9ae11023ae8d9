"""What is different between two sets of flows: flows, steps, edges, keys, prompts, fields.

A step with the same body but another name is renamed, not removed and added; a choice that leads to
the same step by another key is moved.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar

import msgspec

from ivr.centre.traffic import Spot
from ivr.engine.diff.bodies import (
    AND,
    calendar_body,
    flat,
    flow_body,
    head,
    listed_body,
    order_body,
    shared_body,
    step_body,
    written,
)
from ivr.model.flow import Flow, FlowSet, Node

_T = TypeVar("_T")


class Kind(enum.StrEnum):
    """What a change is."""

    ADDED = "added"
    REMOVED = "removed"
    RENAMED = "renamed"
    KEY = "key"
    EDGE = "edge"
    PROMPT = "prompt"
    FIELD = "field"


class Change(msgspec.Struct, frozen=True):
    """One difference, in a step; in a flow, calendar, order type, queue or agent itself where
    `step` is empty.

    `what` is the choice, the edge or the field, or what was added, removed or renamed. `before` and
    `after` are empty where there is none.
    """

    kind: Kind
    flow: str
    step: str = ""
    what: str = ""
    before: str = ""
    after: str = ""


class Difference(msgspec.Struct, frozen=True):
    """All changes, and what corresponds: the steps after → those before, and for each such step the
    outcomes after → those before."""

    changes: tuple[Change, ...]
    steps: Mapping[Spot, Spot]
    outcomes: Mapping[Spot, Mapping[str, str]]


def compare(before: FlowSet, after: FlowSet) -> Difference:
    """Return what is different."""
    flows = _matched(_each(before.flows, flow_body), _each(after.flows, flow_body))
    changes = [*_names("flow", before.flows, after.flows, flows)]
    pairs: dict[Spot, _StepPair] = {}
    for name, old in flows.items():
        pair = _FlowPair(before.flows[old], after.flows[name], _turned(flows))
        changes += pair.changes()
        pairs |= pair.steps
    changes += _bodies("calendar", before.calendars, after.calendars, calendar_body)
    changes += _bodies("order type", before.orders, after.orders, order_body)
    changes += _bodies("queue", before.queues.queues, after.queues.queues, listed_body)
    changes += _bodies("agent", before.queues.agents, after.queues.agents, listed_body)
    changes += _fields("queues", shared_body(before.queues), shared_body(after.queues))
    steps = {spot: Spot(flows[spot.flow], pair.before.name) for spot, pair in pairs.items()}
    outcomes = {spot: pair.outcomes for spot, pair in pairs.items()}
    return Difference(tuple(changes), steps, outcomes)


class _FlowPair:
    """A flow before and after. `flows` are the names of flows before → after."""

    def __init__(self, before: Flow, after: Flow, flows: Mapping[str, str]) -> None:
        self._before = before
        self._after = after
        self._same = _matched(_each(before.steps, step_body), _each(after.steps, step_body))
        self._names = _turned(self._same)
        self.steps = {
            Spot(after.name, name): _StepPair(
                before.steps[old], after.steps[name], self._names, flows
            )
            for name, old in self._same.items()
        }

    def changes(self) -> Iterator[Change]:
        """Yield what is different in the flow."""
        before, after = head(self._before), head(self._after)
        for what in ("start", "on.error", "on.hangup"):
            if what in before:
                before[what] = self._names.get(before[what], before[what])
        name = self._after.name
        yield from _fields(name, before, after)
        for change in _names("step", self._before.steps, self._after.steps, self._same):
            flow = self._after if change.kind is Kind.ADDED else self._before
            verb = "" if change.kind is Kind.RENAMED else flow.steps[change.flow].step.verb
            yield msgspec.structs.replace(change, flow=name, step=change.flow, what=verb or "step")
        for spot, pair in self.steps.items():
            for change in pair.changes():
                yield msgspec.structs.replace(change, flow=spot.flow, step=spot.step)


class _StepPair:
    """A step before and after. `names` are the names of steps before → after, `flows` of flows."""

    def __init__(
        self, before: Node, after: Node, names: Mapping[str, str], flows: Mapping[str, str]
    ) -> None:
        self.before = before
        self._after = after
        self._flows = {flow: flows.get(flow, flow) for flow in before.step.flows()}
        self._targets = {outcome: names.get(to, to) for outcome, to in before.edges.items()}
        self.outcomes = self._matched_outcomes()

    def _matched_outcomes(self) -> dict[str, str]:
        """Return which outcomes after stand for which before.

        Those that an author chooses (keys, conditions) are the same when they lead to the same step,
        else when they bear the same label, else when they are the same key and not both labelled;
        others by their name.
        """
        before, after, edges = (
            self._chosen(self.before),
            self._chosen(self._after),
            self._after.edges,
        )
        rules: tuple[Callable[[str, str], bool], ...] = (
            lambda old, new: old == new and self._targets[old] == edges[new],
            lambda old, new: old in before and new in after and self._targets[old] == edges[new],
            lambda old, new: before.get(old, "") == after.get(new) != "",
            lambda old, new: old == new and not (before.get(old) and after.get(new)),
        )
        same: dict[str, str] = {}
        for rule in rules:
            for new in edges:
                left = (old for old in self._targets if old not in same.values())
                old = next((old for old in left if new not in same and rule(old, new)), None)
                if old is not None:
                    same[new] = old
        return same

    @staticmethod
    def _chosen(node: Node) -> dict[str, str]:
        """Return the outcomes that an author chose: outcome → label, if it has one."""
        return {**dict.fromkeys(node.step.keys(), ""), **node.step.labels()}

    def changes(self) -> Iterator[Change]:
        """Yield what is different in the step; where it stands is not said."""
        yield from self._edges()
        before, after = self.before.step, self._after.step
        if before.verb != after.verb:
            yield Change(Kind.FIELD, "", "", "verb", before.verb, after.verb)
            return
        yield from _fields("", self._level(self.before), self._level(self._after))
        yield from self._bodies()

    @staticmethod
    def _level(node: Node) -> dict[str, str]:
        return {"requires.auth": str(node.requires)} if node.requires else {}

    def _edges(self) -> Iterator[Change]:
        for old, target in self._targets.items():
            if old not in self.outcomes.values():
                yield self._edge(self.before, old, target, "")
        for new, target in self._after.edges.items():
            matched = self.outcomes.get(new)
            if matched is None:
                yield self._edge(self._after, new, "", target)
                continue
            if matched != new and new in set(self._after.step.keys()):
                name = self._chosen(self._after)[new] or target
                yield Change(Kind.KEY, "", "", name, matched, new)
            if self._targets[matched] != target:
                yield self._edge(self._after, new, self._targets[matched], target)

    def _edge(self, node: Node, outcome: str, before: str, after: str) -> Change:
        label = self._chosen(node).get(outcome, "")
        what = f"{outcome} {label}".strip()
        return Change(Kind.EDGE, "", "", what, before, after)

    def _bodies(self) -> Iterator[Change]:
        """Yield fields that are different and no edges, which are told already."""
        moved = {new: old for new, old in self.outcomes.items() if new != old}
        old_fields = {
            path: self._flows.get(text, text) for path, text in flat(written(self.before))
        }
        new_fields = dict(flat(_moved_back(self._after, moved)))
        targets = {*self.before.edges.values(), *self._after.edges.values(), ""}
        labels = {*self.before.step.labels().values(), *self._after.step.labels().values()}
        prompts = {
            prompt.id
            for node in (self.before, self._after)
            for speech in node.step.speeches()
            for prompt in speech.prompts()
        }
        for change in _fields("", old_fields, new_fields):
            told = {change.before, change.after}
            heard = {*change.before.split(AND), *change.after.split(AND)} - {""}
            if heard <= prompts:
                yield msgspec.structs.replace(change, kind=Kind.PROMPT)
            elif not (told <= targets or ("" in told and told <= {*labels, ""})):
                yield change


def _moved_back(node: Node, moved: Mapping[str, str]) -> dict[str, object]:
    """Return what is written in a step, with its choices under the keys that they had before."""
    fields = written(node)
    for name, inner in fields.items():
        if isinstance(inner, dict) and inner.keys() <= node.edges.keys() and _leads(node, inner):
            fields[name] = {moved.get(key, key): value for key, value in inner.items()}
    return fields


def _leads(node: Node, choices: Mapping[str, object]) -> bool:
    """Whether a field holds choices: outcomes, each with where it leads."""
    return all(node.edges[key] in dict(flat(one)).values() for key, one in choices.items())


def _names(
    what: str, before: Mapping[str, object], after: Mapping[str, object], same: Mapping[str, str]
) -> Iterator[Change]:
    """Yield what is there only before or only after, and what is called otherwise now."""
    for name in before:
        if name not in same.values():
            yield Change(Kind.REMOVED, name, what=what)
    for name in after:
        if name not in same:
            yield Change(Kind.ADDED, name, what=what)
        elif same[name] != name:
            yield Change(Kind.RENAMED, name, what=what, before=same[name], after=name)


def _fields(flow: str, before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[Change]:
    for what in dict.fromkeys((*before, *after)):
        old, new = before.get(what, ""), after.get(what, "")
        if old != new:
            yield Change(Kind.FIELD, flow, what=what, before=old, after=new)


def _bodies(
    what: str,
    before: Mapping[str, _T],
    after: Mapping[str, _T],
    body: Callable[[_T], Mapping[str, str]],
) -> Iterator[Change]:
    """Yield what is different in things that are told apart by their names alone."""
    both = {name: name for name in after if name in before}
    yield from _names(what, before, after, both)
    for name in both:
        yield from _fields(name, body(before[name]), body(after[name]))


def _matched(before: Mapping[str, object], after: Mapping[str, object]) -> dict[str, str]:
    """Return which names after stand for which before: the same, else one with the same body."""
    same = {name: name for name in after if name in before}
    for name, body in after.items():
        if name not in same:
            gone = (old for old in before if old not in after and old not in same.values())
            old = next((old for old in gone if before[old] == body), None)
            if old is not None:
                same[name] = old
    return same


def _turned(names: Mapping[str, str]) -> dict[str, str]:
    return {old: new for new, old in names.items()}


def _each(named: Mapping[str, _T], body: Callable[[_T], object]) -> dict[str, object]:
    return {name: body(one) for name, one in named.items()}
