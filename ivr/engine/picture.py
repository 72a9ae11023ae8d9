"""Pictures of flows, as values: what a drawing shows, and nothing of how it looks.

Only what every step type says of itself is used, so that a new one is drawn as well.
"""

from __future__ import annotations

import enum
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from ivr.centre.traffic import StepTraffic, Traffic
from ivr.engine.excerpt import heard
from ivr.model.flow import AUTHENTICATE, ERROR, HANGUP, Flow, FlowSet, Node
from ivr.ports.prompts import Prompts

MOST_ARROWS = 12
"""Where more lead to one step, nobody can follow them."""


class Kind(enum.StrEnum):
    """What an arrow means: the caller goes on; a subflow is called, and comes back; another flow is
    gone to for good; a handler takes over; a level is asked for, and comes back."""

    EDGE = "edge"
    CALL = "call"
    JUMP = "jump"
    HANDLER = "handler"
    LEVEL = "level"


class Arrow(msgspec.Struct, frozen=True):
    """From one box or marker to another, by their ids. `calls` is how often it was taken, or None
    where nobody counts that."""

    source: str
    target: str
    kind: Kind = Kind.EDGE
    labels: tuple[str, ...] = ()
    calls: int | None = None


class Box(msgspec.Struct, frozen=True):
    """A step. `heard` are the first words it says, `level` the auth level it needs, `end` whether the
    flow ends or leaves here, and `outcome` what a subflow comes back with then."""

    id: str
    name: str
    verb: str
    heard: str = ""
    level: int = 0
    start: bool = False
    end: bool = False
    outcome: str = ""
    traffic: StepTraffic | None = None


class Sign(enum.StrEnum):
    """What a marker stands for: numbers dialled, an event that the flow handles, or a step that so
    many ways lead to that each of them ends in a marker beside its beginning."""

    NUMBER = "number"
    EVENT = "event"
    STEP = "step"


class Marker(msgspec.Struct, frozen=True):
    """Something in a flow's group that is no step of it."""

    id: str
    text: str
    sign: Sign


class Group(msgspec.Struct, frozen=True):
    """A flow."""

    id: str
    flow: str
    boxes: tuple[Box, ...]
    markers: tuple[Marker, ...] = ()


class Picture(msgspec.Struct, frozen=True):
    """Flows, their steps and the ways between them. `traffic` is None in a picture without heat."""

    groups: tuple[Group, ...]
    arrows: tuple[Arrow, ...]
    caption: tuple[str, ...] = ()
    traffic: Traffic | None = None


def picture(
    flows: FlowSet,
    names: Sequence[str],
    prompts: Prompts,
    language: str | None = None,
    traffic: Traffic | None = None,
    caption: Sequence[str] = (),
) -> Picture:
    """Return a picture of these flows and of those that they lead to.

    Texts are in `language`, and in the first one of a flow that does not speak it.
    """
    drawn = [flows.flows[name] for name in reached(flows, names)]
    ids = {
        (flow.name, step): f"f{number}s{place}"
        for number, flow in enumerate(drawn)
        for place, step in enumerate(flow.steps)
    }
    drawing = _Drawing(flows, ids, prompts, language, traffic)
    groups = tuple(drawing.group(f"f{number}", flow) for number, flow in enumerate(drawn))
    arrows = [
        arrow
        for number, flow in enumerate(drawn)
        for arrow in drawing.arrows(f"f{number}", flow)
        if arrow.target
    ]
    return Picture(*_untangled(groups, arrows), tuple(caption), traffic)


def _untangled(
    groups: Sequence[Group], arrows: Sequence[Arrow]
) -> tuple[tuple[Group, ...], tuple[Arrow, ...]]:
    """End the arrows to a step that too many lead to in markers, each in its beginning's group."""
    leading = Counter(arrow.target for arrow in arrows)
    home = {box.id: group.id for group in groups for box in group.boxes}
    names = {box.id: (group.flow, box.name) for group in groups for box in group.boxes}
    markers: dict[str, list[Marker]] = {group.id: [] for group in groups}
    found = []
    for arrow in arrows:
        if leading[arrow.target] > MOST_ARROWS and arrow.source in home:
            flow, step = names[arrow.target]
            near = names[arrow.source][0] == flow
            marker = f"{arrow.source}to{arrow.target}"
            text = step if near else f"{flow}.{step}"
            markers[home[arrow.source]].append(Marker(marker, text, Sign.STEP))
            arrow = msgspec.structs.replace(arrow, target=marker)
        found.append(arrow)
    added = [
        msgspec.structs.replace(group, markers=(*group.markers, *dict.fromkeys(markers[group.id])))
        for group in groups
    ]
    return tuple(added), tuple(found)


def reached(flows: FlowSet, names: Sequence[str]) -> list[str]:
    """Return the flows and all that they lead to, in the order in which they are met."""
    found: dict[str, None] = {}
    waiting = [name for name in names if name in flows.flows]
    while waiting:
        name = waiting.pop(0)
        if name not in found:
            found[name] = None
            waiting += [one for one in _leads_to(flows.flows[name]) if one in flows.flows]
    return list(found)


def _leads_to(flow: Flow) -> Iterator[str]:
    for node in flow.steps.values():
        yield from node.step.flows()
        yield from node.step.calls()
        if node.requires:
            yield AUTHENTICATE


class _Drawing:
    """Flows while they are drawn. `ids` are those of all boxes; what is not among them is not drawn."""

    def __init__(
        self,
        flows: FlowSet,
        ids: Mapping[tuple[str, str], str],
        prompts: Prompts,
        language: str | None,
        traffic: Traffic | None,
    ) -> None:
        self._flows = flows
        self._ids = ids
        self._prompts = prompts
        self._language = language
        self._traffic = traffic

    def group(self, name: str, flow: Flow) -> Group:
        """Return a flow with its boxes and markers."""
        entry = (Marker(f"{name}n", ", ".join(flow.numbers), Sign.NUMBER),) if flow.numbers else ()
        handled = (Marker(f"{name}{event}", event, Sign.EVENT) for event in flow.handlers)
        boxes = tuple(self._box(flow, node) for node in flow.steps.values())
        return Group(name, flow.name, boxes, (*entry, *handled))

    def _box(self, flow: Flow, node: Node) -> Box:
        step = node.step
        # While people are waited for, what is said is not what the step is about.
        speeches = () if step.queues() else step.speeches()
        spoken = self._language in flow.languages
        language = self._language if spoken and self._language else flow.languages[0]
        return Box(
            id=self._ids[flow.name, node.name],
            name=node.name,
            verb=step.verb,
            heard=heard(speeches, self._prompts, language),
            level=node.requires,
            start=node.name == flow.start,
            end=step.ends,
            outcome=", ".join(step.returns()),
            traffic=self._traffic.at(flow.name, node.name) if self._traffic else None,
        )

    def arrows(self, name: str, flow: Flow) -> Iterator[Arrow]:
        """Yield the ways of a flow; one without a target leads nowhere that is drawn."""
        if flow.numbers:
            yield Arrow(f"{name}n", self._to(flow.name, flow.start))
        for event, target in flow.handlers.items():
            source, to = f"{name}{event}", self._to(flow.name, target)
            yield Arrow(source, to, Kind.HANDLER, calls=self._handled(flow, event))
        for node in flow.steps.values():
            yield from self._edges(flow, node)
            yield from self._others(flow, node)

    def _edges(self, flow: Flow, node: Node) -> Iterator[Arrow]:
        """Yield a step's edges; what leads to the same step is one arrow with many labels."""
        together: dict[tuple[str, Kind], list[str]] = {}
        for outcome, target in node.edges.items():
            kind = Kind.HANDLER if outcome in (ERROR, HANGUP) else Kind.EDGE
            together.setdefault((target, kind), []).append(outcome)
        for (target, kind), outcomes in together.items():
            # The only way to go on needs no words, unless it is a key.
            said = outcomes if len(together) > 1 or node.step.labels() else ()
            labels = tuple(label(node, outcome) for outcome in said)
            calls = self._taken(flow, node, outcomes)
            source, to = self._ids[flow.name, node.name], self._to(flow.name, target)
            yield Arrow(source, to, kind, labels, calls)

    def _others(self, flow: Flow, node: Node) -> Iterator[Arrow]:
        """Yield the ways from a step to other flows."""
        source, called = self._ids[flow.name, node.name], node.step.calls()
        for name in called:
            back = self._flows.flows[name].returns if name in self._flows.flows else {}
            yield Arrow(source, self._start(name), Kind.CALL, tuple(back))
        for name in node.step.flows():
            if name not in called:
                yield Arrow(source, self._start(name), Kind.JUMP)
        if node.requires:
            yield Arrow(source, self._start(AUTHENTICATE), Kind.LEVEL)

    def _to(self, flow: str, step: str) -> str:
        return self._ids.get((flow, step), "")

    def _start(self, name: str) -> str:
        flow = self._flows.flows.get(name)
        return self._to(name, flow.start) if flow is not None else ""

    def _taken(self, flow: Flow, node: Node, outcomes: Iterable[str]) -> int | None:
        if self._traffic is None:
            return None
        taken = self._traffic.at(flow.name, node.name).outcomes
        return sum(taken.get(outcome, 0) for outcome in outcomes)

    def _handled(self, flow: Flow, event: str) -> int | None:
        """Return how often a flow's handler took over from steps without an edge of their own."""
        if self._traffic is None:
            return None
        own = [node for node in flow.steps.values() if event not in node.edges]
        return sum(self._taken(flow, node, [event]) or 0 for node in own)


def label(node: Node, outcome: str) -> str:
    """Return what stands on an edge: the key and what the author calls it, or the outcome."""
    words = node.step.labels().get(outcome, "")
    if outcome in set(node.step.keys()):
        return f"{outcome} {words}".rstrip()
    return words or outcome.replace("_", " ")
