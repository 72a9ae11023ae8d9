"""Answers as authors write them: `4`, `1-2`, `yes`, `[1, recorded]`."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import BeforeValidator

from ivr.model.problem import BadValue

YES, NO = "1", "2"
"""The keys that answer a question of yes or no."""
RECORDED = "recorded"
"""The answer of a comment that was spoken."""
REFUSED = ""
"""The answer of who would not answer."""

_WORDS = {"yes": YES, "no": NO, RECORDED: RECORDED}
_SPAN = re.compile(r"(\d{1,2})(?:-(\d{1,2}))?", re.ASCII)
_HINT = "a number, a span such as 1-2, yes, no or recorded"


def numbers(value: Any) -> tuple[str, ...]:
    """Return the numbers of `1-5`, or of `3`, in their order. Raises BadValue."""
    match = _SPAN.fullmatch(str(value)) if not isinstance(value, bool) else None
    if match is None:
        raise BadValue(f"`{value}` is no span of numbers", "write it as 1-5")
    first, last = int(match[1]), int(match[2] or match[1])
    if last < first:
        raise BadValue(f"`{value}` ends before it begins", f"write {last}-{first}")
    return tuple(map(str, range(first, last + 1)))


def _answers(value: Any) -> tuple[str, ...]:
    many = value if isinstance(value, list | tuple) else [value]
    found = [one for item in many for one in _one(item)]
    if not found:
        raise BadValue("no answer at all", _HINT)
    return tuple(dict.fromkeys(found))


def _one(item: Any) -> tuple[str, ...]:
    if item in _WORDS:
        return (_WORDS[item],)
    try:
        return numbers(item)
    except BadValue as error:
        raise BadValue(error.problem, _HINT) from error


_Written = int | str
Answers = Annotated[
    tuple[str, ...],
    BeforeValidator(_answers, json_schema_input_type=_Written | list[_Written]),
]
"""Some answers of a question, as they are kept: `1-2` is `("1", "2")`, `no` is `("2",)`."""
Span = Annotated[tuple[str, ...], BeforeValidator(numbers, json_schema_input_type=_Written)]
"""Numbers that follow each other, in their order."""
