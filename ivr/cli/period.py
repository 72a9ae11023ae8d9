"""How far back a command looks: `7d`, `12h`, `30m`, or a date; and how far it has come from there."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.progress import Progress

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


def day(text: str, today: date) -> date:
    """Return the day that `today`, `yesterday` or a date is. Raises NoPeriod."""
    named = {"today": today, "yesterday": today - timedelta(days=1)}
    try:
        return named.get(text) or date.fromisoformat(text)
    except ValueError:
        raise NoPeriod(f"`{text}` is no day; write today, yesterday or 2026-11-23") from None


@contextmanager
def progress(begin: datetime, now: datetime) -> Iterator[Callable[[datetime], None]]:
    """Show on the terminal, as long as it lasts, how much of a period has been gone through; what is
    yielded is told up to when."""
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("calls", total=max((now - begin).total_seconds(), 1))
        yield lambda at: bar.update(task, completed=(at - begin).total_seconds())
