"""What checks look at, and how they are written.

A check is a small pure function that yields problems. `each_flow` and `each_node` make one of a
function over a single flow or step.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

import msgspec

from ivr.model.expressions import Expression
from ivr.model.flow import Flow, FlowSet, Node
from ivr.model.hints import closest
from ivr.model.limits import Limits
from ivr.model.problem import Problem
from ivr.model.step import Unreadable
from ivr.ports.prompts import Prompts


class Known(msgspec.Struct, frozen=True):
    """What flows may name that is not in flow files. None: not known here, so not checked.

    `prompts` are the prompt ids of each language, `heard` what is said in them and for how long.
    """

    prompts: Mapping[str, Collection[str]] | None = None
    destinations: Collection[str] | None = None
    heard: Prompts | None = None
    limits: Limits = Limits()


MOST_HINTS = 100
"""Words that a likely one is sought for in one check."""


class World(msgspec.Struct, frozen=True):
    """A set of flows, and what is known around it.

    `broken` are flows and calendars that exist but could not be read: naming them is no mistake.
    `hinted` are the words that a likely one was sought for. Of a flow only parts may have been read: what needs to know all of it asks `whole` first.
    """

    flow_set: FlowSet
    known: Known = Known()
    broken: Collection[str] = ()
    hinted: list[str] = msgspec.field(default_factory=list)

    def closest(self, word: str, known: Iterable[str]) -> str:
        """Return a hint with the known word most like `word`; after `MOST_HINTS` words none, as each
        is sought among all."""
        if len(self.hinted) >= MOST_HINTS:
            return "see to the mistakes above first"
        self.hinted.append(word)
        return closest(word, known)

    @property
    def flows(self) -> Mapping[str, Flow]:
        """The flows by name."""
        return self.flow_set.flows

    def whole(self, flow: Flow | None = None) -> bool:
        """Whether all of a flow could be read; without one, whether everything could."""
        if flow is not None:
            return not flow.unread and not any(map(_cut, flow.steps.values()))
        return not self.broken and all(map(self.whole, self.flows.values()))

    def returns_known(self, name: str) -> bool:
        """Whether the flow is there, and what it returns could be read."""
        flow = self.flows.get(name)
        return flow is not None and "returns" not in flow.unread

    def nodes(self) -> Iterator[tuple[Flow, Node]]:
        """Yield every step with its flow."""
        for flow in self.flows.values():
            for node in flow.steps.values():
                yield flow, node


def _cut(node: Node) -> bool:
    return node.partial or isinstance(node.step, Unreadable)


Check = Callable[[World], Iterator[Problem]]


def each_flow(check: Callable[[World, Flow], Iterator[Problem]]) -> Check:
    """Make a check of a function over one flow."""

    def run(world: World) -> Iterator[Problem]:
        for flow in world.flows.values():
            yield from check(world, flow)

    return run


def each_node(check: Callable[[World, Flow, Node], Iterator[Problem]]) -> Check:
    """Make a check of a function over one step."""

    def run(world: World) -> Iterator[Problem]:
        for flow, node in world.nodes():
            yield from check(world, flow, node)

    return run


def expressions(node: Node) -> Iterator[Expression]:
    """Yield all expressions of a step, spoken ones included."""
    yield from node.step.expressions()
    for speech in node.step.speeches():
        yield from speech.expressions()
