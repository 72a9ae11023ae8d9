"""A ledger for tests: acts, a minute apart, one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from ivr.centre.releases import Act, Entry, State, fold, opened, seal
from ivr.ports.releases import FIRST, Sealed

NINE = datetime(2026, 11, 23, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))


def minute(number: int) -> datetime:
    """Return when the entry `number` of a test's ledger was written."""
    return NINE + timedelta(minutes=number)


def ledger(acts: Sequence[Act]) -> list[Sealed]:
    """Return the acts as a ledger."""
    sealed: list[Sealed] = []
    for number, act in enumerate(acts, 1):
        previous = sealed[-1].hash if sealed else FIRST
        entry = Entry(number, minute(number), "anna@node1", f"because {number}", act, previous)
        sealed.append(seal(entry))
    return sealed


def after(*acts: Act) -> State:
    """Return the state after these acts."""
    return fold([opened(sealed) for sealed in ledger(acts)])
