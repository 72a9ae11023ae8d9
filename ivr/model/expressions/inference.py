"""Types of expressions, as far as they are certain.

A value's type is a set of types that it may have (`ivr.model.values.TYPES`, and `nothing`). What is
told as a mistake fails whenever it is computed, whatever the values are: nothing else is told.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Mapping
from itertools import product

import msgspec

from ivr.model.expressions.compiler import WORDS
from ivr.model.expressions.reading import name_of
from ivr.model.operations import FUNCTIONS
from ivr.model.values import TYPES, type_of

Types = frozenset[str]
NOTHING = "nothing"
ANY: Types = frozenset({*TYPES.values(), NOTHING})
_TRUTH: Types = frozenset({"truth"})
_ORDERED = frozenset({"number", "text", "money"})


class Inferred(msgspec.Struct, frozen=True):
    """What an expression's value may be, and what in it can never be computed."""

    types: Types
    mistakes: tuple[str, ...] = ()


def infer(tree: ast.expr, names: Mapping[str, Types]) -> Inferred:
    """Infer the types of an expression's value from those of the names it reads.

    A name that is not in `names` may be anything; one without any type has no value yet, and makes
    no mistake.
    """
    reading = _Inference(names)
    types = reading.of(tree)
    return Inferred(types, tuple(dict.fromkeys(reading.mistakes)))


def called(types: Collection[str]) -> str:
    """Name types for a message: `a number or a text`."""
    return " or ".join(_CALLED[name] for name in sorted(types))


_CALLED: Mapping[str, str] = {
    "truth": "a truth",
    "number": "a number",
    "text": "a text",
    "money": "an amount",
    NOTHING: "nothing",
}


class _Inference:
    """Walks a tree, noting what can never be computed."""

    def __init__(self, names: Mapping[str, Types]) -> None:
        self.mistakes: list[str] = []
        self._names = names

    def of(self, node: ast.expr) -> Types:
        """Return what the node's value may be."""
        name = name_of(node)
        if name is not None:
            return self._names.get(name, ANY)
        return _MAKERS.get(type(node), _Inference._other)(self, node)

    def _other(self, node: ast.expr) -> Types:
        return ANY

    def _constant(self, node: ast.Constant) -> Types:
        # Only values of these types are let through by the compiler.
        return frozenset({type_of(node.value)})  # type: ignore[arg-type]

    def _word(self, node: ast.Name) -> Types:
        return frozenset({type_of(WORDS[node.id])})

    def _boolean(self, node: ast.BoolOp) -> Types:
        word = "and" if isinstance(node.op, ast.And) else "or"
        for part in node.values:
            self._truth(part, word)
        return _TRUTH

    def _unary(self, node: ast.UnaryOp) -> Types:
        if isinstance(node.op, ast.Not):
            self._truth(node.operand, "not")
            return _TRUTH
        types = self.of(node.operand)
        return self._fitting(types, ("number", "money"), f"cannot negate {called(types)}")

    def _binary(self, node: ast.BinOp) -> Types:
        rule, verb = _ARITHMETIC[type(node.op)]
        left, right = self.of(node.left), self.of(node.right)
        found = frozenset(rule(*pair) for pair in product(left, right)) - {None}
        if left and right and not found:
            self.mistakes.append(f"cannot {verb} {called(left)} and {called(right)}")
            return ANY
        return frozenset(one for one in found if one is not None)

    def _compare(self, node: ast.Compare) -> Types:
        left = self.of(node.left)
        for op, part in zip(node.ops, node.comparators, strict=True):
            if isinstance(part, ast.Tuple | ast.List):
                # The first member is always looked at; a later one only if none before is equal.
                members = [self.of(member) for member in part.elts]
                self._comparable(left, members[0] if members else ANY, ast.Eq())
                left = ANY
            else:
                right = self.of(part)
                self._comparable(left, right, op)
                left = right
        return _TRUTH

    def _comparable(self, left: Types, right: Types, op: ast.cmpop) -> None:
        rule, words = _COMPARED.get(type(op), (_in_order, "compare {} with {}"))
        if left and right and not any(rule(*pair) for pair in product(left, right)):
            self.mistakes.append(f"cannot {words.format(called(left), called(right))}")

    def _conditional(self, node: ast.IfExp) -> Types:
        self._truth(node.test, "if")
        return self.of(node.body) | self.of(node.orelse)

    def _call(self, node: ast.Call) -> Types:
        assert isinstance(node.func, ast.Name)  # noqa: S101  (the compiler lets nothing else through)
        name = node.func.id
        if name == "known":
            return _TRUTH
        function = FUNCTIONS[name]
        for part, wanted in zip(node.args, function.takes, strict=False):
            types = self.of(part)
            message = f"`{name}` needs {called(wanted)}, not {called(types)}"
            self._fitting(types, wanted, message)
        return frozenset({function.gives})

    def _truth(self, node: ast.expr, word: str) -> None:
        types = self.of(node)
        self._fitting(types, _TRUTH, f"`{word}` needs a truth, not {called(types)}")

    def _fitting(self, types: Types, wanted: Collection[str], message: str) -> Types:
        fitting = types & frozenset(wanted)
        if types and not fitting:
            self.mistakes.append(message)
            return ANY
        return fitting


def _sum(left: str, right: str) -> str | None:
    return left if left == right and left in _ORDERED else None


def _difference(left: str, right: str) -> str | None:
    return left if left == right and left in ("number", "money") else None


def _product(left: str, right: str) -> str | None:
    pair = {left, right}
    if pair == {"number"}:
        return "number"
    return "money" if pair == {"number", "money"} else None


def _equal(left: str, right: str) -> bool:
    return left == right or NOTHING in (left, right)


def _in_order(left: str, right: str) -> bool:
    return left == right and left in _ORDERED


def _within(left: str, right: str) -> bool:
    return left == right == "text"


_COMPARED: Mapping[type[ast.cmpop], tuple[Callable[[str, str], bool], str]] = {
    ast.Eq: (_equal, "compare {} with {}"),
    ast.NotEq: (_equal, "compare {} with {}"),
    ast.In: (_within, "look for {} in {}"),
    ast.NotIn: (_within, "look for {} in {}"),
}

_ARITHMETIC: Mapping[type[ast.operator], tuple[Callable[[str, str], str | None], str]] = {
    ast.Add: (_sum, "add"),
    ast.Sub: (_difference, "subtract"),
    ast.Mult: (_product, "multiply"),
}

_MAKERS: Mapping[type[ast.expr], Callable[..., Types]] = {
    ast.Constant: _Inference._constant,
    ast.Name: _Inference._word,
    ast.BoolOp: _Inference._boolean,
    ast.UnaryOp: _Inference._unary,
    ast.BinOp: _Inference._binary,
    ast.Compare: _Inference._compare,
    ast.IfExp: _Inference._conditional,
    ast.Call: _Inference._call,
}
