"""The expression as a value: what fields of flow files hold."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import final

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import core_schema

from ivr.model.expressions.compiler import Scope, compiled
from ivr.model.expressions.inference import Inferred, Types, infer
from ivr.model.expressions.reading import settled, tree, unset
from ivr.model.expressions.source import PATTERN, ParseError, is_expression
from ivr.model.problem import BadValue
from ivr.model.values import Scalar


@final
class Expression:
    """A compiled expression. Immutable; equal and hashed by its source."""

    __slots__ = ("_names", "_run", "_source", "_written")

    def __init__(self, source: str) -> None:
        """Compile `source`, `{{ … }}` included. Raises ParseError."""
        self._source = self._written = source.strip()
        self._run, self._names = compiled(source)

    @classmethod
    def parse(cls, source: str) -> Expression:
        """Compile `source`, `{{ … }}` included. Raises ParseError."""
        return cls(source)

    @property
    def source(self) -> str:
        """The text that its author wrote, `{{ … }}` included."""
        return self._written

    @property
    def names(self) -> frozenset[str]:
        """The names it reads, dotted: `balance`, `customer.segment`. Those that are only asked
        about by `known(…)` are not among them."""
        return self._names

    def where_known(self) -> Expression:
        """Return this condition as one that is false where a name in it is not set."""
        if not self._names:
            return self
        known = " and ".join(f"known({name})" for name in sorted(self._names))
        guarded = Expression(f"{{{{ {known} and ({self._source[2:-2]}) }}}}")
        guarded._written = self._written
        return guarded

    def evaluate(self, scope: Scope) -> Scalar:
        """Return its value with these names. Raises EvaluationError."""
        value: Scalar = self._run(scope)
        return value

    def unset(self, known: Collection[str]) -> frozenset[str]:
        """Return the names that it may read although they are not `known` to be set: not those that
        it reads only when `known(…)` has said so."""
        return unset(tree(self._source), frozenset(known))

    def settled(self, value: bool | None = None) -> frozenset[str]:
        """Return the names that are set for certain once it has had a value (`value`, if it is a
        truth and known)."""
        return settled(tree(self._source), value)

    def infer(self, names: Mapping[str, Types]) -> Inferred:
        """Return the types its value may have, and what in it can never be computed."""
        return infer(tree(self._source), names)

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
