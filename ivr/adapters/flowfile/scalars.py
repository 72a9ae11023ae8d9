"""Scalars of YAML 1.2's core schema, and no surprise of YAML 1.1.

`no`, `on`, `9:00`, `+155512`, `0x10` and dates stay the texts they look like. What two readers
would take for two numbers is refused.
"""

from __future__ import annotations

import re

from ivr.model.codes import Code
from ivr.model.problem import BadValue

_NULLS = {"", "~", "null", "Null", "NULL"}
_TRUTHS = {
    "true": True,
    "True": True,
    "TRUE": True,
    "false": False,
    "False": False,
    "FALSE": False,
}
_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,17})")
_LEADING_ZERO = re.compile(r"[-+]?0[0-9]+")
_LONG = re.compile(r"-?[0-9]{19,}")
_FRACTION = re.compile(r"[-+]?(\.[0-9]+|[0-9]+\.[0-9]*|[0-9]+(?=[eE]))([eE][-+]?[0-9]+)?")


class UnclearNumber(BadValue):
    """A scalar that is a number to some readers of YAML and another number, or a text, to others."""

    code = Code.UNCLEAR_NUMBER


def resolve(source: str, *, fractions: bool = False) -> bool | int | str | None:
    """Return the value of an unquoted scalar; a number with a fraction is a text, if there may be any.

    Raises UnclearNumber.
    """
    if source in _NULLS:
        return None
    if source in _TRUTHS:
        return _TRUTHS[source]
    if _NUMBER.fullmatch(source):
        return int(source)
    if _LEADING_ZERO.fullmatch(source):
        raise UnclearNumber(
            f"{source} begins with a zero",
            f'write "{source}" for the text, {source.lstrip("+").lstrip("-").lstrip("0") or 0} for the number',
        )
    if _LONG.fullmatch(source):
        raise UnclearNumber(f"{source} is too long for a number", f'write "{source}" for the text')
    if _FRACTION.fullmatch(source) and not fractions:
        raise UnclearNumber(
            f"{source} is a number with a fraction",
            f'write "{source}" for the text; amounts and durations are texts, numbers are whole',
        )
    return source
