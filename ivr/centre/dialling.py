"""Which numbers may be dialled. What a caller keyed reaches a dial string only through here."""

from __future__ import annotations

import re

import msgspec

_NUMBER = re.compile(r"\+?[0-9]{3,20}")


class Numbers(msgspec.Struct, frozen=True):
    """The numbers that may be dialled: those that begin as one of `allow` and as none of `deny`.
    `country` is the calling code of the bank's country."""

    allow: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()
    country: str = "86"

    def allows(self, number: str) -> bool:
        """Whether a number may be dialled: digits, perhaps after a plus, and nothing else."""
        return (
            _NUMBER.fullmatch(number) is not None
            and number.startswith(self.allow)
            and not number.startswith(self.deny)
        )

    def telephone(self, number: str) -> str:
        """Return the one name of a telephone, however its number is written: `13900007777` for
        `+8613900007777`, `008613900007777` and `013900007777`; `+` and its country's code abroad."""
        if number.startswith(("+", "00")):
            abroad = number.removeprefix("+").removeprefix("00")
            if not abroad.startswith(self.country):
                return f"+{abroad}"
            number = abroad.removeprefix(self.country)
        return number.removeprefix("0")
