"""Diaries of the floor, as short as they can be written."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from ivr.centre.kpi import Counts, Kpi, Stay, Thresholds
from ivr.model.floor import AgentChanged, AnyFloorEvent, Stamped

ZONE = ZoneInfo("Asia/Shanghai")
DAY = date(2026, 11, 23)


def on(clock: str, day: date = DAY, zone: ZoneInfo = ZONE, fold: int = 0) -> datetime:
    """Return a time of the bank's day."""
    return datetime.combine(day, time.fromisoformat(clock), zone).replace(fold=fold)


def diary(*events: tuple[str, AnyFloorEvent]) -> list[Stamped]:
    """Return a diary of the day."""
    return stamped((on(clock), event) for clock, event in events)


def stamped(events: Iterable[tuple[datetime, AnyFloorEvent]]) -> list[Stamped]:
    """Return a diary."""
    return [Stamped(number, at, event) for number, (at, event) in enumerate(events, 1)]


def taken(events: Iterable[Stamped], zone: ZoneInfo = ZONE, stays: list[Stay] | None = None) -> Kpi:
    """Return the figures after a diary."""
    kpi = Kpi(zone, stays=stays)
    for event in events:
        kpi.take(event)
    return kpi


def recounted(stays: Iterable[Stay]) -> Counts:
    """Return what the stays come to when they are counted at the end, once each."""
    counts = Counts()
    for stay in stays:
        counts.count(stay, Thresholds())
    return counts


def agent(name: str, state: str, act: str = "", reason: str = "") -> AgentChanged:
    """Return an agent's change of state."""
    return AgentChanged(name, act, state, reason)
