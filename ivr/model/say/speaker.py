"""What a language's say-layer is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol

import msgspec


class Said(msgspec.Struct, frozen=True):
    """A spoken value: the recordings to play in order, and what is heard as text."""

    segments: tuple[str, ...]
    text: str


class Speaker(Protocol):
    """One language: values → segment ids. Values are in range; see `ivr.model.say.value`.

    Ids start with `s-`, which authors' prompts may not. A segment whose text has no letter in it
    is a pause.
    """

    segments: Mapping[str, str]

    def number(self, number: int) -> list[str]:
        """Speak a whole number as a quantity."""

    def money(self, minor: int, currency: str) -> list[str]:
        """Speak an amount in minor units. Raises ValueError for an unknown currency."""

    def digits(self, digits: str) -> list[str]:
        """Speak digit by digit."""

    def account(self, digits: str) -> list[str]:
        """Speak digit by digit, with a short pause after every fourth."""

    def name(self, name: str) -> list[str]:
        """Speak a person's name, masked; whatever it is, something is said."""

    def date(self, year: int, month: int, day: int) -> list[str]:
        """Speak a date."""

    def time(self, hour: int, minute: int) -> list[str]:
        """Speak a time of day."""

    def duration(self, seconds: int) -> list[str]:
        """Speak a length of time."""

    def text(self, ids: Iterable[str]) -> str:
        """Return what these segments say."""


def between(groups: Iterable[list[str]], pause: str) -> list[str]:
    """Join groups of segments with a pause between each two."""
    ids: list[str] = []
    for group in groups:
        ids += [pause, *group] if ids else group
    return ids


def clock(seconds: int) -> list[tuple[int, str]]:
    """Split a duration into (count, segment of the unit), zero counts left out."""
    minutes, second = divmod(seconds, 60)
    hours, minute = divmod(minutes, 60)
    days, hour = divmod(hours, 24)
    parts = [(days, "s-day"), (hour, "s-hour"), (minute, "s-minute"), (second, "s-second")]
    return [part for part in parts if part[0]] or [(0, "s-second")]
