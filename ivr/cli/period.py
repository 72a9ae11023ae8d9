"""How far back a command looks: `7d`, `12h`, `30m`, or a date."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from ivr.model.errors import OneCallError

_BACK = re.compile(r"([0-9]{1,4})([dhm])")
_UNITS = {"d": timedelta(days=1), "h": timedelta(hours=1), "m": timedelta(minutes=1)}


class NoPeriod(OneCallError):
    """A text says no time."""


def since(text: str, now: datetime, zone: str) -> datetime:
    """Return the time that `7d`, `12h` or `30m` before `now` was, or that a date or a date and time
    of the bank's zone is. Raises NoPeriod."""
    if match := _BACK.fullmatch(text):
        return now - int(match[1]) * _UNITS[match[2]]
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise NoPeriod(f"`{text}` is no time; write 7d, 12h, 30m or 2026-11-22T08:00") from None
    return found if found.tzinfo is not None else found.replace(tzinfo=ZoneInfo(zone))
