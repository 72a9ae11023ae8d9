"""What flows hand to the say-layer, read and bounded.

Every reader raises ValueError for a value that its kind has no words for.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Mapping

from ivr.model.say.speaker import Speaker
from ivr.model.values import Money, Scalar

NUMBER_LIMIT = 10**12
"""Numbers, major units and days spoken are below this, either sign."""

YEARS = range(2000, 2101)
"""The years that have a recording."""

_DIGITS = re.compile(r"[0-9]{1,64}")
_INTEGER = re.compile(r"-?[0-9]{1,13}")
_DATE = re.compile(r"(\d{4}-\d\d-\d\d)(?:[T ].*)?", re.ASCII)
_TIME = re.compile(r"(?:\d{4}-\d\d-\d\d[T ])?([01]\d|2[0-3]):([0-5]\d)(?::[0-5]\d.*)?", re.ASCII)


def _integer(value: Scalar) -> int:
    if isinstance(value, str) and _INTEGER.fullmatch(value):
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError("not a whole number")
    return value


def _number(speaker: Speaker, value: Scalar) -> list[str]:
    number = _integer(value)
    if abs(number) >= NUMBER_LIMIT:
        raise ValueError("too large")
    return speaker.number(number)


def _money(speaker: Speaker, value: Scalar) -> list[str]:
    if isinstance(value, str):
        value = Money.of(value)
    if not isinstance(value, Money):
        raise ValueError("not an amount of money")
    if abs(value.minor) >= NUMBER_LIMIT * 100:
        raise ValueError("too large")
    return speaker.money(value.minor, value.currency)


def _figures(speaker: Speaker, value: Scalar) -> list[str]:
    if isinstance(value, str):
        value = Money.of(value)
    if not isinstance(value, Money) or not 0 <= value.minor < NUMBER_LIMIT * 100:
        raise ValueError("not an amount of money that can be spelled")
    major, rest = divmod(value.minor, 100)
    ids = ["s-pause", *speaker.digits(str(major))]
    return [*ids, "s-pause", *speaker.digits(f"{rest:02d}")] if rest else ids


def _text_of_digits(value: Scalar) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or not _DIGITS.fullmatch(value):
        raise ValueError("not 1 to 64 digits")
    return value


def _digits(speaker: Speaker, value: Scalar) -> list[str]:
    return speaker.digits(_text_of_digits(value))


def _account(speaker: Speaker, value: Scalar) -> list[str]:
    return speaker.account(_text_of_digits(value))


def _name(speaker: Speaker, value: Scalar) -> list[str]:
    if not isinstance(value, str):
        raise ValueError("not a name")
    return speaker.name(value)


def _date(speaker: Speaker, value: Scalar) -> list[str]:
    found = _DATE.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise ValueError("not a date")
    date = datetime.date.fromisoformat(found[1])
    if date.year not in YEARS:
        raise ValueError("no recording of that year")
    return speaker.date(date.year, date.month, date.day)


def _time(speaker: Speaker, value: Scalar) -> list[str]:
    found = _TIME.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise ValueError("not a time of day")
    return speaker.time(int(found[1]), int(found[2]))


def _duration(speaker: Speaker, value: Scalar) -> list[str]:
    seconds = _integer(value)
    if not 0 <= seconds < NUMBER_LIMIT:
        raise ValueError("not a length of time")
    return speaker.duration(seconds)


READERS: Mapping[str, Callable[[Speaker, Scalar], list[str]]] = {
    "money": _money,
    "figures": _figures,
    "number": _number,
    "digits": _digits,
    "account": _account,
    "name": _name,
    "date": _date,
    "time": _time,
    "duration": _duration,
}
"""Kind → reader."""

TYPES: Mapping[str, tuple[str, ...]] = {
    "money": ("money", "text"),
    "figures": ("money", "text"),
    "number": ("number", "text"),
    "digits": ("text", "number"),
    "account": ("text", "number"),
    "name": ("text",),
    "date": ("text",),
    "time": ("text",),
    "duration": ("number", "text"),
}
"""Kind → the types of values (`ivr.model.values`) that some of are spoken so."""
