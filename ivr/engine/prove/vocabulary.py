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
from ivr.model.digits import MAX_DIGITS
from ivr.model.expressions import Expression
from ivr.model.expressions.reading import name_of, tree
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
        amounts: set[Money] = set()
        for flow in flow_set.flows.values():
            for node in flow.steps.values():
                for name, texts in node.step.compares().items():
                    self._found.setdefault(name, set()).update(texts)
                for name, given in _given(node.step):
                    if isinstance(given, Expression):
                        self._link([name, *map(_last, sorted(given.names))])
                    else:
                        self._take([name], given, amounts)
                kept = frozenset(node.step.keeps())
                linked = [_last(name) for name in node.step.assigns()]
                for expression in expressions(node):
                    read = tree(expression.source)
                    found = {*_names(read)}
                    if kept and (not found or not kept.isdisjoint(found)):
                        continue  # the step itself tells what differs there (`Step.alike`)
                    names = sorted(map(_last, found))
                    self._link([*linked, *names])
                    self._note(read, names)
                    for value in _constants(read):
                        self._take(names or linked, value, amounts)
        self._exact = {self._group(name) for name in self._exact}
        self._languages(flow_set)
        # The interpreter tells the flow that raises callers which level is wanted.
        self._counted.setdefault(WANTED, set()).update((PIN, SECOND_FACTOR))
        self.amounts = sorted(amounts)
        self.texts: Mapping[str, Collection[str]] = self._grouped(self._found)
        self._numbers = self._grouped(self._counted)
        self.numbers = sorted({one for numbers in self._counted.values() for one in numbers})
        self._live = {name: _live(flow) for name, flow in flow_set.flows.items()}
        self._first: dict[tuple[str, type, Hashable], Scalar] = {}

    def live(self, flow: str, step: str) -> frozenset[str]:
        """Return the variables that may still be read from a step of a flow on."""
        return self._live[flow].get(step, frozenset())

    def value(self, name: str, value: Scalar) -> Scalar:
        """Return the value that stands for all that cannot be told from it."""
        last = _last(name)
        if value is None or isinstance(value, bool):
            return value
        numbers = self._numbers.get(last)
        if isinstance(value, int) and numbers:
            return min(max(value, numbers[0] - _MARGIN), numbers[-1] + _MARGIN)
        kind: Hashable = None
        if not isinstance(value, Money) and self._group(last) in self._exact:
            return value
        if isinstance(value, str):
            kind = tuple(_compared(value, text) for text in self.texts.get(last, ()))
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

    def _note(self, read: ast.expr, names: list[str]) -> None:
        """Note names of which more is asked than how they compare with a text that is written."""
        if any(map(_probes, ast.walk(read))):
            self._exact.update(names)

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
        return sum(any(_names(one)) for one in (node.left, *node.comparators)) > 1 or any(
            isinstance(op, ast.Lt | ast.LtE | ast.Gt | ast.GtE) for op in node.ops
        )
    if isinstance(node, ast.Call):
        return not (isinstance(node.func, ast.Name) and node.func.id in _COMPARING)
    return isinstance(node, ast.BinOp)


def _compared(value: str, text: str) -> tuple[bool, ...]:
    """Return all that can come of comparing a value with a text."""
    return value == text, text in value, value in text, value.startswith(text)


def _last(name: str) -> str:
    return name.rpartition(".")[2]


def _names(read: ast.expr) -> Iterator[str]:
    waiting: list[ast.AST] = [read]
    while waiting:
        node = waiting.pop()
        name = name_of(node) if isinstance(node, ast.expr) else None
        if name is not None:
            yield name
        elif isinstance(node, ast.Call):
            waiting.extend(node.args)
        else:
            waiting.extend(ast.iter_child_nodes(node))


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
        for name in _names(tree(expression.source))
    )
