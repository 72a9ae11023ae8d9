"""One script, run to every end that it has: each command with each of its answers.

A script cannot be copied, so it is run anew for each branch, with the answers that led there. Where it
comes to know the same by another way (`memory`), the branch ends: what follows is known already.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable, Iterable
from copy import copy
from typing import Any, ClassVar, NamedTuple, Protocol

import msgspec

from ivr.engine.prove.graph import Branch, Cost, Exit, Graph, Node
from ivr.engine.prove.memory import Memory
from ivr.model.commands import Command, Script
from ivr.model.errors import OneCallError
from ivr.model.outcome import Stay
from ivr.model.secret import Secret
from ivr.model.step import Context
from ivr.model.world import Answer

MOST_NODES = 20_000
"""Moments of one step; what has more is not proved."""


class TooLarge(OneCallError):
    """There is more to look at than a proof has time and memory for."""


class Asked(Command[Any, Any], frozen=True):
    """A whole question, answered by whichever way through it."""

    port: ClassVar[str] = "channel"
    asks_caller: ClassVar[bool] = True
    question: Any
    rules: Any


def ask_whole(context: Context, question: Any, rules: Any) -> Script[Any]:
    """Ask a question as one command: stands for `ivr.centre.input.inquire`."""
    return (yield Asked(question, rules))


Answers = Callable[[Command[Any, Any]], Iterable[Answer]]


class Visits(Protocol):
    """What is explored: one script, or one for each visit of a step that stays, by number from 0 on."""

    memory: Memory

    def start(self, visit: int) -> Script[Any]:
        """Begin a visit."""

    def question(self, visit: int, asked: Asked) -> Graph:
        """Return the graph of a whole question."""

    def onward(self, visit: int, value: Any) -> int | None:
        """Return the visit that follows one that ended with a value; None: it has left the step."""

    def left(self, visit: int, value: Any) -> Any:
        """Return what the step is left with."""


class Single(msgspec.Struct):
    """One script, run once."""

    begin: Callable[[], Script[Any]]
    memory: Memory
    ask: Callable[[Asked], Graph]

    def start(self, visit: int) -> Script[Any]:
        return self.begin()

    def question(self, visit: int, asked: Asked) -> Graph:
        return self.ask(asked)

    def onward(self, visit: int, value: Any) -> int | None:
        return None

    def left(self, visit: int, value: Any) -> Any:
        return value


def explore(visits: Visits, answers: Answers, *, gone: bool, asks: bool = False) -> Graph:
    """Run a script in every way. Raises TooLarge."""
    return _Exploring(visits, answers, Graph(asks=asks)).run(gone)


Told = tuple[tuple[Command[Any, Any], Any], ...]
"""What steady commands were answered on the way."""


class _Waiting(NamedTuple):
    visit: int
    number: int = -1
    prefix: tuple[Answer, ...] = ()
    told: Told = ()
    asked: Hashable = None


class _Exploring:
    def __init__(
        self,
        visits: Visits,
        answers: Answers,
        graph: Graph,
    ) -> None:
        self._visits = visits
        self._memory = visits.memory
        self._answers = answers
        self._begun: dict[tuple[int, bool], int | None] = {}
        self._graph = graph
        self._seen: dict[Hashable, int] = {}
        self._waiting: deque[_Waiting] = deque()
        self._live: dict[int, Script[Any]] = {}
        self._open: dict[Hashable, list[Branch]] = {}

    def run(self, gone: bool) -> Graph:
        self._graph.begins = self._begin(0, gone)
        while self._waiting:
            waiting = self._waiting.popleft()
            node = self._graph.nodes[waiting.number]
            for branch in self._branches(node, waiting):
                script = self._live.pop(waiting.number, None)
                if script is None:
                    script = self._replay(waiting)
                branch.target = self._reached(script, branch.answer, waiting)
                node.branches.append(branch)
        return self._graph

    def _begin(self, visit: int, gone: bool) -> int:
        """Return the node or exit that a visit comes to first."""
        known = visit, gone
        if known not in self._begun:
            self._begun[known] = None
            script = self._visits.start(visit)
            self._begun[known] = self._reached(script, Answer(gone=gone), _Waiting(visit))
        found = self._begun[known]
        if found is None:
            raise TooLarge("a step stays as it is, and asks nothing")
        return found

    def _branches(self, node: Node, waiting: _Waiting) -> list[Branch]:
        """Return the branches of a node, their targets still to be found."""
        if node.question is not None:
            return list(map(copy, node.question.through))
        found = self._open.get(waiting.asked)
        if found is None:
            found = self._open[waiting.asked] = list(map(_branch, self._answers(node.command)))
        before = [answer for command, answer in waiting.told if command == node.command]
        if before:
            same = before[-1]
            found = [one for one in found if one.answer.error or one.answer.value == same]
        if node.gone:
            # Nobody is there to answer: whatever can hear of a hang-up does.
            found = [one for one in found if one.hangs_up] or found
        return list(map(copy, found))

    def _replay(self, waiting: _Waiting) -> Script[Any]:
        script = self._visits.start(waiting.visit)
        next(script)
        for answer in waiting.prefix:
            give(script, answer)
        return script

    def _reached(self, script: Script[Any], answer: Answer, before: _Waiting) -> int:
        """Give a script an answer; return the node or exit (`~exit`) that it comes to."""
        begins = before.number < 0
        node = None if begins else self._graph.nodes[before.number]
        gone = answer.gone or (node is not None and node.gone)
        try:
            command = next(script) if begins else give(script, answer)
        except StopIteration as stop:
            self._graph.stays |= isinstance(stop.value, Stay)
            onward = self._visits.onward(before.visit, stop.value)
            if onward is not None:
                return self._begin(onward, gone)
            return self._exit(self._visits.left(before.visit, stop.value), None, gone)
        except OneCallError as error:
            forget(error)
            return self._exit(None, error, gone)
        told = before.told
        if node is not None and node.command.steady and answer.error is None:
            told = (*(one for one in told if one[0] != node.command), (node.command, answer.value))
        question = None
        if isinstance(command, Asked):
            question = self._visits.question(before.visit, command)
        asked = self._memory.of(command) if question is None else id(question)
        known = (self._memory.of(script), asked, self._memory.of(told), gone)
        number = self._seen.get(known)
        if number is None:
            number = self._seen[known] = len(self._graph.nodes)
            if number >= MOST_NODES:
                raise TooLarge(f"one step has more than {MOST_NODES} moments to look at")
            self._graph.nodes.append(Node(command, gone, question, []))
            prefix = () if begins else (*before.prefix, answer)
            self._waiting.append(_Waiting(before.visit, number, prefix, told, asked))
            self._live[number] = script
        return number

    def _exit(self, value: Any, error: OneCallError | None, gone: bool) -> int:
        text = None if error is None else (type(error), str(error))
        known = (self._memory.of(_untallied(value)), text, gone)
        number = self._seen.get(known)
        if number is None:
            number = self._seen[known] = ~len(self._graph.exits)
            self._graph.exits.append(Exit(value, error, gone))
        return number


def _branch(answer: Answer) -> Branch:
    cost = Cost(0 if answer.sure else 1, answer.actions, answer.ms)
    return Branch(answer, cost, not answer.actions)


def give(script: Script[Any], answer: Answer) -> Command[Any, Any]:
    """Give a script an answer; return what it asks next. Raises what the script raises."""
    error = answer.error
    if error is None:
        return script.send(_fresh(answer.value))
    try:
        return script.throw(error)
    finally:
        # The same error is thrown many times, and lasts as long as the graph: what is noted on it would
        # hold every script that it was thrown into.
        forget(error)


def forget(error: BaseException) -> None:
    """Take off an error where it was raised, and why."""
    error.__traceback__ = error.__context__ = error.__cause__ = None


def _fresh(value: Any) -> Any:
    """Return the value with secrets of its own: whoever consumes one wipes it."""
    secret = getattr(value, "secret", None)
    if isinstance(secret, Secret):
        return msgspec.structs.replace(value, secret=Secret(secret.reveal()))
    return value


def _untallied(value: Any) -> Any:
    """Return the value without its count of failures, which only the whole call's limit reads."""
    if isinstance(value, msgspec.Struct) and bool(getattr(value, "failures", 0)):
        return msgspec.structs.replace(value, failures=0)
    return value
