"""What a key means: where it leads, whoever else is asked on the way but the caller."""

from __future__ import annotations

from typing import Any

from ivr.engine.prove.graph import NOTHING, Branch, Exit, Graph, Node
from ivr.engine.prove.steps import _comes_to
from ivr.model.commands import Command
from ivr.model.digits import Choices
from ivr.model.outcome import Outcome
from ivr.model.world import Answer
from ivr.ports.channel import Collect
from ivr.ports.orders import CancelOrder

QUESTION = Collect((), Choices(("*",)), 5_000, 3_000)
TAKEN_BACK = CancelOrder("o1")
CANCELLED, UNAVAILABLE = ~0, ~1


def graph(command: Command[Any, Any], *targets: int) -> Graph:
    """Return a graph in which something is asked first, each of whose answers leads to a target."""
    made = Graph()
    branches = [Branch(Answer(), NOTHING, False, target) for target in targets]
    made.nodes = [Node(command, False, None, branches)]
    made.exits = [Exit(Outcome(name), None, False) for name in ("cancelled", "unavailable")]
    return made


def test_what_is_taken_back_on_the_way_out_changes_nothing() -> None:
    assert _comes_to(graph(TAKEN_BACK, CANCELLED, CANCELLED), 0) == "cancelled"
    assert _comes_to(graph(TAKEN_BACK, CANCELLED), CANCELLED) == "cancelled"


def test_another_question_or_two_ends_are_more() -> None:
    assert _comes_to(graph(QUESTION, CANCELLED, CANCELLED), 0) == "more"
    assert _comes_to(graph(TAKEN_BACK, CANCELLED, UNAVAILABLE), 0) == "more"


def test_a_circle_is_no_end() -> None:
    assert _comes_to(graph(TAKEN_BACK, 0), 0) == "more"
