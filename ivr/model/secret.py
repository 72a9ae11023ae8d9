"""Secrets: PINs, card numbers, codes. They print as bullets wherever they go."""

from __future__ import annotations

import hmac
from typing import NoReturn

MASK = "•••"


class Secret:
    """Digits that only the port which consumes them may read.

    repr, str, format and JSON show a mask; pickle and copy are refused; `wipe` overwrites the
    memory. Compare with `matches`, which takes the same time for every wrong value.
    """

    __slots__ = ("_digits",)

    def __init__(self, digits: str) -> None:
        self._digits = bytearray(digits, "ascii")

    def reveal(self) -> str:
        """Return the digits, for the port that consumes them and nobody else."""
        return self._digits.decode("ascii")

    def matches(self, other: str) -> bool:
        """Compare in constant time."""
        return hmac.compare_digest(bytes(self._digits), other.encode("ascii", "replace"))

    def wipe(self) -> None:
        """Overwrite the digits."""
        self._digits[:] = b"\0" * len(self._digits)
        self._digits.clear()

    def __len__(self) -> int:
        return len(self._digits)

    def __repr__(self) -> str:
        return MASK

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return MASK

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret cannot be pickled or copied")

    __hash__ = None  # type: ignore[assignment]  # a secret is never a key

    def __eq__(self, other: object) -> bool:
        return self is other
