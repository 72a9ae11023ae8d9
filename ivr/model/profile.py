"""What is remembered of a customer between calls, as a value."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import msgspec

from ivr.model.pace import Pace

MOST_ENTRIES = 6
"""Entries of a personal menu: as many as are kept in mind, and as have keys."""


class Move(msgspec.Struct, frozen=True):
    """A learnt move: two entries of a personal menu changed places, because one is used clearly more.

    Places count from 1. `choice` went up from place `fell` to place `rose`, `other` the other way.
    `used` and `other_used` are the uses that decided it.
    """

    choice: str
    other: str
    rose: int
    fell: int
    at: datetime
    used: int
    other_used: int


class Profile(msgspec.Struct, frozen=True):
    """What a customer's calls have in common.

    `language` is empty while none is remembered. `entries` is the personal menu: stable ids of
    choices, in the caller's order. Only while `learning` (opted in) are `uses` counted, by choice
    and month (`2026-11`), and only then may the order change by itself. `arranged_at` is when the
    order last changed, by the caller or by itself; `moved` the last learnt move. `revision` counts
    what was stored; 0 is a profile that never was.
    """

    customer: str
    language: str = ""
    entries: tuple[str, ...] = ()
    learning: bool = False
    uses: Mapping[str, Mapping[str, int]] = {}
    arranged_at: datetime | None = None
    moved: Move | None = None
    pace: Pace = Pace()
    revision: int = 0
