"""From the text of an expression to Python's syntax tree."""

from __future__ import annotations

import ast
import re
import warnings

import msgspec

from ivr.model.errors import OneCallError
from ivr.model.problem import BadValue

MAX_LENGTH = 1000
"""Characters in an expression."""

NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")
"""What a variable may be called."""
PATTERN = r"^\s*\{\{[\s\S]*\}\}\s*$"
"""What a scalar must look like to be an expression."""

_WHOLE = re.compile(PATTERN)


class ParseError(OneCallError, BadValue):
    """A text is no expression. `offset` is the index of the trouble within the text."""


def is_expression(text: str) -> bool:
    """Whether a scalar is wholly `{{ … }}`."""
    return _WHOLE.match(text) is not None


class Parsed(msgspec.Struct, frozen=True):
    """An expression as Python reads it: `tree` of `text`, which begins `start` characters into the
    source."""

    tree: ast.expr
    text: str
    start: int


def parse(source: str) -> Parsed:
    """Read `source`, `{{ … }}` included. Raises ParseError."""
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
    return Parsed(_tree(text, start + lead), text, start + lead)


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
        at = max((error.offset or 1) - 1, 0)
        offset = start + at
        if not text[at : at + 1].isascii():
            message = f"{text[at]} cannot stand in an expression"
            raise ParseError(message, "write plain signs: = ( ) , '", offset) from error
        raise ParseError("not a valid expression", _SYNTAX_HINT, offset) from error
    except (ValueError, MemoryError, RecursionError) as error:
        raise ParseError("not a valid expression", _SYNTAX_HINT, start) from error


_SYNTAX_HINT = "e.g. {{ balance > 0 and customer.segment == 'vip' }}"
