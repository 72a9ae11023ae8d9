"""Understand spoken English numbers: written from the grammar, not from the say-layer."""

from __future__ import annotations

import datetime
import re

_SMALL = {
    word: n
    for n, word in enumerate(
        [
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
            "sixteen",
            "seventeen",
            "eighteen",
            "nineteen",
        ]
    )
}
_TENS = {
    word: 10 * n
    for n, word in enumerate(
        ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"], start=2
    )
}
_SCALES = {"thousand": 1000, "million": 10**6, "billion": 10**9}
_MAJORS = {
    "yuan": "CNY",
    "dollar": "USD",
    "euro": "EUR",
    "pound": "GBP",
}
_MINORS = {"fen": "CNY", "cent": "USD", "pence": "GBP", "penny": "GBP"}
_IRREGULAR = {"first": 1, "second": 2, "third": 3, "fifth": 5, "eighth": 8, "ninth": 9}
_IRREGULAR |= {"twelfth": 12, "twentieth": 20, "thirtieth": 30}


def _below_100(text: str) -> int:
    if text in _SMALL:
        return _SMALL[text]
    ten, dash, one = text.partition("-")
    assert not dash or 0 < _SMALL[one] < 10, text
    return _TENS[ten] + (_SMALL[one] if dash else 0)


def parse_number(text: str) -> int:
    """Read a whole number."""
    words = text.split()
    if words[0] == "minus":
        return -parse_number(" ".join(words[1:]))
    total, group, limit = 0, 0, 10**12
    for word in words:
        if word == "hundred":
            assert 0 < group < 10, text
            group *= 100
        elif word in _SCALES:
            assert group, text
            assert _SCALES[word] < limit, text
            limit = _SCALES[word]
            total, group = total + group * limit, 0
        else:
            value = _below_100(word)
            assert group % 100 == 0, text
            assert value or words == ["zero"], text
            group += value
    return total + group


def parse_money(text: str) -> tuple[int, str]:
    """Read an amount: (minor units, currency)."""
    if text.startswith("minus "):
        amount, code = parse_money(text[6:])
        return -amount, code
    majors = "|".join(sorted(_MAJORS, key=len, reverse=True))
    found = re.fullmatch(
        f"(?:(.+?) ({majors})(s?))?(?: and )?(?:(.+) (fen|cent|pence|penny)(s?))?", text
    )
    assert found, text
    assert text
    major, unit, _, minor, minor_unit, _ = found.groups()
    assert bool(major and minor) == (" and " in text), text
    code = _MAJORS[unit] if unit else _MINORS[minor_unit]
    count = (parse_number(major) if major else 0) * 100 + (parse_number(minor) if minor else 0)
    _check_plural(major, unit, text)
    _check_plural(minor, minor_unit, text)
    return count, code


def _check_plural(count: str | None, unit: str | None, text: str) -> None:
    if count and unit not in ("yuan", "fen", "pence", "penny"):
        assert (f"{unit}s" in text) == (count != "one"), text


def parse_digits(text: str) -> str:
    """Read digits; pauses are not heard as anything."""
    return "".join(str(_SMALL[word]) for word in text.replace(",", "").split())


def _ordinal(text: str) -> int:
    head, _, last = text.rpartition("-")
    value = _IRREGULAR[last] if last in _IRREGULAR else _below_100(last.removesuffix("th"))
    return value + (_TENS[head] if head else 0)


def _year(text: str) -> int:
    if text.startswith("two thousand"):
        return parse_number(text)
    century, rest = text.split()
    return _below_100(century) * 100 + (0 if rest == "hundred" else _below_100(rest))


def parse_date(text: str) -> datetime.date:
    """Read a date."""
    month, day, year = text.split(maxsplit=2)
    number = datetime.datetime.strptime(month, "%B").replace(tzinfo=datetime.UTC).month
    return datetime.date(_year(year), number, _ordinal(day))


def parse_time(text: str) -> tuple[int, int]:
    """Read a time of day."""
    if text in ("noon", "midnight"):
        return (12, 0) if text == "noon" else (0, 0)
    found = re.fullmatch(r"(\S+)(?: (oh )?(\S+))? (AM|PM)", text)
    assert found, text
    minute = _below_100(found[3]) if found[3] else 0
    assert bool(found[2]) == (0 < minute < 10), text
    return _below_100(found[1]) % 12 + (12 if found[4] == "PM" else 0), minute


def parse_duration(text: str) -> int:
    """Read a length of time, in seconds."""
    total = 0
    for count, unit, plural in re.findall(r"(.+?) (day|hour|minute|second)(s?)(?: |$)", text):
        assert bool(plural) == (count != "one"), text
        size = {"day": 86_400, "hour": 3600, "minute": 60, "second": 1}[unit]
        total += parse_number(count) * size
    return total
