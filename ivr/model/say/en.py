"""English, as a bank speaks it.

Choices: no "and" inside a number (two hundred five), "and" only before the minor unit (five
dollars and five cents); times on the twelve-hour clock with noon and midnight named; years in
pairs (twenty twenty-six), two thousand to two thousand nine whole.
"""

from __future__ import annotations

import string
from collections.abc import Iterable, Mapping

from ivr.model.say.speaker import between, clock
from ivr.model.say.surnames import SURNAMES, initials, surname

_ONES = [
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
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_ORDINALS = {
    "one": "first",
    "two": "second",
    "three": "third",
    "five": "fifth",
    "eight": "eighth",
    "nine": "ninth",
    "twelve": "twelfth",
    "twenty": "twentieth",
    "thirty": "thirtieth",
}
_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
_UNITS = {
    "CNY": ("yuan", "yuan"),
    "USD": ("dollar", "dollars"),
    "EUR": ("euro", "euros"),
    "GBP": ("pound", "pounds"),
}
_MINORS = {"fen": ("fen", "fen"), "cent": ("cent", "cents"), "penny": ("penny", "pence")}
_MINOR_OF = {"CNY": "fen", "USD": "cent", "EUR": "cent", "GBP": "penny"}
# Cents alone mean US dollars: another currency with cents always names its major unit.
_ALONE = {"CNY", "USD", "GBP"}
_DURATIONS = ("day", "hour", "minute", "second")


def _words(number: int) -> str:
    """Return 0–99 in words."""
    if number < 20:
        return _ONES[number]
    ten, one = divmod(number, 10)
    return _TENS[ten - 2] + (f"-{_ONES[one]}" if one else "")


def _ordinal(number: int) -> str:
    head, dash, last = _words(number).rpartition("-")
    return head + dash + _ORDINALS.get(last, f"{last}th")


def _year(year: int) -> str:
    century, rest = divmod(year, 100)
    if year == 2000 or 2000 < year < 2010:
        return "two thousand" + (f" {_words(rest)}" if rest else "")
    return f"{_words(century)} {_words(rest) if rest else 'hundred'}"


def _segments() -> dict[str, str]:
    table = {f"s-{n}": _words(n) for n in range(100)}
    table |= {f"s-{n}00": f"{_words(n)} hundred" for n in range(1, 10)}
    table |= {f"s-{n}k": f"{_words(n)} thousand" for n in range(1, 100)}
    table |= {"s-thousand": "thousand", "s-million": "million", "s-billion": "billion"}
    table |= {"s-minus": "minus", "s-and": "and", "s-pause": ","}
    table |= {f"s-d{n}": _ONES[n] for n in range(10)}
    for code, forms in _UNITS.items():
        table |= {f"s-{code.lower()}": forms[1], f"s-{code.lower()}-1": forms[0]}
    for unit, forms in _MINORS.items():
        table |= {f"s-{unit}": forms[1], f"s-{unit}-1": forms[0]}
    table |= {f"s-and{n}fen": f"and {_words(n)} fen" for n in range(1, 100)}
    table |= {f"s-y{year}": _year(year) for year in range(2000, 2101)}
    table |= {f"s-m{n}": month for n, month in enumerate(_MONTHS, 1)}
    table |= {f"s-day{n}": _ordinal(n) for n in range(1, 32)}
    table |= {f"s-oh{n}": f"oh {_words(n)}" for n in range(1, 10)}
    table |= {"s-am": "AM", "s-pm": "PM", "s-noon": "noon", "s-midnight": "midnight"}
    table |= {f"s-letter-{letter}": letter.upper() for letter in string.ascii_lowercase}
    table |= {"s-name": "the account holder"}
    for unit in _DURATIONS:
        table |= {f"s-{unit}": f"{unit}s", f"s-{unit}-1": unit}
    return table


def _below_1000(number: int) -> list[str]:
    hundreds, rest = divmod(number, 100)
    ids = [f"s-{hundreds}00"] if hundreds else []
    return [*ids, f"s-{rest}"] if rest else ids


def _thousands(group: int) -> list[str]:
    hundreds, rest = divmod(group, 100)
    ids = [f"s-{hundreds}00"] if hundreds else []
    return [*ids, f"s-{rest}k" if rest else "s-thousand"]


def _cardinal(number: int) -> list[str]:
    if number < 100:
        return [f"s-{number}"]
    billions, rest = divmod(number, 1_000_000_000)
    millions, rest = divmod(rest, 1_000_000)
    thousands, units = divmod(rest, 1000)
    ids: list[str] = []
    if billions:
        ids += [*_below_1000(billions), "s-billion"]
    if millions:
        ids += [*_below_1000(millions), "s-million"]
    if thousands:
        ids += _thousands(thousands)
    if units:
        ids += _below_1000(units)
    return ids


def _counted(number: int, unit: str) -> list[str]:
    return ["s-1", f"{unit}-1"] if number == 1 else [*_cardinal(number), unit]


class English:
    """The English say-layer."""

    segments: Mapping[str, str] = _segments()

    def number(self, number: int) -> list[str]:
        """Speak a whole number."""
        return ["s-minus", *_cardinal(-number)] if number < 0 else _cardinal(number)

    def money(self, minor: int, currency: str) -> list[str]:
        """Speak an amount: two thousand five hundred yuan and thirty fen."""
        if currency not in _UNITS:
            raise ValueError("no words for this currency")
        ids = ["s-minus"] if minor < 0 else []
        major, rest = divmod(abs(minor), 100)
        unit = _MINOR_OF[currency]
        if not major and rest and currency in _ALONE:
            return ids + _counted(rest, f"s-{unit}")
        ids += _counted(major, f"s-{currency.lower()}")
        if rest and currency == "CNY":
            ids.append(f"s-and{rest}fen")
        elif rest:
            ids += ["s-and", *_counted(rest, f"s-{unit}")]
        return ids

    def digits(self, digits: str) -> list[str]:
        """Speak digit by digit."""
        return [f"s-d{digit}" for digit in digits]

    def account(self, digits: str) -> list[str]:
        """Speak digit by digit in fours."""
        fours = [self.digits(digits[place : place + 4]) for place in range(0, len(digits), 4)]
        return between(fours, "s-pause")

    def name(self, name: str) -> list[str]:
        """Speak initials, or spell a Chinese surname: J C; W A N G."""
        letters = initials(name) or SURNAMES.get(surname(name), "")
        return [f"s-letter-{letter}" for letter in letters] or ["s-name"]

    def date(self, year: int, month: int, day: int) -> list[str]:
        """Speak a date: November twenty-second twenty twenty-six."""
        return [f"s-m{month}", f"s-day{day}", f"s-y{year}"]

    def time(self, hour: int, minute: int) -> list[str]:
        """Speak a time of day: nine thirty AM."""
        if not minute and hour % 12 == 0:
            return ["s-noon" if hour else "s-midnight"]
        ids = [f"s-{hour % 12 or 12}"]
        if minute:
            ids.append(f"s-oh{minute}" if minute < 10 else f"s-{minute}")
        return [*ids, "s-am" if hour < 12 else "s-pm"]

    def duration(self, seconds: int) -> list[str]:
        """Speak a length of time: two hours five minutes."""
        return [segment for part in clock(seconds) for segment in _counted(*part)]

    def text(self, ids: Iterable[str]) -> str:
        """Return what these segments say."""
        table = self.segments
        return " ".join([table[segment] for segment in ids]).replace(" ,", ",")


SPEAKER = English()
