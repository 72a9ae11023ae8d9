"""Durations as authors write them: `5s`, `300ms`, `2m`."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import BeforeValidator, WithJsonSchema

from ivr.model.problem import BadValue

_DURATION = re.compile(r"(\d{1,9})(ms|s|m|h)")
_MS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000}
MAX_MS = 24 * 3_600_000
"""The longest duration: a day."""


def milliseconds(value: object) -> int:
    """Return the milliseconds of `5s`, `300ms`, `2m` or `1h`. Raises BadValue for anything else."""
    if isinstance(value, int) and not isinstance(value, bool):
        raise BadValue("a duration without a unit", f'write "{value}s", "{value}ms" or "{value}m"')
    match = _DURATION.fullmatch(value) if isinstance(value, str) and value.isascii() else None
    if match is None:
        raise BadValue("not a duration", 'a whole number and ms, s, m or h: "5s", "300ms", "2m"')
    ms = int(match[1]) * _MS[match[2]]
    if ms > MAX_MS:
        raise BadValue("a duration of more than a day", 'at most "24h"')
    return ms


def some_milliseconds(value: object) -> int:
    """Return milliseconds as `milliseconds` does. Raises BadValue for none as well."""
    ms = milliseconds(value)
    if ms == 0:
        raise BadValue("a duration of nothing", 'at least "1ms"')
    return ms


def spelled(ms: int) -> str:
    """Return a duration as it is written: `90s`, `300ms`, `2m`."""
    unit = next(unit for unit in ("h", "m", "s", "ms") if ms % _MS[unit] == 0)
    return f"{ms // _MS[unit]}{unit}" if ms else "0s"


def _schema(pattern: str) -> WithJsonSchema:
    return WithJsonSchema(
        {
            "type": "string",
            "pattern": pattern,
            "description": "A duration, e.g. 5s, 300ms, 2m.",
            "examples": ["5s", "300ms", "2m"],
        }
    )


Duration = Annotated[int, BeforeValidator(milliseconds), _schema("^[0-9]{1,9}(ms|s|m|h)$")]
"""A field written as `5s` and held in milliseconds. A default is given in milliseconds."""

PositiveDuration = Annotated[
    int, BeforeValidator(some_milliseconds), _schema("^(?!0+[msh])[0-9]{1,9}(ms|s|m|h)$")
]
"""A Duration that is not nothing."""
