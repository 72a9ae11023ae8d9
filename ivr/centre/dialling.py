"""Telephones: what each is called however its number is written, and which may be dialled. What a caller
keyed reaches a dial string only through here."""

from __future__ import annotations

import re

import msgspec

CHINA = "86"
"""The calling code of a country."""

_NUMBER = re.compile(r"\+?[0-9]{3,20}")
_BETWEEN = re.compile(r"[\s().-]")
"""What people write between digits."""


def telephone(number: str, country: str = CHINA) -> str:
    """Return the one name of a telephone: `13900007777` for `+86 139 0000 7777`, `008613900007777` and
    `013900007777`; `+` and its country's code abroad. `country` is the code of the bank's own."""
    digits = _BETWEEN.sub("", number)
    if digits.startswith(("+", "00")):
        abroad = digits.lstrip("+0")
        if not abroad.startswith(country):
            return f"+{abroad}" if abroad else ""
        digits = abroad.removeprefix(country)
    return digits.lstrip("0")


class Numbers(msgspec.Struct, frozen=True):
    """The numbers that may be dialled: those that begin as one of `allow` and as none of `deny`.
    `country` is the calling code of the bank's country."""

    allow: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()
    country: str = CHINA

    def allows(self, number: str) -> bool:
        """Whether a number may be dialled: digits, perhaps after a plus, and nothing else."""
        return (
            _NUMBER.fullmatch(number) is not None
            and number.startswith(self.allow)
            and not number.startswith(self.deny)
        )

    def telephone(self, number: str) -> str:
        """Return the one name of a telephone: see `telephone`."""
        return telephone(number, self.country)
