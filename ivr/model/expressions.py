"""Expressions: the `{{ … }}` of flow files.

A small, total language: every expression ends, touches nothing but the names it is given, and
either has a value or raises EvaluationError. It is read by Python's parser; then only what is
named here is let through:

- texts `'vip'`, whole numbers, `true`, `false`, `none`;
- names (`balance`) and names in a group (`customer.segment`);
- `==  !=  <  <=  >  >=`, `in` (a text in a text, or a value in a list `('vip', 'gold')`);
- `and`, `or`, `not`, `a if condition else b`, on truths only;
- `+` of two numbers, texts or amounts, `-` of numbers or amounts, `*` of a number and a number or
  an amount;
- the functions of `FUNCTIONS`, and `known(name)`: whether a name is set.

Types never mix silently: `1 + '1'` and `1 == '1'` are errors. There are no loops, so an expression
takes at most as many steps as it has nodes.
"""

from __future__ import annotations

import ast
import operator
import re
import warnings
from collections.abc import Callable, Mapping
from typing import Any, NoReturn, final

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import core_schema

from ivr.model.errors import EvaluationError, OneCallError
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
from ivr.model.problem import BadValue
from ivr.model.values import Money, Scalar, Value

MAX_LENGTH = 1000
"""Characters in an expression."""
MAX_NODES = 200
MAX_DEPTH = 24

NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")
"""What a variable may be called."""
PATTERN = r"^\s*\{\{[\s\S]*\}\}\s*$"
"""What a scalar must look like to be an expression."""

_WHOLE = re.compile(PATTERN)
_SCALARS = frozenset({type(None), bool, int, str, Money})
_WORDS: Mapping[str, Scalar] = {"true": True, "false": False, "none": None, "null": None}

Scope = Mapping[str, Value]
_Run = Callable[[Scope], Any]


class ParseError(OneCallError, BadValue):
    """A text is no expression. `offset` is the index of the trouble within the text."""


@final
class Expression:
    """A compiled expression. Immutable; equal and hashed by its source."""

    __slots__ = ("_names", "_run", "_source")

    def __init__(self, source: str) -> None:
        """Compile `source`, `{{ … }}` included. Raises ParseError."""
        self._source = source.strip()
        self._run, self._names = _compile(source)

    @classmethod
    def parse(cls, source: str) -> Expression:
        """Compile `source`, `{{ … }}` included. Raises ParseError."""
        return cls(source)

    @property
    def source(self) -> str:
        """The text it was made of, `{{ … }}` included."""
        return self._source

    @property
    def names(self) -> frozenset[str]:
        """The names it reads, dotted: `balance`, `customer.segment`. Those that are only asked
        about by `known(…)` are not among them."""
        return self._names

    def evaluate(self, scope: Scope) -> Scalar:
        """Return its value with these names. Raises EvaluationError."""
        value: Scalar = self._run(scope)
        return value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Expression) and self._source == other._source

    def __hash__(self) -> int:
        return hash(self._source)

    def __repr__(self) -> str:
        return f"Expression({self._source!r})"

    def __str__(self) -> str:
        return self._source

    def __reduce__(self) -> tuple[type[Expression], tuple[str]]:
        return Expression, (self._source,)

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: object, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(
            _validate, serialization=core_schema.to_string_ser_schema()
        )

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {
            "type": "string",
            "pattern": PATTERN,
            "description": "An expression.",
            "examples": ["{{ balance }}", "{{ customer.segment == 'vip' }}"],
        }


def is_expression(text: str) -> bool:
    """Whether a scalar is wholly `{{ … }}`."""
    return _WHOLE.match(text) is not None


def read_scalar(value: object) -> object:
    """Make an Expression of a text that is wholly `{{ … }}`; leave anything else as it is.

    Raises ParseError, also for a text with an expression only in a part of it.
    """
    if not isinstance(value, str) or "{{" not in value:
        return value
    if not is_expression(value):
        raise ParseError(
            "an expression in a part of a text",
            "make the whole value one expression, e.g. \"{{ 'No. ' + number }}\"",
            value.index("{{"),
        )
    return Expression(value)


def _validate(value: object) -> Expression:
    if isinstance(value, Expression):
        return value
    if isinstance(value, str):
        return Expression(value)
    raise BadValue("not an expression", 'write "{{ … }}", in quotes')


# --- from text to Python's syntax tree -------------------------------------------------------


def _compile(source: str) -> tuple[_Run, frozenset[str]]:
    if len(source) > MAX_LENGTH:
        raise ParseError(
            f"an expression of {len(source)} characters; at most {MAX_LENGTH} are allowed",
            "split it with `set` steps",
        )
    if not is_expression(source):
        raise ParseError("not an expression", 'write "{{ … }}", in quotes')
    start = source.index("{{") + 2
    inner = source[start : source.rindex("}}")]
    if "{{" in inner or "}}" in inner:
        raise ParseError(
            "more than one expression in a text",
            "make the whole value one expression, joining texts with +",
            start,
        )
    if not inner.strip():
        raise ParseError("an empty expression", "write a name or a value between {{ and }}", start)
    lead = len(inner) - len(inner.lstrip())
    text = re.sub(r"\s", " ", inner).strip()
    compiler = _Compiler(text, start + lead)
    run = compiler.compile(_tree(text, start + lead))
    return run, frozenset(compiler.names)


def _tree(text: str, start: int) -> ast.expr:
    if "\\" in text:
        raise ParseError(
            "a backslash", "texts hold no escapes; write the character", start + text.index("\\")
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            return ast.parse(text, mode="eval").body
    except SyntaxError as error:
        offset = start + max((error.offset or 1) - 1, 0)
        raise ParseError("not a valid expression", _SYNTAX_HINT, offset) from error
    except (ValueError, MemoryError, RecursionError) as error:
        raise ParseError("not a valid expression", _SYNTAX_HINT, start) from error


_SYNTAX_HINT = "e.g. {{ balance > 0 and customer.segment == 'vip' }}"


# --- from the syntax tree to closures --------------------------------------------------------


class _Compiler:
    """Turns whitelisted nodes into closures over a scope, noting the names they read."""

    def __init__(self, text: str, start: int) -> None:
        self.names: set[str] = set()
        self._text = text
        self._start = start
        self._nodes = 0
        self._depth = 0

    def compile(self, node: ast.expr) -> _Run:
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

    def constant(self, node: ast.Constant) -> _Run:
        value: Any = node.value
        if type(value) is float:
            hint = "whole numbers only; write an amount as money('12.50')"
            self._refuse(node, "a number with a fraction", hint)
        if type(value) not in _SCALARS:
            self._refuse(node, "this kind of value cannot be used here", _ALLOWED_HINT)
        if type(value) is int and value > MAX_NUMBER:
            self._refuse(node, "too large a number", f"at most {MAX_NUMBER}")
        return lambda scope: value

    def name(self, node: ast.Name) -> _Run:
        if node.id in _WORDS:
            word = _WORDS[node.id]
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

    def attribute(self, node: ast.Attribute) -> _Run:
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

    def compare(self, node: ast.Compare) -> _Run:
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

    def _members(self, node: ast.expr, op: ast.cmpop) -> _Run:
        """Compile what stands right of a comparison: a list only after `in`."""
        if not isinstance(op, ast.In | ast.NotIn) or not isinstance(node, ast.Tuple | ast.List):
            return self.compile(node)
        members = [self.compile(element) for element in node.elts]
        return lambda scope: [member(scope) for member in members]

    def boolean(self, node: ast.BoolOp) -> _Run:
        parts = [self.compile(value) for value in node.values]
        if isinstance(node.op, ast.And):
            return lambda scope: all(truth(part(scope), "and") for part in parts)
        return lambda scope: any(truth(part(scope), "or") for part in parts)

    def unary(self, node: ast.UnaryOp) -> _Run:
        if isinstance(node.op, ast.Not):
            part = self.compile(node.operand)
            return lambda scope: not truth(part(scope), "not")
        if isinstance(node.op, ast.USub):
            part = self.compile(node.operand)
            return lambda scope: minus(part(scope))
        return self._refuse(node, "this sign cannot be used here", "write the number without it")

    def binary(self, node: ast.BinOp) -> _Run:
        apply = _ARITHMETIC.get(type(node.op))
        if apply is None:
            self._refuse(node, "this operator cannot be used here", "there are only + - and *")
        left, right = self.compile(node.left), self.compile(node.right)
        return lambda scope: apply(left(scope), right(scope))

    def conditional(self, node: ast.IfExp) -> _Run:
        test, yes, no = (self.compile(part) for part in (node.test, node.body, node.orelse))
        return lambda scope: yes(scope) if truth(test(scope), "if") else no(scope)

    def call(self, node: ast.Call) -> _Run:
        if not isinstance(node.func, ast.Name):
            self._refuse(node, "only functions by their name can be called", _FUNCTIONS_HINT)
        name = node.func.id
        if node.keywords or any(isinstance(part, ast.Starred) for part in node.args):
            self._refuse(node, "arguments cannot be named or unpacked", f"write {name}(a, b)")
        if name == "known":
            return self._known(node)
        if name not in FUNCTIONS:
            self._refuse(node, f"there is no function `{name}`", _FUNCTIONS_HINT)
        function, least, most, usage = FUNCTIONS[name]
        if not least <= len(node.args) <= most:
            self._refuse(node, f"`{name}` takes other arguments", usage)
        parts = [self.compile(part) for part in node.args]
        if len(parts) == 1:
            only = parts[0]
            return lambda scope: function(only(scope))
        return lambda scope: function(*(part(scope) for part in parts))

    def _known(self, node: ast.Call) -> _Run:
        match node.args:
            case [ast.Name() as part] if part.id not in _WORDS:
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
        if not isinstance(node.value, ast.Name) or node.value.id in _WORDS:
            hint = "one dot between two names, e.g. customer.segment"
            self._refuse(node, "a dot is used only in names", hint)
        return self._checked(node.value, node.value.id), self._checked(node, node.attr)


_MAKERS: Mapping[type[ast.expr], Callable[[_Compiler, Any], _Run]] = {
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
