"""What an expression reads, and what is known to be set once it has a value.

`and`, `or` and `if` do not always look at all of their parts, so that a part may stand behind the
question whether a name is set: `{{ known(segment) and segment == 'vip' }}`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from functools import lru_cache

from ivr.model.expressions.compiler import WORDS
from ivr.model.expressions.source import parse

Names = frozenset[str]
_NONE: Names = frozenset()


@lru_cache(maxsize=4096)
def tree(source: str) -> ast.expr:
    """Return the syntax tree of an expression that has been compiled."""
    return parse(source).tree


def name_of(node: ast.expr) -> str | None:
    """Return the name that a node reads, dotted; None when it reads none by itself."""
    if isinstance(node, ast.Name) and node.id not in WORDS:
        return node.id
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return f"{node.value.id}.{node.attr}"
    return None


def asked(node: ast.expr) -> str | None:
    """Return the name that `known(…)` asks about; None for anything else."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "known":
        return name_of(node.args[0])
    return None


def unset(node: ast.expr, known: Names) -> Names:
    """Return the names that may be read although they are not `known` to be set."""
    name = name_of(node)
    if name is not None:
        return frozenset({name}) - known
    found: Names = _NONE
    for part, before in _parts(node, known):
        found |= unset(part, before)
    return found


def settled(node: ast.expr, value: bool | None = None) -> Names:
    """Return the names that are set for certain when the node has had a value (`value`, if it is a
    truth and known)."""
    name = name_of(node)
    if name is not None:
        return frozenset({name})
    about = asked(node)
    if about is not None:
        return frozenset({about}) if value else _NONE
    match node:
        case ast.BoolOp():
            whole = value is isinstance(node.op, ast.And)
            parts = node.values if whole and value is not None else node.values[:1]
            return _all(settled(part, value if whole else None) for part in parts)
        case ast.UnaryOp(op=ast.Not()):
            return settled(node.operand, None if value is None else not value)
        case ast.IfExp():
            yes = settled(node.test, True) | settled(node.body, value)
            no = settled(node.test, False) | settled(node.orelse, value)
            return settled(node.test) | (yes & no)
        case ast.Compare():
            return settled(node.left) | settled(node.comparators[0])
    return _all(settled(part) for part in _children(node))


def _parts(node: ast.expr, known: Names) -> Iterable[tuple[ast.expr, Names]]:
    """Yield the parts of a node, each with what is known when it is looked at."""
    if asked(node) is not None:
        return
    if isinstance(node, ast.IfExp):
        yield node.test, known
        yield node.body, known | settled(node.test, True)
        yield node.orelse, known | settled(node.test, False)
        return
    going_on = isinstance(node.op, ast.And) if isinstance(node, ast.BoolOp) else None
    for part in _children(node):
        yield part, known
        known |= settled(part, going_on)


def _children(node: ast.expr) -> list[ast.expr]:
    """Return the operands of a node, in the order in which they are looked at."""
    if isinstance(node, ast.Call):
        return node.args
    return [part for part in ast.iter_child_nodes(node) if isinstance(part, ast.expr)]


def _all(found: Iterable[Names]) -> Names:
    return _NONE.union(*found)
