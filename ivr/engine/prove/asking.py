"""What an expression asks of the values that it reads: which truths, of which names, and how they are
compared with texts."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping

from ivr.model.expressions.reading import name_of


def equal(value: str, text: str) -> bool:
    """Whether a value is a text."""
    return value == text


def holds(value: str, text: str) -> bool:
    """Whether a text stands in a value."""
    return text in value


def listed(value: str, text: str) -> bool:
    """Whether a text is one of the words of a value."""
    return text in value.split()


def stands_in(value: str, text: str) -> bool:
    """Whether a value stands in a text."""
    return value in text


def starts(value: str, text: str) -> bool:
    """Whether a value starts with a text."""
    return value.startswith(text)


def begins(value: str, text: str) -> bool:
    """Whether a text starts with a value."""
    return text.startswith(value)


Relation = Callable[[str, str], bool]
"""How a value may compare with a text that is written."""

_CALLED: Mapping[str, tuple[Relation, Relation]] = {
    "contains": (holds, stands_in),
    "starts": (starts, begins),
}
"""What functions ask of their first argument and a text, and of a text and their second."""


def relations(part: ast.expr) -> Iterator[Relation]:
    """Yield how the names of a part of an expression are compared with texts."""
    for node in ast.walk(part):
        match node:
            case ast.Compare():
                sides = (node.left, *node.comparators)
                yield from map(_compared, node.ops, sides, sides[1:])
            case ast.Call(func=ast.Name(id=called)) if called in _CALLED:
                yield _CALLED[called][0 if any(names_in(node.args[0])) else 1]


def _compared(op: ast.cmpop, left: ast.expr, right: ast.expr) -> Relation:
    if not isinstance(op, ast.In | ast.NotIn) or isinstance(right, ast.List | ast.Tuple):
        return equal
    return stands_in if any(names_in(left)) else holds


def parts(read: ast.expr) -> Iterator[ast.expr]:
    """Yield the parts of an expression that have a value of their own: each truth that it asks, and what
    it may come to."""
    match read:
        case ast.BoolOp():
            inner = read.values
        case ast.UnaryOp(op=ast.Not()):
            inner = [read.operand]
        case ast.IfExp():
            inner = [read.test, read.body, read.orelse]
        case _:
            yield read
            return
    for one in inner:
        yield from parts(one)


def is_truth(part: ast.expr) -> bool:
    """Whether a part can only be true or false, so that nothing else is handed on by it."""
    return isinstance(part, ast.Compare) or (
        isinstance(part, ast.Call)
        and isinstance(part.func, ast.Name)
        and part.func.id in ("known", *_CALLED)
    )


def names_in(read: ast.expr) -> Iterator[str]:
    """Yield the names that an expression reads, dotted."""
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
