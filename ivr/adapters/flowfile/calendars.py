"""From a calendar file to a Calendar."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, time
from itertools import pairwise
from typing import TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import holidays

from ivr.adapters.flowfile.nodes import Loc, Tree, follow, key_place
from ivr.model.calendar import Calendar, Span
from ivr.model.codes import Code
from ivr.model.document import CalendarDocument
from ivr.model.problem import BadValue, Problem

T = TypeVar("T")

HOLIDAY_YEARS = range(2024, 2041)
"""The years whose public holidays are known to a calendar."""

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SPAN = re.compile(r"(\d{2}):(\d{2})\s*-\s*(\d{2}):(\d{2})")


class CalendarReader:
    """Makes a Calendar of a document, collecting what is wrong with it."""

    def __init__(self, document: CalendarDocument, tree: Tree) -> None:
        self.problems: list[Problem] = []
        self._document = document
        self._tree = tree

    def read(self) -> Calendar:
        """Return the calendar; it is to be used only if `problems` stays empty."""
        document = self._document
        self._try(_zone, document.zone, ("zone",))
        public, worked = self._holidays()
        return Calendar(
            name=document.calendar,
            zone=document.zone,
            week=self._week(),
            holidays=frozenset(public),
            holiday_hours=self._spans(document.holiday_hours, ("holiday_hours",)),
            workdays=frozenset((*worked, *self._dates(document.workdays, "workdays"))),
            exceptions=self._exceptions(),
        )

    def _week(self) -> tuple[tuple[Span, ...], ...]:
        week: list[tuple[Span, ...] | None] = [None] * 7
        for key, written in self._document.week.items():
            spans = self._spans(written, ("week", key))
            for day in self._try(_days, key, ("week", key), key=True) or ():
                if week[day] is not None:
                    error = BadValue(f"{_DAYS[day]} stands here twice", "name each day once")
                    self._note(error, ("week", key), key=True)
                week[day] = spans
        return tuple(spans or () for spans in week)

    def _holidays(self) -> tuple[set[date], set[date]]:
        written = self._document.holidays
        public: set[date] = set()
        worked: set[date] = set()
        for number, item in enumerate([written] if isinstance(written, str) else written):
            if item[:1].isdigit():
                day = self._try(_date, item, ("holidays", number))
                public |= {day} if day else set()
                continue
            found = self._try(_country, item, ("holidays", number))
            if found:
                public |= found[0]
                worked |= found[1]
        return public, worked

    def _exceptions(self) -> dict[date, tuple[Span, ...]]:
        made = {}
        for key, written in self._document.exceptions.items():
            spans = self._spans(written, ("exceptions", key))
            day = self._try(_date, key, ("exceptions", key), key=True)
            if day:
                made[day] = spans
        return made

    def _dates(self, written: Sequence[str], name: str) -> Iterator[date]:
        for number, item in enumerate(written):
            day = self._try(_date, item, (name, number))
            if day:
                yield day

    def _spans(self, written: Sequence[str] | str, loc: Loc) -> tuple[Span, ...]:
        if written == "closed":
            return ()
        items = [written] if isinstance(written, str) else written
        made = [self._try(_span, item, (*loc, number)) for number, item in enumerate(items)]
        spans = sorted((span for span in made if span), key=lambda span: span.opens)
        for earlier, later in pairwise(spans):
            if earlier.closes is None or earlier.closes > later.opens:
                self._note(BadValue("hours that overlap", "write them as one"), loc)
        return tuple(spans)

    def _try(self, read: Callable[[str], T], text: str, loc: Loc, *, key: bool = False) -> T | None:
        try:
            return read(text)
        except BadValue as error:
            self._note(error, loc, key=key)
            return None

    def _note(self, error: BadValue, loc: Loc, *, key: bool = False) -> None:
        place = key_place(self._tree, loc) if key else follow(self._tree, loc).place
        self.problems.append(Problem(Code.WRONG_CALENDAR, place, error.problem, error.hint))


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise BadValue(f"there is no time zone `{name[:64]}`", "e.g. Asia/Shanghai") from error


def _date(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or len(text) != 10:
        raise BadValue(f"`{text[:32]}` is not a date", "write 2026-10-01")
    return day


def _days(text: str) -> Iterable[int]:
    first, _, last = text.partition("-")
    if first not in _DAYS or (last or first) not in _DAYS:
        raise BadValue(f"`{text[:32]}` is not a day", "write mon, or mon-fri")
    start, end = _DAYS.index(first), _DAYS.index(last or first)
    return [day % 7 for day in range(start, end + 1 + (7 if end < start else 0))]


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


def _country(code: str) -> tuple[set[date], set[date]]:
    """Return a country's public holidays, and the weekend days worked for them."""
    if code not in holidays.list_supported_countries():
        hint = "write a country's two letters, e.g. CN, or a list of dates"
        raise BadValue(f"no holidays are known for `{code[:32]}`", hint)
    found = holidays.country_holidays(code, years=HOLIDAY_YEARS)
    return set(found), set(getattr(found, "weekend_workdays", ()))
