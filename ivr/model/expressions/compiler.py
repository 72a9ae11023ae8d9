"""From Python's syntax tree to closures over a scope: only what is named here is let through."""

from __future__ import annotations

import ast
import keyword
import operator
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

from ivr.model.errors import EvaluationError
from ivr.model.expressions.source import NAME, ParseError, parse
from ivr.model.operations import (
    FUNCTIONS,
    MAX_NUMBER,
    contained,
    difference,
    equal,
    minus,
    ordered,
    plain,
    plus,
    times,
    truth,
)
from ivr.model.values import Money, Scalar, Value

MAX_NODES = 200
MAX_DEPTH = 24

_SCALARS = frozenset({type(None), bool, int, str, Money})
WORDS: Mapping[str, Scalar] = {"true": True, "false": False, "none": None, "null": None}
"""Names that are values."""

RESERVED = frozenset({*WORDS, *keyword.kwlist})
"""Names that no expression can read."""

Scope = Mapping[str, Value]
Run = Callable[[Scope], Any]


def compiled(source: str) -> tuple[Run, frozenset[str]]:
    """Return what computes an expression's value, and the names it reads. Raises ParseError."""
    parsed = parse(source)
    compiler = _Compiler(parsed.text, parsed.start)
    run = compiler.compile(parsed.tree)
    return run, frozenset(compiler.names)


class _Compiler:
    """Turns whitelisted nodes into closures over a scope, noting the names they read."""

    def __init__(self, text: str, start: int) -> None:
        self.names: set[str] = set()
        self._text = text
        self._start = start
        self._nodes = 0
        self._depth = 0

    def compile(self, node: ast.expr) -> Run:
        self._nodes += 1
        self._depth += 1
        if self._nodes > MAX_NODES or self._depth > MAX_DEPTH:
            self._refuse(node, "the expression is too large", "split it with `set` steps")
        make = _MAKERS.get(type(node))
        if make is None:
            name = _CALLED.get(type(node), type(node).__name__)
            self._refuse(node, f"{name} cannot be used here", _ALLOWED_HINT)
        run = make(self, node)
        self._depth -= 1
        return run

    def _refuse(self, node: ast.AST, problem: str, hint: str = "") -> NoReturn:
        column = getattr(node, "col_offset", 0)
        before = self._text.encode()[:column].decode(errors="replace")
        raise ParseError(problem, hint, self._start + len(before))

    def constant(self, node: ast.Constant) -> Run:
        value: Any = node.value
        if type(value) is float:
            hint = "whole numbers only; write an amount as money('12.50')"
            self._refuse(node, "a number with a fraction", hint)
        if type(value) not in _SCALARS:
            self._refuse(node, "this kind of value cannot be used here", _ALLOWED_HINT)
        if type(value) is int and value > MAX_NUMBER:
            self._refuse(node, "too large a number", f"at most {MAX_NUMBER}")
        return lambda scope: value

    def name(self, node: ast.Name) -> Run:
        if node.id in WORDS:
            word = WORDS[node.id]
            return lambda scope: word
        name = self._checked(node, node.id)
        self.names.add(name)

        def run(scope: Scope) -> Any:
            try:
                value = scope[name]
            except KeyError:
                raise EvaluationError(f"`{name}` is not set") from None
            return value if type(value) in _SCALARS else plain(name, value)

        return run

    def attribute(self, node: ast.Attribute) -> Run:
        group, field = self._dotted(node)
        name = f"{group}.{field}"
        self.names.add(name)

        def run(scope: Scope) -> Any:
            try:
                fields = scope[group]
                value = fields[field]  # type: ignore[index]
            except (KeyError, TypeError):
                raise EvaluationError(f"`{name}` is not set") from None
            return value if type(value) in _SCALARS else plain(name, value)

        return run

    def compare(self, node: ast.Compare) -> Run:
        operators = [self._comparison(node, op) for op in node.ops]
        operands = [self.compile(node.left)]
        for op, right in zip(node.ops, node.comparators, strict=True):
            operands.append(self._members(right, op))
        if len(operators) == 1:
            compare, left, last = operators[0], operands[0], operands[1]
            return lambda scope: compare(left(scope), last(scope))

        def run(scope: Scope) -> bool:
            value = operands[0](scope)
            for compare, operand in zip(operators, operands[1:], strict=True):
                following = operand(scope)
                if not compare(value, following):
                    return False
                value = following
            return True

        return run

    def _comparison(self, node: ast.Compare, op: ast.cmpop) -> Callable[[Any, Any], bool]:
        found = _COMPARISONS.get(type(op))
        if found is None:
            self._refuse(node, "`is` cannot be used here", "write == or !=")
        return found

    def _members(self, node: ast.expr, op: ast.cmpop) -> Run:
        """Compile what stands right of a comparison: a list only after `in`."""
        if not isinstance(op, ast.In | ast.NotIn) or not isinstance(node, ast.Tuple | ast.List):
            return self.compile(node)
        members = [self.compile(element) for element in node.elts]
        return lambda scope: [member(scope) for member in members]

    def boolean(self, node: ast.BoolOp) -> Run:
        parts = [self.compile(value) for value in node.values]
        if isinstance(node.op, ast.And):
            return lambda scope: all(truth(part(scope), "and") for part in parts)
        return lambda scope: any(truth(part(scope), "or") for part in parts)

    def unary(self, node: ast.UnaryOp) -> Run:
        if isinstance(node.op, ast.Not):
            part = self.compile(node.operand)
            return lambda scope: not truth(part(scope), "not")
        if isinstance(node.op, ast.USub):
            part = self.compile(node.operand)
            return lambda scope: minus(part(scope))
        return self._refuse(node, "this sign cannot be used here", "write the number without it")

    def binary(self, node: ast.BinOp) -> Run:
        apply = _ARITHMETIC.get(type(node.op))
        if apply is None:
            self._refuse(node, "this operator cannot be used here", "there are only + - and *")
        left, right = self.compile(node.left), self.compile(node.right)
        return lambda scope: apply(left(scope), right(scope))

    def conditional(self, node: ast.IfExp) -> Run:
        test, yes, no = (self.compile(part) for part in (node.test, node.body, node.orelse))
        return lambda scope: yes(scope) if truth(test(scope), "if") else no(scope)

    def call(self, node: ast.Call) -> Run:
        if not isinstance(node.func, ast.Name):
            self._refuse(node, "only functions by their name can be called", _FUNCTIONS_HINT)
        name = node.func.id
        if node.keywords or any(isinstance(part, ast.Starred) for part in node.args):
            self._refuse(node, "arguments cannot be named or unpacked", f"write {name}(a, b)")
        if name == "known":
            return self._known(node)
        if name not in FUNCTIONS:
            self._refuse(node, f"there is no function `{name}`", _FUNCTIONS_HINT)
        function = FUNCTIONS[name].run
        if len(node.args) not in FUNCTIONS[name].counts:
            self._refuse(node, f"`{name}` takes other arguments", FUNCTIONS[name].usage)
        parts = [self.compile(part) for part in node.args]
        if len(parts) == 1:
            only = parts[0]
            return lambda scope: function(only(scope))
        return lambda scope: function(*(part(scope) for part in parts))

    def _known(self, node: ast.Call) -> Run:
        match node.args:
            case [ast.Name() as part] if part.id not in WORDS:
                name = self._checked(part, part.id)
                return lambda scope: scope.get(name) is not None
            case [ast.Attribute() as part]:
                group, field = self._dotted(part)

                def run(scope: Scope) -> bool:
                    fields = scope.get(group)
                    return isinstance(fields, Mapping) and fields.get(field) is not None

                return run
        return self._refuse(node, "`known` asks about one name", "known(customer.segment)")

    def _checked(self, node: ast.expr, name: str) -> str:
        if NAME.fullmatch(name) is None:
            hint = "names are letters, digits and _, beginning with a letter"
            self._refuse(node, f"`{name[:64]}` is not a name", hint)
        return name

    def _dotted(self, node: ast.Attribute) -> tuple[str, str]:
        if not isinstance(node.value, ast.Name) or node.value.id in WORDS:
            hint = "one dot between two names, e.g. customer.segment"
            self._refuse(node, "a dot is used only in names", hint)
        return self._checked(node.value, node.value.id), self._checked(node, node.attr)


_MAKERS: Mapping[type[ast.expr], Callable[[_Compiler, Any], Run]] = {
    ast.Constant: _Compiler.constant,
    ast.Name: _Compiler.name,
    ast.Attribute: _Compiler.attribute,
    ast.Compare: _Compiler.compare,
    ast.BoolOp: _Compiler.boolean,
    ast.UnaryOp: _Compiler.unary,
    ast.BinOp: _Compiler.binary,
    ast.IfExp: _Compiler.conditional,
    ast.Call: _Compiler.call,
}

_CALLED: Mapping[type[ast.expr], str] = {
    ast.Subscript: "[ ]",
    ast.JoinedStr: "an f-text",
    ast.Lambda: "lambda",
    ast.ListComp: "a loop",
    ast.SetComp: "a loop",
    ast.DictComp: "a loop",
    ast.GeneratorExp: "a loop",
    ast.NamedExpr: ":=",
    ast.Dict: "{ }",
    ast.Set: "{ }",
    ast.List: "a list (except after `in`)",
    ast.Tuple: "a list (except after `in`)",
    ast.Starred: "*",
    ast.Await: "await",
}

_FUNCTIONS_HINT = f"functions: {', '.join(sorted([*FUNCTIONS, 'known']))}"
_ALLOWED_HINT = "use names, texts, whole numbers, comparisons, and, or, not, + - * and functions"


_COMPARISONS: Mapping[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: equal,
    ast.NotEq: lambda left, right: not equal(left, right),
    ast.Lt: ordered(operator.lt),
    ast.LtE: ordered(operator.le),
    ast.Gt: ordered(operator.gt),
    ast.GtE: ordered(operator.ge),
    ast.In: contained,
    ast.NotIn: lambda part, whole: not contained(part, whole),
}

_ARITHMETIC: Mapping[type[ast.operator], Callable[[Any, Any], Scalar]] = {
    ast.Add: plus,
    ast.Sub: difference,
    ast.Mult: times,
}
