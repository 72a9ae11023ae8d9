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

from ivr.model.expressions.compiler import MAX_DEPTH, MAX_NODES, RESERVED
from ivr.model.expressions.expression import Expression, read_scalar
from ivr.model.expressions.inference import ANY, Types, called
from ivr.model.expressions.presence import Holds, holding
from ivr.model.expressions.source import (
    MAX_LENGTH,
    NAME,
    PATTERN,
    ParseError,
    is_expression,
)

__all__ = [
    "ANY",
    "MAX_DEPTH",
    "MAX_LENGTH",
    "MAX_NODES",
    "NAME",
    "PATTERN",
    "RESERVED",
    "Expression",
    "Holds",
    "ParseError",
    "Types",
    "called",
    "holding",
    "is_expression",
    "read_scalar",
]
