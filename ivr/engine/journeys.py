"""Flows as a chain of what callers go through, for what it costs them (`ivr.centre.cost`).

A state is a step with the flows that wait for it and the caller's auth level, so that subflows and
the authentication before a step that `requires` a level come back where they were called. Of each
outcome the chance is (n + 1) / (all + k): it was taken n times, and there are k (Laplace's rule of
succession); without traffic, every outcome is equally likely. Callers who hung up in a step leave
the call there. Failures of the bank's systems (`error`) are left out.

What a move takes, about:

- a key of a menu: what is heard until the option with this key has been said. Where the text of the
  prompt does not tell the key, option i of n is taken to end after i/n of the prompt. One key press
  for each digit;
- an entry: the whole question, and the fewest keys that answer it;
- `no_input`: the question and the first-digit time-out, as often as the step asks;
- `invalid`: the question and a key, as often as the step asks; `back`: the question and a key;
- another step: all that it says. A value that is computed takes `VALUE_MS`.

Talking to people, waiting for them and recording are not counted: no flow makes them shorter.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple, Protocol, runtime_checkable

from ivr.centre.announcing import told
from ivr.centre.cost import Chain, Move
from ivr.centre.input import BACK, INVALID, NO_INPUT
from ivr.centre.listening import heard_ms
from ivr.centre.traffic import Spot
from ivr.model.errors import OneCallError
from ivr.model.flow import AUTHENTICATE, ERROR, HANGUP, REFUSED, Flow, FlowSet, Node
from ivr.model.prompt import Prompted
from ivr.model.properties import InputRules, Properties
from ivr.model.speech import Speech
from ivr.ports.prompts import Prompts

VALUE_MS = 2000
"""What an amount, a date or a time takes to say, about."""
MOST_STATES = 20_000

Taken = Mapping[Spot, Mapping[str, float]]
"""How often each outcome of each step was taken."""


class TooManyWays(OneCallError):
    """Flows call each other in more ways than can be computed."""


class Waiting(NamedTuple):
    """A step that waits for a flow to come back; `guard`: before it runs, for its auth level."""

    spot: Spot
    guard: bool


class At(NamedTuple):
    """Where a caller is."""

    spot: Spot
    waiting: tuple[Waiting, ...] = ()
    auth: int = 0

    def __str__(self) -> str:
        return f"{self.spot.flow}.{self.spot.step}"


@runtime_checkable
class _ReadsKeys(Protocol):
    """A step type with input properties (`ivr.model.inputfields`)."""

    def properties(self) -> Properties: ...


def journeys(
    flows: FlowSet,
    prompts: Prompts,
    language: str | None = None,
    taken: Taken | None = None,
    begun: Mapping[str, float] | None = None,
) -> Chain[At, Spot]:
    """Return what callers go through, with its leaves: the steps they ring for.

    `begun` is how many calls began in each flow. Raises TooManyWays, PortError.
    """
    entries = [flow for flow in flows.flows.values() if flow.numbers] or [*flows.flows.values()]
    begin = {
        At(Spot(flow.name, flow.start)): 1 + (begun or {}).get(flow.name, 0) for flow in entries
    }
    return _Walk(flows, prompts, language, taken or {}).chain(begin)


class _Walk:
    """Finds all states that calls can come to, and the moves between them."""

    def __init__(
        self, flows: FlowSet, prompts: Prompts, language: str | None, taken: Taken
    ) -> None:
        self._flows = flows.flows
        self._efforts = _Efforts(prompts, language)
        self._taken = taken
        self._answers = {spot for flow in self._flows.values() for spot in _answers(flow)}

    def chain(self, begin: Mapping[At, float]) -> Chain[At, Spot]:
        """Return the chain of all that can be come to."""
        moves: dict[At, Sequence[Move[At]]] = {}
        waiting = list(begin)
        while waiting:
            at = waiting.pop()
            if at in moves:
                continue
            if len(moves) == MOST_STATES:
                raise TooManyWays(
                    f"more than {MOST_STATES} states: flows call each other too often"
                )
            moves[at] = [move for move in self._moves(at) if self._is_there(move.target)]
            waiting += [move.target for move in moves[at] if move.target is not None]
        return Chain(begin, moves, {at: at.spot for at in moves if self._is_leaf(at)})

    def _is_there(self, at: At | None) -> bool:
        return at is None or at.spot.step in self._flows[at.spot.flow].steps

    def _is_leaf(self, at: At) -> bool:
        node = self._node(at.spot)
        return at.auth >= node.requires and (node.step.goal or at.spot in self._answers)

    def _node(self, spot: Spot) -> Node:
        return self._flows[spot.flow].steps[spot.step]

    def _moves(self, at: At) -> Iterator[Move[At]]:
        node = self._node(at.spot)
        gone = self._taken.get(at.spot, {}).get(HANGUP, 0)
        if gone:
            yield Move(None, gone)
        if at.auth < node.requires:
            yield from self._called(at, AUTHENTICATE, guard=True)
            return
        for outcome in self._outcomes(node):
            yield self._edge(at, node, outcome)
        called = node.step.calls()
        for name in called:
            yield from self._called(at, name, guard=False)
        for name in node.step.flows():
            if name not in called and name in self._flows:
                yield Move(At(Spot(name, self._flows[name].start), at.waiting, at.auth))
        for outcome in node.step.returns():
            yield Move(self._back(at, outcome))

    def _outcomes(self, node: Node) -> Iterator[str]:
        """Yield the outcomes that a step ends with by itself and that lead somewhere."""
        if not node.step.ends:
            possible = {**node.step.exits(), **node.step.optional}
            yield from (outcome for outcome in possible if outcome in node.edges)

    def _edge(self, at: At, node: Node, outcome: str) -> Move[At]:
        weight = 1 + self._taken.get(at.spot, {}).get(outcome, 0)
        keys, ms = self._efforts.of(self._flows[at.spot.flow], node, outcome)
        raised = node.step.raises() if node.step.sets(outcome) else 0
        spot = Spot(at.spot.flow, node.edges[outcome])
        return Move(At(spot, at.waiting, max(at.auth, raised)), weight, keys, ms)

    def _called(self, at: At, name: str, *, guard: bool) -> Iterator[Move[At]]:
        if name in self._flows:
            waiting = (*at.waiting, Waiting(at.spot, guard))
            yield Move(At(Spot(name, self._flows[name].start), waiting, at.auth))

    def _back(self, at: At, outcome: str) -> At | None:
        """Return where a caller is whose flow has come back with an outcome."""
        if not at.waiting:
            return None
        (spot, guard), waiting = at.waiting[-1], at.waiting[:-1]
        node = self._node(spot)
        if guard and at.auth >= node.requires:
            return At(spot, waiting, at.auth)
        target = node.target(REFUSED if guard else outcome)
        return At(Spot(spot.flow, target), waiting, at.auth) if target is not None else None


class _Efforts:
    """What the outcomes of steps take. What was computed once is kept."""

    def __init__(self, prompts: Prompts, language: str | None) -> None:
        self._prompts = prompts
        self._language = language
        self._known: dict[tuple[str, str, str], tuple[float, float]] = {}

    def of(self, flow: Flow, node: Node, outcome: str) -> tuple[float, float]:
        """Return keys and milliseconds."""
        name = (flow.name, node.name, outcome)
        if name not in self._known:
            spoken = self._language in flow.languages
            language = self._language if spoken and self._language else flow.languages[0]
            self._known[name] = self._effort(flow, node, outcome, language)
        return self._known[name]

    def _effort(self, flow: Flow, node: Node, outcome: str, language: str) -> tuple[float, float]:
        step = node.step
        questions, choices = list(step.questions()), tuple(step.keys())
        if choices and not questions:
            questions = [(speech, 1) for speech in list(step.speeches())[:1]]
        if not questions:
            return 0, sum(self._heard(speech, language) for speech in step.speeches())
        if outcome in choices:
            return len(outcome), self._until(questions[0][0], outcome, choices, language)
        own = step.properties() if isinstance(step, _ReadsKeys) else Properties()
        rules = InputRules.of(own.over(flow.defaults))
        first = self._heard(questions[0][0], language)
        failures: dict[str, tuple[float, float]] = {
            NO_INPUT: (0, rules.no_input_tries * (first + rules.timeout_ms)),
            INVALID: (rules.invalid_tries, rules.invalid_tries * first),
            BACK: (1, first),
        }
        whole = sum(self._heard(speech, language) for speech, _ in questions)
        return failures.get(outcome, (sum(keys for _, keys in questions), whole))

    def _heard(self, speech: Speech, language: str) -> float:
        """Return how long a speech takes."""
        values = VALUE_MS * len([*speech.expressions()])
        return heard_ms(self._prompts, speech.known(), language) + values

    def _until(self, speech: Speech, key: str, choices: Sequence[str], language: str) -> float:
        """Return how long is heard until the option with a key has been said."""
        passed = 0.0
        for prompt in speech.known():
            if not isinstance(prompt, Prompted):
                continue
            spoken = prompt.language or language
            for recording in self._prompts.render([Prompted(prompt.id, spoken)], language):
                options = told(recording.text, spoken)
                ends = [*(option.at for option in options[1:]), len(recording.text)]
                for option, end in zip(options, ends, strict=bool(options)):
                    if option.keys == key:
                        return passed + recording.ms * end / len(recording.text)
                passed += recording.ms
        return passed * (choices.index(key) + 1) / len(choices)


def _answers(flow: Flow) -> Iterator[Spot]:
    """Yield the steps that tell callers what they rang for: a key leads there, and nothing that they
    could have rung for follows before they are asked again."""
    for node in flow.steps.values():
        for key in tuple(node.step.keys()):
            name = node.edges.get(key, "")
            if name in flow.steps and _speaks(flow.steps[name]) and not _goes_on(flow, name):
                yield Spot(flow.name, name)


def _speaks(node: Node) -> bool:
    return bool([*node.step.speeches()]) and not _asks(node)


def _asks(node: Node) -> bool:
    return bool([*node.step.questions(), *node.step.keys()])


def _goes_on(flow: Flow, name: str) -> bool:
    """Whether a goal or another flow follows a step before the next question."""
    seen: set[str] = set()
    waiting = [name]
    while waiting:
        node = flow.steps.get(waiting.pop())
        if node is None or node.name in seen or _asks(node):
            continue
        seen.add(node.name)
        if node.step.goal or [*node.step.flows()]:
            return True
        waiting += [to for outcome, to in node.edges.items() if outcome not in (ERROR, HANGUP)]
    return False
