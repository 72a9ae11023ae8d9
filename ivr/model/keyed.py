"""Grammars of values that are keyed: amounts with a decimal point, and days."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

import msgspec

POINT = "*"
"""The key that is the decimal point, as banks in China have it."""
_LEAP_YEARS = 8
"""A 29th of February comes within so many years."""


class Amount(msgspec.Struct, frozen=True, tag="amount"):
    """A number from `least` to `most`, both in units of the last of its `decimals`.

    `12*5` is 12.5. An entry with all its decimals is over by itself, another one by `terminator`.
    `cancel` clears the field; pressed again at once (`cleared`), it means back. Where it is the point
    as well, it clears as the first key, and as the second `*` of an entry.
    """

    least: int
    most: int
    decimals: int = 2
    terminator: str = "#"
    cancel: str = "*"
    cleared: bool = False

    def is_prefix(self, entry: str) -> bool:
        """Whether a valid entry begins with `entry`."""
        whole, point, rest = entry.partition(POINT)
        if not (whole.isdecimal() and len(whole) <= len(str(self.most // 10**self.decimals))):
            return False
        return not point or (
            self.decimals > 0 and len(rest) <= self.decimals and (rest.isdecimal() or not rest)
        )

    def is_valid(self, entry: str) -> bool:
        """Whether `entry` is a valid entry."""
        return self.is_prefix(entry) and self.least <= self.value(entry) <= self.most

    def is_longest(self, entry: str) -> bool:
        """Whether nothing valid is longer than `entry`."""
        whole, point, rest = entry.partition(POINT)
        if self.decimals:
            return bool(point) and len(rest) >= self.decimals
        return len(whole) >= len(str(self.most))

    def is_ended_by(self, key: str, entry: str) -> bool:
        """Whether `key` after `entry` says that the entry is over."""
        return key == self.terminator

    def is_cancelled_by(self, key: str, entry: str) -> bool:
        """Whether `key` after `entry` clears the entry."""
        point = key == POINT and self.decimals > 0
        return key == self.cancel and (not point or entry == "" or POINT in entry)

    def value(self, entry: str) -> int:
        """Return what an entry that `is_prefix` and not empty comes to."""
        whole, _, rest = entry.partition(POINT)
        return int(whole + rest.ljust(self.decimals, "0"))

    def keyed(self, value: int) -> str:
        """Return the shortest keys for a value, with what ends them."""
        whole, rest = divmod(value, 10**self.decimals)
        entry = f"{whole}{POINT}{rest:0{self.decimals}d}" if rest else str(whole)
        over = self.is_longest(entry) and self.is_valid(entry)
        return entry if over else entry + self.terminator

    def examples(
        self, entries: Iterable[str], digits: str, compared: Iterable[str] = ()
    ) -> Iterator[str]:
        """Yield keys of every class: none, the least and the most, what is `compared`, too many or too
        few, and the keys that mean something else."""
        yield ""
        if self.least <= self.most:
            yield from (self.keyed(self.least), self.keyed(self.most))
        yield from (entry + self.terminator for entry in compared if self.is_valid(entry))
        yield self.keyed(self.most + 1 if self.decimals else max(self.least - 1, 0))
        yield from (self.terminator, self.cancel)
        if self.decimals:
            yield "1" + POINT


class Day(msgspec.Struct, frozen=True, tag="day"):
    """A day from `first` to `last` (ISO 8601), keyed as MMDD (the next such day) or YYYYMMDD.

    `cancel` clears the field; pressed again at once (`cleared`), it means back.
    """

    first: str
    last: str
    terminator: str = "#"
    cancel: str = "*"
    cleared: bool = False

    def is_prefix(self, entry: str) -> bool:
        """Whether a valid entry begins with `entry`."""
        return len(entry) <= 8 and entry.isdecimal()

    def is_valid(self, entry: str) -> bool:
        """Whether `entry` is a valid entry."""
        day = self.value(entry)
        return day is not None and self.first <= day <= self.last

    def is_longest(self, entry: str) -> bool:
        """Whether nothing valid is longer than `entry`."""
        return len(entry) >= 8

    def is_ended_by(self, key: str, entry: str) -> bool:
        """Whether `key` after `entry` says that the entry is over."""
        return key == self.terminator

    def is_cancelled_by(self, key: str, entry: str) -> bool:
        """Whether `key` after `entry` clears the entry."""
        return key == self.cancel

    def value(self, entry: str) -> str | None:
        """Return the day of an entry (ISO 8601), or None where it is none."""
        if len(entry) == 8:
            return _day(entry)
        if len(entry) != 4:
            return None
        year = int(self.first[:4])
        days = (_day(f"{year + ahead}{entry}") for ahead in range(_LEAP_YEARS + 1))
        return next((day for day in days if day is not None and day >= self.first), None)

    def examples(
        self, entries: Iterable[str], digits: str, compared: Iterable[str] = ()
    ) -> Iterator[str]:
        """Yield keys of every class: none, the first and the last day, one too late, no day, and the
        keys that mean something else."""
        yield ""
        first, last = date.fromisoformat(self.first), date.fromisoformat(self.last)
        yield f"{first:%m%d}{self.terminator}"
        yield from (f"{day:%Y%m%d}" for day in (last, last + timedelta(days=1)))
        yield from ("0230" + self.terminator, self.terminator, self.cancel)


def _day(digits: str) -> str | None:
    text = f"{digits[:4]}-{digits[4:6]}-{digits[6:]}"
    try:
        date.fromisoformat(text)
    except ValueError:
        return None
    return text
