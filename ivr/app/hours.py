"""Overriding opening hours: what is written to the ledger, and how hours then are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import msgspec

from ivr.app.ledger import Ledger, ReleaseError
from ivr.centre.hours import Status, overridden, spans, state, until
from ivr.centre.releases import Entry, State
from ivr.centre.releases.kinds.hours import ClearHours, SetHours
from ivr.model.calendar import Calendar, Override, Span
from ivr.model.errors import OneCallError
from ivr.model.hints import closest


class HoursError(OneCallError):
    """The hours cannot be changed so: why, and what to write instead."""


class Day(msgspec.Struct, frozen=True):
    """An overridden day as it is listed; `past`: the day is over where the calendar is."""

    day: date
    hours: str
    past: bool


class Opening(msgspec.Struct, frozen=True):
    """A calendar as it is now: its hours of today, and those overridden."""

    calendar: str
    zone: str
    today: date
    hours: str
    status: Status
    opens: datetime | None
    closes: datetime | None
    overridden: tuple[Day, ...]


class HoursDesk:
    """What an administrator does to opening hours, in the state the ledger has now."""

    def __init__(
        self, ledger: Ledger, now: datetime, state: State, calendars: Mapping[str, Calendar]
    ) -> None:
        self._ledger = ledger
        self._now = now
        self._state = state
        self.calendars = calendars

    @classmethod
    async def open(cls, ledger: Ledger, now: datetime) -> HoursDesk:
        """Read the ledger. Raises ReleaseError before the first release, LedgerError, PortError."""
        state = await ledger.state()
        if state.in_force is None:
            raise ReleaseError("nothing is in force yet; run `ivr publish` first")
        flow_set = await ledger.flows_of(state.in_force.version)
        return cls(ledger, now, state, flow_set.calendars)

    def closing(self, name: str, day: date | None, at: time | None) -> Override:
        """Return the hours of a day (today) that is closed from `at` (now) on. Raises HoursError."""
        calendar = self._calendar(name)
        here = self._now.astimezone(ZoneInfo(calendar.zone))
        day = day or here.date()
        if at is None:
            if day != here.date():
                raise HoursError("say from when on: --at 15:00")
            at = here.time().replace(microsecond=0)
        if datetime.combine(day, at, here.tzinfo) < here.replace(microsecond=0):
            raise HoursError(f"{day} {at:%H:%M} is over; without --at it closes now")
        before = spans(overridden(calendar, self._state.overrides), day)
        after = until(before, at)
        if after == before:
            raise HoursError(f"{name} has no hours after {at:%H:%M} on {day}")
        return Override(name, day, after)

    def setting(self, name: str, day: date, hours: tuple[Span, ...] | None) -> Override:
        """Return the hours that a day gets, None for a holiday's. Raises HoursError for the past."""
        here = self._now.astimezone(ZoneInfo(self._calendar(name).zone))
        if day < here.date():
            raise HoursError(f"{day} is over, it is {here:%Y-%m-%d} where {name} is")
        return Override(name, day, hours)

    async def set(self, days: Sequence[Override], why: str, who: str) -> Entry:
        """Override hours. Raises HoursError, LedgerMoved, PortError."""
        for one in days:
            self._calendar(one.calendar)
        return await self._ledger.append(SetHours(tuple(days)), why=why, who=who, after=self._state)

    async def clear(self, name: str, days: Sequence[date], why: str, who: str) -> Entry:
        """Have the calendar's own hours hold again. Raises HoursError, LedgerMoved, PortError."""
        self._calendar(name)
        set_days = {one.day for one in self._state.overrides if one.calendar == name}
        for day in days:
            if day not in set_days:
                raise HoursError(f"{name} is not overridden on {day}; see `ivr hours show`")
        act = ClearHours(name, tuple(days))
        return await self._ledger.append(act, why=why, who=who, after=self._state)

    def openings(self, names: Iterable[str] = ()) -> list[Opening]:
        """Return how the calendars are now; without names, all of them. Raises HoursError."""
        chosen = [self._calendar(name) for name in names] or self.calendars.values()
        return [self._opening(calendar) for calendar in chosen]

    def _opening(self, calendar: Calendar) -> Opening:
        mine = sorted(
            (one for one in self._state.overrides if one.calendar == calendar.name),
            key=lambda one: one.day,
        )
        actual = overridden(calendar, mine)
        today = self._now.astimezone(ZoneInfo(calendar.zone)).date()
        now = state(actual, self._now)
        return Opening(
            calendar.name,
            calendar.zone,
            today,
            Override(calendar.name, today, spans(actual, today)).words,
            now.status,
            now.opens,
            now.closes,
            tuple(Day(one.day, one.words, one.day < today) for one in mine),
        )

    def _calendar(self, name: str) -> Calendar:
        found = self.calendars.get(name)
        if found is None:
            hint = closest(name, self.calendars) if self.calendars else "it has none"
            raise HoursError(f"the release in force has no calendar `{name}`: {hint}")
        return found
