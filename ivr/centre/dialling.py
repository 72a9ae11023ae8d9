"""Which numbers may be dialled. What a caller keyed reaches a dial string only through here."""

from __future__ import annotations

import re

import msgspec

_NUMBER = re.compile(r"\+?[0-9]{3,20}")


class Numbers(msgspec.Struct, frozen=True):
    """The numbers that may be dialled: those that begin as one of `allow` and as none of `deny`."""

    allow: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()

    def allows(self, number: str) -> bool:
        """Whether a number may be dialled: digits, perhaps after a plus, and nothing else."""
        return (
            _NUMBER.fullmatch(number) is not None
            and number.startswith(self.allow)
            and not number.startswith(self.deny)
        )
