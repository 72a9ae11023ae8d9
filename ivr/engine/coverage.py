"""Coverage: which steps of a set of flows calls came through, and which of their edges they took."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from ivr.centre.traffic import Traffic
from ivr.model.flow import FlowSet, Node
from ivr.model.place import Place


class Unreached(msgspec.Struct, frozen=True):
    """A step nobody came to (`outcome` is empty), or an edge of a step that nobody took."""

    place: Place
    flow: str
    step: str
    outcome: str = ""
    target: str = ""


class Coverage(msgspec.Struct, frozen=True):
    """How many steps and edges there are and were reached; `unreached` are the others, by place.

    The edges of a step nobody came to are counted, but not named beside the step.
    """

    steps: int
    steps_reached: int
    edges: int
    edges_reached: int
    unreached: tuple[Unreached, ...]

    @property
    def percent(self) -> float:
        """The share of steps that were reached, in percent."""
        return 100 * self.steps_reached / self.steps if self.steps else 100.0


def coverage(flows: FlowSet, traffic: Traffic) -> Coverage:
    """Return what of the flows the traffic came through."""
    steps = edges = steps_reached = edges_reached = 0
    unreached: list[Unreached] = []
    for flow in flows.flows.values():
        for node in flow.steps.values():
            here = traffic.at(flow.name, node.name)
            steps += 1
            edges += len(node.edges)
            if not here.visits:
                unreached.append(Unreached(node.place, flow.name, node.name))
                continue
            steps_reached += 1
            missed = tuple(_not_taken(node, flow.name, here.outcomes))
            edges_reached += len(node.edges) - len(missed)
            unreached += missed
    unreached.sort(key=lambda one: (one.place, one.outcome))
    return Coverage(steps, steps_reached, edges, edges_reached, tuple(unreached))


def _not_taken(node: Node, flow: str, taken: Mapping[str, int]) -> Iterator[Unreached]:
    for outcome, target in node.edges.items():
        if not taken.get(outcome):
            place = node.place_of(f"on.{outcome}", *_named(node, outcome), f"={target}")
            yield Unreached(place, flow, node.name, outcome, target)


def _named(node: Node, outcome: str) -> Iterator[str]:
    """Yield the keys of the step's body that stand for an outcome (`menu.choices.1`)."""
    yield from (name for name in node.places if name.endswith(f".{outcome}"))
