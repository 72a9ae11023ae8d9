"""Understand spoken Mandarin numbers: written from the grammar, not from the say-layer."""

from __future__ import annotations

import datetime
import re

_VALUE = {char: n for n, char in enumerate("零一二三四五六七八九")} | {"两": 2, "幺": 1}
_PLACE = {"十": 10, "百": 100, "千": 1000}
_NUMBER = "[零一二两三四五六七八九十百千万亿]+"
_CODES = {"元": "CNY", "美元": "USD", "欧元": "EUR", "英镑": "GBP"}
_MINOR_CODES = {"美分": "USD", "欧分": "EUR", "便士": "GBP"}


def _section(text: str) -> int:
    """Read a number below ten thousand: 零 stands where places are empty, and only there."""
    total, last = 0, 10_000
    assert re.fullmatch("(零?[一二两三四五六七八九]?[十百千]?)*", text), text
    for zero, digit, place in re.findall("(零?)([一二两三四五六七八九]?)([十百千]?)", text):
        if not digit and not place:
            continue
        size = _PLACE.get(place, 1)
        assert size < last, text
        assert not total or bool(zero) == (size * 10 < last), text
        assert digit or (size == 10 and not total and not zero), text
        total, last = total + _VALUE[digit or "一"] * size, size
    return total


def parse_number(text: str) -> int:
    """Read a whole number."""
    if text.startswith("负"):
        return -parse_number(text[1:])
    if text == "零":
        return 0
    assert re.fullmatch(_NUMBER, text), text
    found = re.fullmatch("(?:(.+)亿)?(?:(.+)万)?(.*)", text)
    assert found, text
    total, place = 0, 0
    for section, size in zip(found.groups(), (100_000_000, 10_000, 1), strict=True):
        if not section:
            continue
        value = _section(section)
        gap = value < 1000 or place > size * 10_000
        assert section.startswith("零") == (bool(total) and gap), text
        total, place = total + value * size, size
    return total


def parse_money(text: str) -> tuple[int, str]:
    """Read an amount: (minor units, currency)."""
    sign, text = (-1, text[1:]) if text.startswith("负") else (1, text)
    yuan = re.fullmatch(
        f"({_NUMBER})元(?:整|(?:([一二三四五六七八九])角|零)(?:([一二三四五六七八九])分)?)", text
    )
    if yuan:
        assert not text.endswith("零"), text
        jiao, fen = (_VALUE[digit] if digit else 0 for digit in yuan.groups()[1:])
        return sign * (parse_number(yuan[1]) * 100 + jiao * 10 + fen), "CNY"
    found = re.fullmatch(f"(?:({_NUMBER})(美元|欧元|英镑))?(?:({_NUMBER})(美分|欧分|便士))?", text)
    assert found, text
    major, unit, minor, minor_unit = found.groups()
    codes = {_CODES[unit]} if unit else set()
    codes |= {_MINOR_CODES[minor_unit]} if minor_unit else set()
    (code,) = codes
    amount = (parse_number(major) if major else 0) * 100 + (parse_number(minor) if minor else 0)
    return sign * amount, code


def parse_digits(text: str) -> str:
    """Read digits; pauses are not heard as anything."""
    return "".join(str(_VALUE[char]) for char in text.replace("，", ""))


def parse_date(text: str) -> datetime.date:
    """Read a date."""
    found = re.fullmatch("(.{4})年(.+)月(.+)日", text)
    assert found, text
    return datetime.date(
        int(parse_digits(found[1])), parse_number(found[2]), parse_number(found[3])
    )


def parse_time(text: str) -> tuple[int, int]:
    """Read a time of day."""
    found = re.fullmatch("(凌晨|上午|中午|下午|晚上)(.+)点(?:(.+)分)?", text)
    assert found, text
    hour = parse_number(found[2])
    if found[1] in ("下午", "晚上"):
        hour += 12
    return hour, parse_number(found[3].lstrip("零")) if found[3] else 0


def parse_duration(text: str) -> int:
    """Read a length of time, in seconds."""
    found = re.fullmatch(
        f"(?:({_NUMBER})天)?(?:({_NUMBER})小时)?(?:({_NUMBER})分钟)?(?:({_NUMBER})秒)?", text
    )
    assert found, text
    assert text
    counts = [parse_number(count) if count else 0 for count in found.groups()]
    return ((counts[0] * 24 + counts[1]) * 60 + counts[2]) * 60 + counts[3]
