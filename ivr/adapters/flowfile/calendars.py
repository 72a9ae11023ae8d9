"""From a calendar file to a Calendar."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import holidays

from ivr.adapters.flowfile.days import DayReader, read_date
from ivr.adapters.flowfile.nodes import Tree, key_place
from ivr.model.calendar import Calendar, Span
from ivr.model.document import CalendarDocument
from ivr.model.problem import BadValue

HOLIDAY_YEARS = range(2024, 2041)
"""The years whose public holidays are known to a calendar."""

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class CalendarReader(DayReader):
    """Makes a Calendar of a document, collecting what is wrong with it."""

    def __init__(self, document: CalendarDocument, tree: Tree) -> None:
        super().__init__(tree)
        self._document = document

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
            rules_holidays=bool({"holidays", "exceptions"} & document.model_fields_set),
            place=key_place(self._tree, ("calendar",)),
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
                day = self._try(read_date, item, ("holidays", number))
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
            day = self._try(read_date, key, ("exceptions", key), key=True)
            if day:
                made[day] = spans
        return made

    def _dates(self, written: Sequence[str], name: str) -> Iterator[date]:
        for number, item in enumerate(written):
            day = self._try(read_date, item, (name, number))
            if day:
                yield day


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise BadValue(f"there is no time zone `{name[:64]}`", "e.g. Asia/Shanghai") from error


def _days(text: str) -> Iterable[int]:
    first, _, last = text.partition("-")
    if first not in _DAYS or (last or first) not in _DAYS:
        raise BadValue(f"`{text[:32]}` is not a day", "write mon, or mon-fri")
    start, end = _DAYS.index(first), _DAYS.index(last or first)
    return [day % 7 for day in range(start, end + 1 + (7 if end < start else 0))]


@lru_cache(maxsize=32)
def _country(code: str) -> tuple[frozenset[date], frozenset[date]]:
    """Return a country's public holidays, and the weekend days worked for them."""
    if code not in holidays.list_supported_countries():
        hint = "write a country's two letters, e.g. CN, or a list of dates"
        raise BadValue(f"no holidays are known for `{code[:32]}`", hint)
    found = holidays.country_holidays(code, years=HOLIDAY_YEARS)
    return frozenset(found), frozenset(getattr(found, "weekend_workdays", ()))
