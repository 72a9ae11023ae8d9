"""Acts that override opening hours."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from msgspec.structs import replace

from ivr.centre.releases.state import Act, State
from ivr.model.calendar import Override


class SetHours(Act, frozen=True):
    """On these days other hours hold than the calendars say."""

    days: tuple[Override, ...]

    def apply(self, state: State, number: int) -> State:
        named = {(one.calendar, one.day) for one in self.days}
        return replace(state, overrides=(*_without(state, named), *self.days))

    @property
    def words(self) -> str:
        first, *more = self.days
        said = f"hours of {first.calendar} on {first.day}: {first.words}"
        return f"{said}, and {len(more)} more" if more else said


class ClearHours(Act, frozen=True):
    """On these days the calendar's own hours hold again."""

    calendar: str
    days: tuple[date, ...]

    def apply(self, state: State, number: int) -> State:
        named = {(self.calendar, day) for day in self.days}
        return replace(state, overrides=_without(state, named))

    @property
    def words(self) -> str:
        first, *more = self.days
        said = f"hours of {self.calendar} on {first}: as usual"
        return f"{said}, and {len(more)} more" if more else said


def _without(state: State, named: Iterable[tuple[str, date]]) -> tuple[Override, ...]:
    return tuple(one for one in state.overrides if (one.calendar, one.day) not in named)
