"""What a set of flows can tell apart: the values they write, and the variables they still read.

Values that no expression tells apart are one value to the search; the first that is seen stands for
all. So there are finitely many states, although a caller can key any account number.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping
from typing import TypeVar

from ivr.centre.levels import PIN, SECOND_FACTOR
from ivr.engine.checks.world import expressions
from ivr.engine.prove.asking import Relation, equal, is_truth, listed, names_in, parts, relations
from ivr.model.digits import MAX_DIGITS
from ivr.model.expressions import Expression
from ivr.model.expressions.reading import tree
from ivr.model.flow import WANTED, Flow, FlowSet, Node
from ivr.model.step import Step
from ivr.model.values import Money, Scalar

_Written = TypeVar("_Written", int, str)
_MARGIN = 2
"""Numbers further than this beyond all that the flows write are taken for one."""


class Vocabulary:
    """The words of a set of flows. `texts` are what a name is compared with, by its last part."""

    def __init__(self, flow_set: FlowSet) -> None:
        self._groups: dict[str, str] = {}
        self._exact: set[str] = set()
        self._found: dict[str, set[str]] = {}
        self._counted: dict[str, set[int]] = {}
        self._asked: dict[str, set[Relation]] = {}
        amounts: set[Money] = set()
        for flow in flow_set.flows.values():
            for node in flow.steps.values():
                self._step(node, amounts)
        self._languages(flow_set)
        self._exact = {self._group(name) for name in self._exact}
        for name, asked in tuple(self._asked.items()):
            self._ask(self._group(name), *asked)
        # The interpreter tells the flow that raises callers which level is wanted.
        self._counted.setdefault(WANTED, set()).update((PIN, SECOND_FACTOR))
        self.amounts = sorted(amounts)
        self.texts: Mapping[str, Collection[str]] = self._grouped(self._found)
        self._numbers = self._grouped(self._counted)
        self.numbers = sorted({one for numbers in self._counted.values() for one in numbers})
        self._live = {name: _live(flow) for name, flow in flow_set.flows.items()}
        self._first: dict[tuple[str, type, Hashable], Scalar] = {}
        self._values: dict[tuple[str, Scalar], Scalar] = {}

    def live(self, flow: str, step: str) -> frozenset[str]:
        """Return the variables that may still be read from a step of a flow on."""
        return self._live[flow].get(step, frozenset())

    def value(self, name: str, value: Scalar) -> Scalar:
        """Return the value that stands for all that cannot be told from it."""
        if value is None or isinstance(value, bool):
            return value
        known = name, value
        if known not in self._values:
            self._values[known] = self._standing(name, value)
        return self._values[known]

    def _standing(self, name: str, value: Scalar) -> Scalar:
        last = _last(name)
        numbers = self._numbers.get(last)
        if isinstance(value, int) and numbers:
            return min(max(value, numbers[0] - _MARGIN), numbers[-1] + _MARGIN)
        kind: Hashable = None
        if not isinstance(value, Money) and self._group(last) in self._exact:
            return value
        if isinstance(value, str):
            asked = self._asked.get(self._group(last), set())
            kind = tuple(
                frozenset(one for one in asked if one(value, text))
                for text in self.texts.get(last, ())
            )
        if isinstance(value, Money):
            kind = (value in self.amounts, sum(one < value for one in self._like(value)))
        return self._first.setdefault((name, type(value), kind), value)

    def compared(self, names: Iterable[str]) -> tuple[str, ...]:
        """Return texts of digits by which the flows tell apart what is keyed into variables: those they
        compare it with, numbers around theirs, and one of each such length."""
        found: dict[str, None] = {}
        for name in map(_last, names):
            for text in self.texts.get(name, ()):
                found.update(dict.fromkeys(_RUN.findall(text)))
            for number in self._numbers.get(name, ()):
                for near in range(max(number - 1, 0), number + 2):
                    found[str(near)] = None
                    if 0 < near <= MAX_DIGITS:
                        found["1" * near] = None
        return tuple(found)

    def _like(self, value: Money) -> Iterator[Money]:
        return (one for one in self.amounts if one.currency == value.currency)

    def _step(self, node: Node, amounts: set[Money]) -> None:
        """Learn from a step."""
        for name, texts in node.step.compares().items():
            self._found.setdefault(name, set()).update(texts)
            if texts:
                self._ask(name, equal, listed)
        for name, given in _given(node.step):
            if isinstance(given, Expression):
                self._hand_on(name, tree(given.source), amounts)
            else:
                self._take([name], given, amounts)
        kept = frozenset(node.step.keeps())
        for expression in expressions(node):
            read = tree(expression.source)
            found = {*names_in(read)}
            if kept and (not found or not kept.isdisjoint(found)):
                continue  # the step itself tells what differs there (`Step.alike`)
            for part in parts(read):
                self._learn(part, amounts)

    def _hand_on(self, name: str, read: ast.expr, amounts: set[Money]) -> None:
        """Note that a name may be given what an expression comes to."""
        for part in parts(read):
            if not is_truth(part):  # which hands nothing on but whether
                self._link([name, *map(_last, sorted(names_in(part)))])
                self._take_all([name], part, amounts)

    def _learn(self, part: ast.expr, amounts: set[Money]) -> None:
        """Learn from a part of an expression what is asked of its names."""
        names = sorted(map(_last, {*names_in(part)}))
        self._link(names)
        if any(map(_probes, ast.walk(part))):
            self._exact.update(names)
        for name in names:
            self._ask(name, *relations(part))
        self._take_all(names, part, amounts)

    def _ask(self, name: str, *relations: Relation) -> None:
        """Note how values of a name are compared with texts."""
        self._asked.setdefault(name, set()).update(relations)

    def _take_all(self, names: Iterable[str], part: ast.expr, amounts: set[Money]) -> None:
        for value in _constants(part):
            self._take(names, value, amounts)

    def _take(self, names: Iterable[str], value: Scalar, amounts: set[Money]) -> None:
        if isinstance(value, int) and not isinstance(value, bool):
            for name in names:
                self._counted.setdefault(name, set()).add(value)
        elif isinstance(value, str):
            for name in names:
                self._found.setdefault(name, set()).add(value)
            try:
                amounts.add(Money.of(value))
            except ValueError:
                return

    def _languages(self, flow_set: FlowSet) -> None:
        spoken = {one for flow in flow_set.flows.values() for one in flow.languages}
        self._found.setdefault("language", set()).update(spoken)
        self._ask("language", equal)

    def _link(self, names: list[str]) -> None:
        for name in names[1:]:
            self._groups[self._group(name)] = self._group(names[0])

    def _group(self, name: str) -> str:
        while name in self._groups and self._groups[name] != name:
            name = self._groups[name]
        return name

    def _grouped(self, found: Mapping[str, set[_Written]]) -> dict[str, list[_Written]]:
        """Return what was found of each name, and of those that it is linked with, in order."""
        grouped: dict[str, set[_Written]] = {}
        for name, values in found.items():
            grouped.setdefault(self._group(name), set()).update(values)
        names = {*found, *self._groups}
        return {name: sorted(grouped.get(self._group(name), ())) for name in names}


_RUN = re.compile("[0-9]+")
_COMPARING = ("known", "contains", "starts", "money")


def _probes(node: ast.AST) -> bool:
    """Whether a part of an expression asks more of a value than to compare it."""
    if isinstance(node, ast.Compare):
        return sum(any(names_in(one)) for one in (node.left, *node.comparators)) > 1 or any(
            isinstance(op, ast.Lt | ast.LtE | ast.Gt | ast.GtE) for op in node.ops
        )
    if isinstance(node, ast.Call):
        return not (isinstance(node.func, ast.Name) and node.func.id in _COMPARING)
    return isinstance(node, ast.BinOp)


def _last(name: str) -> str:
    return name.rpartition(".")[2]


def _constants(read: ast.expr) -> Iterator[Scalar]:
    for node in ast.walk(read):
        if isinstance(node, ast.Constant) and isinstance(node.value, bool | int | str):
            yield node.value
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            yield from (-value for value in _constants(node.operand) if isinstance(value, int))


def _given(step: Step) -> Iterator[tuple[str, Expression | Scalar]]:
    """Yield the names that a step gives what the flow writes: its own, a subflow's, a caller's."""
    for values in (step.gives(), *step.calls().values(), *step.returns().values()):
        yield from values.items()


def _live(flow: Flow) -> dict[str, frozenset[str]]:
    """Return by step the variables that some way from it reads before it sets them."""
    live = {name: _reads(node) for name, node in flow.steps.items()}
    before: dict[str, list[tuple[str, frozenset[str]]]] = {name: [] for name in flow.steps}
    for node in flow.steps.values():
        for outcome, target in node.edges.items():
            before.setdefault(target, []).append((node.name, frozenset(node.step.sets(outcome))))
        for target in flow.handlers.values():
            before.setdefault(target, []).append((node.name, frozenset()))
    waiting = list(flow.steps)
    while waiting:
        name = waiting.pop()
        for earlier, set_there in before[name]:
            if not live[name] - set_there <= live[earlier]:
                live[earlier] |= live[name] - set_there
                waiting.append(earlier)
    return live


def _reads(node: Node) -> frozenset[str]:
    return frozenset(
        name.partition(".")[0]
        for expression in expressions(node)
        for name in names_in(tree(expression.source))
    )
