"""Mandarin, as a bank speaks it.

Choices: 两 before 百, 千, 万, 亿 and any unit (两百, 两千, 两元), 二 elsewhere and before 角 and 分;
一十五 after 百 or 零, 十五 alone; one 零 for any run of empty places inside a number; 幺 for 1 in
digits, because 一 and 七 are easily confused on the telephone; 日 for the day of the month; 整 after
a whole number of 元.

A syllable recorded alone is hard to understand on the telephone, so wherever it can be a recording
has two or more: digits come in pairs, 零 and 元 with what follows them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ivr.model.say.speaker import between, clock
from ivr.model.say.surnames import SURNAMES, surname

_DIGITS = "零一二三四五六七八九"
_LIANG = "零一两三四五六七八九"
_UNITS = {"USD": "美元", "EUR": "欧元", "GBP": "英镑"}
_MINORS = {"USD": "美分", "EUR": "欧分", "GBP": "便士"}
_PERIODS = ["凌晨"] * 6 + ["上午"] * 6 + ["中午"] + ["下午"] * 5 + ["晚上"] * 6


def _tens(number: int, *, inside: bool) -> str:
    """Return 0–99 as text; `inside` a larger number 十 is 一十."""
    ten, one = divmod(number, 10)
    head = "" if not ten else "十" if ten == 1 and not inside else _DIGITS[ten] + "十"
    return head + (_DIGITS[one] if one or not ten else "")


def _yuan(rest: int) -> str:
    """Return 元 with the 0–99 fen that follow it."""
    jiao, fen = divmod(rest, 10)
    if not rest:
        return "元整"
    head = _DIGITS[jiao] + "角" if jiao else "零"
    return "元" + head + (_DIGITS[fen] + "分" if fen else "")


def _digit(digit: str) -> str:
    return "幺" if digit == "1" else _DIGITS[int(digit)]


def _hour(hour: int) -> str:
    clock_hour = hour if hour <= 12 else hour - 12
    return _PERIODS[hour] + ("两" if clock_hour == 2 else _tens(clock_hour, inside=False)) + "点"


def _someone(name: str) -> str:
    return "s-name" + "".join(f"-{ord(char):x}" for char in name)


def _segments() -> dict[str, str]:
    table = {f"s-{n}": _tens(n, inside=False) for n in range(100)}
    table |= {f"s-t{n}": _tens(n, inside=True) for n in range(10, 20)}
    table |= {f"s-z{n}": "零" + _tens(n, inside=True) for n in range(1, 100)}
    table |= {f"s-{n}00": _LIANG[n] + "百" for n in range(1, 10)}
    table |= {f"s-{n}000": _LIANG[n] + "千" for n in range(1, 10)}
    table |= {f"s-z{n}00": "零" + _LIANG[n] + "百" for n in range(1, 10)}
    table |= {f"s-z{n}000": "零" + _LIANG[n] + "千" for n in range(1, 10)}
    table |= {f"s-w{n}": ("两" if n == 2 else _tens(n, inside=False)) + "万" for n in range(1, 100)}
    table |= {"s-w": "万", "s-e": "亿", "s-2l": "两", "s-minus": "负", "s-pause": "，"}
    table |= {f"s-d{n}": _digit(str(n)) for n in range(10)}
    table |= {f"s-d{n:02d}": "".join(map(_digit, f"{n:02d}")) for n in range(100)}
    table |= {f"s-{code.lower()}": unit for code, unit in _UNITS.items()}
    table |= {f"s-{code.lower()}-minor": unit for code, unit in _MINORS.items()}
    table |= {f"s-yuan{n}": _yuan(n) for n in range(100)}
    table |= {f"s-y{y}": "".join(_DIGITS[int(d)] for d in str(y)) + "年" for y in range(2000, 2101)}
    table |= {f"s-m{n}": _tens(n, inside=False) + "月" for n in range(1, 13)}
    table |= {f"s-day{n}": _tens(n, inside=False) + "日" for n in range(1, 32)}
    table |= {f"s-h{n}": _hour(n) for n in range(24)}
    table |= {f"s-min{n}": "零" * (n < 10) + _tens(n, inside=False) + "分" for n in range(1, 60)}
    table |= {_someone(name): f"{name}某" for name in SURNAMES} | {"s-name": "某某"}
    table |= {"s-day": "天", "s-hour": "小时", "s-minute": "分钟", "s-second": "秒"}
    return table


def _four(number: int, *, zero: bool) -> list[str]:
    """Speak 1–9999, with 零 in front if `zero`."""
    thousands, rest = divmod(number, 1000)
    hundreds, tail = divmod(rest, 100)
    ids: list[str] = []
    if thousands:
        ids.append(f"s-z{thousands}000" if zero else f"s-{thousands}000")
    if hundreds:
        ids.append(f"s-z{hundreds}00" if zero and not thousands else f"s-{hundreds}00")
    if tail and hundreds:
        ids.append(f"s-z{tail}" if tail < 10 else f"s-t{tail}" if tail < 20 else f"s-{tail}")
    elif tail:
        ids.append(f"s-z{tail}" if thousands or zero else f"s-{tail}")
    return ids


def _cardinal(number: int) -> list[str]:
    if number < 100:
        return [f"s-{number}"]
    yi, rest = divmod(number, 100_000_000)
    wan, units = divmod(rest, 10_000)
    ids: list[str] = []
    if yi:
        ids += ["s-2l"] if yi == 2 else _four(yi, zero=False)
        ids.append("s-e")
    if wan:
        zero = bool(yi) and wan < 1000
        ids += [f"s-w{wan}"] if wan < 100 and not zero else [*_four(wan, zero=zero), "s-w"]
    if units:
        ids += _four(units, zero=bool(ids) and (units < 1000 or not wan))
    return ids


def _counted(number: int, unit: str) -> list[str]:
    return ["s-2l", unit] if number == 2 else [*_cardinal(number), unit]


class Mandarin:
    """The Mandarin say-layer."""

    segments: Mapping[str, str] = _segments()

    def number(self, number: int) -> list[str]:
        """Speak a whole number."""
        return ["s-minus", *_cardinal(-number)] if number < 0 else _cardinal(number)

    def money(self, minor: int, currency: str) -> list[str]:
        """Speak an amount in 元角分, or in another currency's units."""
        ids = ["s-minus"] if minor < 0 else []
        major, rest = divmod(abs(minor), 100)
        if currency == "CNY":
            return ids + _counted(major, f"s-yuan{rest}")
        if currency not in _UNITS:
            raise ValueError("no words for this currency")
        if major or not rest:
            ids += _counted(major, f"s-{currency.lower()}")
        if rest:
            ids += _counted(rest, f"s-{currency.lower()}-minor")
        return ids

    def digits(self, digits: str) -> list[str]:
        """Speak digit by digit, 1 as 幺."""
        return [f"s-d{digits[place : place + 2]}" for place in range(0, len(digits), 2)]

    def account(self, digits: str) -> list[str]:
        """Speak digit by digit in fours, 1 as 幺."""
        fours = [self.digits(digits[place : place + 4]) for place in range(0, len(digits), 4)]
        return between(fours, "s-pause")

    def name(self, name: str) -> list[str]:
        """Speak the surname: 王某."""
        return [_someone(surname(name))]

    def date(self, year: int, month: int, day: int) -> list[str]:
        """Speak a date: 二零二六年十一月二十二日."""
        return [f"s-y{year}", f"s-m{month}", f"s-day{day}"]

    def time(self, hour: int, minute: int) -> list[str]:
        """Speak a time of day: 下午两点零五分."""
        return [f"s-h{hour}", f"s-min{minute}"] if minute else [f"s-h{hour}"]

    def duration(self, seconds: int) -> list[str]:
        """Speak a length of time: 两小时五分钟."""
        return [segment for part in clock(seconds) for segment in _counted(*part)]

    def text(self, ids: Iterable[str]) -> str:
        """Return what these segments say."""
        table = self.segments
        return "".join([table[segment] for segment in ids])


SPEAKER = Mandarin()
