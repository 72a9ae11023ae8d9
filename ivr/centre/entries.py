"""How callers arrange their own menu, and how it learns: pure changes of a profile.

Learning is opted in. Uses are counted only from then on, by month, and forgotten when it is switched
off. At most one move is made in `MONTH`, counted from the last change of the order whoever made it,
and only between two entries of which the lower one is clearly more used; those two change places, so
that no third key means something new. A move is stored only once the caller was told of it.
"""

from __future__ import annotations

import enum
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from itertools import combinations

import msgspec
from msgspec.structs import replace

from ivr.model.profile import MOST_ENTRIES, Move, Profile

MONTH = timedelta(days=30)
"""No item moves by itself twice within this time."""
MONTHS_COUNTED = 3
"""Uses of this calendar month and the two before it count."""
CLEARLY_TIMES = 2
CLEARLY_MORE = 3
"""Clearly more used: at least twice as often, and at least three times more."""


class Edit(enum.StrEnum):
    """What came of an edit; only after DONE has the profile changed."""

    DONE = "done"
    ALREADY = "already"  # it is in the menu, in that place, or switched so already
    FULL = "full"
    NOT_OFFERED = "not_offered"  # nothing that may stand in an own menu
    MISSING = "missing"  # no such entry


class Edited(msgspec.Struct, frozen=True):
    """A profile after an edit, and what came of it."""

    profile: Profile
    result: Edit


def add(profile: Profile, choice: str, services: Collection[str], now: datetime) -> Edited:
    """Add a choice at the end. `services` are all ids that may stand in own menus.

    The seventh entry is refused, unless one is there that no menu has any more: that one goes.
    """
    if choice not in services:
        return Edited(profile, Edit.NOT_OFFERED)
    if choice in profile.entries:
        return Edited(profile, Edit.ALREADY)
    entries = profile.entries
    if len(entries) >= MOST_ENTRIES:
        gone = [entry for entry in entries if entry not in services]
        if not gone:
            return Edited(profile, Edit.FULL)
        profile = _without(profile, gone[0])
    return Edited(_arranged(profile, (*profile.entries, choice), now), Edit.DONE)


def remove(profile: Profile, choice: str, now: datetime) -> Edited:
    """Remove an entry; those after it move up."""
    if choice not in profile.entries:
        return Edited(profile, Edit.MISSING)
    rest = _without(profile, choice)
    return Edited(_arranged(rest, rest.entries, now), Edit.DONE)


def move(profile: Profile, choice: str, place: int, now: datetime) -> Edited:
    """Move an entry to a place, counted from 1; a place beyond the end is the end."""
    if choice not in profile.entries:
        return Edited(profile, Edit.MISSING)
    entries = [entry for entry in profile.entries if entry != choice]
    entries.insert(max(place, 1) - 1, choice)
    if tuple(entries) == profile.entries:
        return Edited(profile, Edit.ALREADY)
    return Edited(_arranged(profile, tuple(entries), now), Edit.DONE)


def set_learning(profile: Profile, learning: bool) -> Edited:
    """Opt in to the learnt order, or out of it: then what was counted is forgotten."""
    if profile.learning == learning:
        return Edited(profile, Edit.ALREADY)
    return Edited(replace(profile, learning=learning, uses={}, moved=None), Edit.DONE)


def use(profile: Profile, choice: str, now: datetime) -> Profile:
    """Count one use of an entry, if the caller has opted in."""
    if not profile.learning or choice not in profile.entries:
        return profile
    months = _months(now)
    this = months[0]
    counted = {month: n for month, n in profile.uses.get(choice, {}).items() if month in months}
    counted[this] = counted.get(this, 0) + 1
    return replace(profile, uses={**profile.uses, choice: counted})


def used(profile: Profile, choice: str, now: datetime) -> int:
    """Return how often an entry was used in the months that count."""
    counted = profile.uses.get(choice, {})
    return sum(counted.get(month, 0) for month in _months(now))


def learn(profile: Profile, now: datetime) -> tuple[Profile, Move | None]:
    """Make the move that is due, if one is: the profile after it, and the move to announce.

    Of the pairs in which the lower entry is clearly more used, the one with the largest difference
    changes places; of equal ones, the one nearest to the beginning of the menu.
    """
    if not profile.learning or not _settled(profile, now):
        return profile, None
    uses = [used(profile, entry, now) for entry in profile.entries]
    pairs = [
        (uses[low] - uses[high], -high, -low)
        for high, low in combinations(range(len(uses)), 2)
        if _clearly(uses[low], uses[high])
    ]
    if not pairs:
        return profile, None
    _, high, low = max(pairs)
    return _swapped(profile, -high, -low, uses, now)


def _clearly(more: int, fewer: int) -> bool:
    return more >= fewer * CLEARLY_TIMES and more >= fewer + CLEARLY_MORE


def _settled(profile: Profile, now: datetime) -> bool:
    return profile.arranged_at is None or now - profile.arranged_at >= MONTH


def _swapped(
    profile: Profile, high: int, low: int, uses: list[int], now: datetime
) -> tuple[Profile, Move]:
    entries = list(profile.entries)
    made = Move(
        choice=entries[low],
        other=entries[high],
        rose=high + 1,
        fell=low + 1,
        at=now,
        used=uses[low],
        other_used=uses[high],
    )
    entries[high], entries[low] = entries[low], entries[high]
    return replace(_arranged(profile, tuple(entries), now), moved=made), made


def _arranged(profile: Profile, entries: tuple[str, ...], now: datetime) -> Profile:
    # Once a caller has changed the order by hand, it is not a learnt one any more.
    return replace(profile, entries=entries, arranged_at=now, moved=None)


def _without(profile: Profile, choice: str) -> Profile:
    uses: Mapping[str, Mapping[str, int]] = {
        entry: counted for entry, counted in profile.uses.items() if entry != choice
    }
    entries = tuple(entry for entry in profile.entries if entry != choice)
    return replace(profile, entries=entries, uses=uses)


def _months(now: datetime) -> list[str]:
    """Return the months that count, this one first."""
    count = now.year * 12 + now.month - 1
    return [
        f"{month // 12}-{month % 12 + 1:02}" for month in range(count, count - MONTHS_COUNTED, -1)
    ]
