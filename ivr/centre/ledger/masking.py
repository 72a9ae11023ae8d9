"""What people see of long numbers: the last four digits."""

from __future__ import annotations

import re

_LONG = re.compile(r"[0-9]{4,}(?=[0-9]{4}(?![0-9]))")


def masked(text: str) -> str:
    """Return a text in which of every number of eight digits or more only the last four are left."""
    return _LONG.sub("••••", text)
