"""Days and their hours, as calendars and overrides write them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date, time
from itertools import pairwise
from typing import TypeVar

from ivr.adapters.flowfile.nodes import Loc, Tree, follow, key_place
from ivr.model.calendar import Span
from ivr.model.codes import Code
from ivr.model.problem import BadValue, Problem

T = TypeVar("T")

_SPAN = re.compile(r"(\d{2}):(\d{2})\s*-\s*(\d{2}):(\d{2})")


class DayReader:
    """Reads parts of a file, collecting what is wrong with them in `problems`."""

    def __init__(self, tree: Tree) -> None:
        self.problems: list[Problem] = []
        self._tree = tree

    def _spans(self, written: Sequence[str] | str, loc: Loc) -> tuple[Span, ...]:
        if written == "closed":
            return ()
        items = [written] if isinstance(written, str) else written
        made = [self._try(_span, item, (*loc, number)) for number, item in enumerate(items)]
        try:
            return in_order([span for span in made if span])
        except BadValue as error:
            self._note(error, loc)
            return ()

    def _try(self, read: Callable[[str], T], text: str, loc: Loc, *, key: bool = False) -> T | None:
        try:
            return read(text)
        except BadValue as error:
            self._note(error, loc, key=key)
            return None

    def _note(self, error: BadValue, loc: Loc, *, key: bool = False) -> None:
        place = key_place(self._tree, loc) if key else follow(self._tree, loc).place
        self.problems.append(Problem(Code.WRONG_CALENDAR, place, error.problem, error.hint))


def read_hours(written: Sequence[str]) -> tuple[Span, ...] | None:
    """Read a day's hours from a command line; None for `holiday`. Raises BadValue."""
    if list(written) == ["holiday"]:
        return None
    if list(written) == ["closed"]:
        return ()
    return in_order([_span(item) for item in written])


def in_order(spans: Sequence[Span]) -> tuple[Span, ...]:
    """Return the hours of a day, sorted. Raises BadValue for hours that overlap."""
    ordered = tuple(sorted(spans, key=lambda span: span.opens))
    for earlier, later in pairwise(ordered):
        if earlier.closes is None or earlier.closes > later.opens:
            raise BadValue("hours that overlap", "write them as one")
    return ordered


def read_date(text: str) -> date:
    """Read a date. Raises BadValue."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or len(text) != 10:
        raise BadValue(f"`{text[:32]}` is not a date", "write 2026-10-01")
    return day


def _span(text: str) -> Span:
    match = _SPAN.fullmatch(text)
    if match is None:
        raise BadValue(f"`{text[:32]}` are no hours", 'write "09:00-17:30", or closed')
    opens, closes = _clock(match[1], match[2]), _clock(match[3], match[4])
    if opens is None or (closes is not None and closes <= opens):
        hint = 'end a day at 24:00: "22:00-24:00", and "00:00-02:00" on the next'
        raise BadValue("hours that end before they begin", hint)
    return Span(opens, closes)


def _clock(hour: str, minute: str) -> time | None:
    """Return the time of day; None for 24:00."""
    if (hour, minute) == ("24", "00"):
        return None
    if int(hour) > 23 or int(minute) > 59:
        raise BadValue(f"there is no time {hour}:{minute}", "from 00:00 to 24:00")
    return time(int(hour), int(minute))
