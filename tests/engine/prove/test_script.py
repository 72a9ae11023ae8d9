"""One script in every way: nothing is lost where branches are merged."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from itertools import count
from types import GeneratorType
from typing import Any

import pytest
from msgspec.structs import replace

from ivr.centre.input import Question, inquire
from ivr.engine.prove.graph import Graph
from ivr.engine.prove.memory import Memory
from ivr.engine.prove.script import Asked, Single, explore
from ivr.model.commands import Script, ask
from ivr.model.digits import Choices, Digits, Grammar
from ivr.model.errors import CallerHungUp, EvaluationError, PortError
from ivr.model.properties import InputRules, Properties
from ivr.model.speech import Speech
from ivr.model.step import Context
from ivr.model.world import World
from ivr.ports.knowledge import GetBranch
from tests.engine.kit import EndIt, flow, flows, session
from tests.engine.prove.kit import heard_ms

WORLD = World(heard_ms=heard_ms)
CONTEXT = Context(session(flows(flow("main", {"only": (EndIt(), {})}))))


class Distrustful(Memory):
    """Takes no two scripts for alike."""

    def __init__(self, *given: object) -> None:
        super().__init__(*given)
        self._numbers = count()

    def of(self, value: Any) -> Hashable:
        """Return something new for every script."""
        if isinstance(value, GeneratorType):
            return next(self._numbers)
        return super().of(value)


def none(asked: Asked) -> Graph:
    raise AssertionError(asked)


def explored(start: Callable[[], Script[Any]], memory: Memory) -> Graph:
    return explore(Single(start, memory, none), lambda command: command.answers(WORLD), gone=False)


def ends(graph: Graph) -> set[tuple[str, str]]:
    return {
        (
            str(getattr(one.value, "ended", one.value)) + getattr(one.value, "digits", ""),
            str(one.error),
        )
        for one in graph.exits
    }


@pytest.mark.parametrize("grammar", [Choices(("1", "12")), Digits(2, 3)])
def test_a_question_ends_as_it_does_without_merging(
    grammar: Grammar,
) -> None:
    speech = {1: Speech(("a",)), 2: Speech(("b",))}
    question = Question(
        speech, grammar, speech, speech, repeat="9", cleared=Speech(("c",)), back=True
    )
    rules = replace(InputRules.of(Properties(tries=2)), repeats=1)

    def start() -> Script[Any]:
        return inquire(CONTEXT, question, rules)

    merged = explored(start, Memory(CONTEXT, question, rules))
    every = explored(start, Distrustful(CONTEXT, question, rules))
    assert ends(merged) == ends(every)
    assert len(merged.nodes) * 2 < len(every.nodes)
    # The cheapest way to each end is as cheap.
    costs = [
        {str(g.exits[n].value): g.cost(~n) for n in range(len(g.exits))} for g in (merged, every)
    ]
    assert costs[0] == costs[1]


def looks(*places: str) -> Script[str]:
    """Look some places up; what is found last decides."""
    found = ""
    for place in places:
        branch = yield from ask(GetBranch(place, ""))
        found = "there" if branch is not None else "nowhere"
    return found


def test_how_far_a_loop_has_come_is_not_forgotten() -> None:
    # All places are alike: only the loop's own iterator tells the first from the last.
    graph = explored(lambda: looks("1", "1", "1"), Memory())
    assert len(graph.nodes) == 3
    assert {one.value for one in graph.exits if one.error is None} == {"there", "nowhere"}


def remembers() -> Script[bool]:
    first = yield from ask(GetBranch("1", ""))
    second = yield from ask(GetBranch("2", ""))
    return (first is None) == (second is None)


def test_what_is_still_read_keeps_branches_apart() -> None:
    graph = explored(remembers, Memory())
    assert {one.value for one in graph.exits if one.error is None} == {True, False}


def forgives() -> Script[str]:
    while True:
        try:
            yield from ask(GetBranch("1", ""))
        except PortError:
            continue
        return "found"


def test_a_script_that_comes_round_is_a_circle() -> None:
    graph = explored(forgives, Memory())
    assert graph.circles == (0,)
    assert not explored(remembers, Memory()).circles


def test_a_caller_who_is_gone_is_only_told_so() -> None:
    def start() -> Script[Any]:
        rules = InputRules.of(Properties())
        question = Question({1: Speech(("a",))}, Choices(("1",)), {}, {})
        return inquire(CONTEXT, question, rules)

    single = Single(start, Memory(CONTEXT), none)
    graph = explore(single, lambda one: one.answers(WORLD), gone=True)
    assert [type(one.error) for one in graph.exits] == [CallerHungUp]


def gives_up() -> Script[str]:
    try:
        yield from ask(GetBranch("1", ""))
    except PortError as error:
        raise EvaluationError("nobody knows") from error
    return "found"


def test_an_error_holds_no_script_that_it_was_thrown_into_or_raised_by() -> None:
    graph = explored(gives_up, Memory())
    errors = [branch.answer.error for node in graph.nodes for branch in node.branches]
    errors += [one.error for one in graph.exits]
    held = [one for one in errors if one is not None]
    assert len(held) == 3
    assert {(one.__traceback__, one.__context__, one.__cause__) for one in held} == {(None,) * 3}
