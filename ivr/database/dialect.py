"""SQL as SQLite reads it, made into SQL as PostgreSQL reads it: the marks of values differ, no more.

What else differs is not written: both know `ON CONFLICT`, `RETURNING`, `FILTER`, `IS DISTINCT FROM`; the
functions `instr` and `json_each` are made in PostgreSQL (`migrations/0001_functions.sql`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

from ivr.database.kind import Values

_MARK = re.compile(r"'[^']*'|\"[^\"]*\"|\?|(?<![:\w]):([a-z_]+)")
_MOST_KNOWN = 512


def numbered(sql: str, values: Values) -> tuple[str, Sequence[object]]:
    """Return a statement with `$1`, `$2`… for its marks, and its values in their order."""
    text, names = _numbered(sql)
    if isinstance(values, Mapping):
        return text, [values[name] for name in names]
    return text, values


@lru_cache(_MOST_KNOWN)
def _numbered(sql: str) -> tuple[str, tuple[str, ...]]:
    names: dict[str, int] = {}
    unnamed = 0

    def number(found: re.Match[str]) -> str:
        nonlocal unnamed
        if found[1]:
            return f"${names.setdefault(found[1], len(names) + 1)}"
        if found[0] != "?":
            return found[0]
        unnamed += 1
        return f"${unnamed}"

    return _MARK.sub(number, sql), tuple(names)
