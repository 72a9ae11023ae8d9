"""Conditions on what somebody may not have at all: a skill, a fact.

Elsewhere a name that is not set is an error. Here the smallest truth that reads it is false: without
the skill `loans`, `loans >= 30` and `loans < 30` are both false, and `not trainee` is true.
"""

from __future__ import annotations

import ast
from collections.abc import Callable

from ivr.model.errors import EvaluationError
from ivr.model.expressions.compiler import Scope
from ivr.model.expressions.expression import Expression
from ivr.model.expressions.reading import tree

Holds = Callable[[Scope], bool]


def holding(condition: Expression) -> Holds:
    """Return what tells whether a condition holds with these names, some of which may be missing.

    What cannot be computed, as a name is missing, does not hold.
    """
    return _holding(tree(condition.source))


def _holding(node: ast.expr) -> Holds:
    match node:
        case ast.BoolOp(op=ast.And()):
            parts = [_holding(value) for value in node.values]
            return lambda scope: all(part(scope) for part in parts)
        case ast.BoolOp():
            parts = [_holding(value) for value in node.values]
            return lambda scope: any(part(scope) for part in parts)
        case ast.UnaryOp(op=ast.Not()):
            negated = _holding(node.operand)
            return lambda scope: not negated(scope)
        case ast.IfExp():
            test, yes, no = (_holding(part) for part in (node.test, node.body, node.orelse))
            return lambda scope: yes(scope) if test(scope) else no(scope)
    truth = Expression(f"{{{{ {ast.unparse(node)} }}}}")

    def holds(scope: Scope) -> bool:
        try:
            return truth.evaluate(scope) is True
        except EvaluationError:
            return False

    return holds
