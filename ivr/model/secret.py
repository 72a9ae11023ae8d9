"""Secrets: PINs, card numbers, codes. They print as bullets wherever they go.

What Python can promise and what it cannot: the digits are kept in one buffer that never moves and
is overwritten by `wipe`. A `str` cannot be overwritten; so an entry is captured key by key into the
buffer, and only `reveal`, `head` and `tail` make one, for as long as their caller holds it.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

MASK = "•••"
_CAPACITY = 64
"""Keys of the longest entry there is (`ivr.model.digits.MAX_DIGITS`)."""


class Secret:
    """Digits that only the port which consumes them may read.

    repr, str and format show a mask; JSON, pickle and copy are refused; `wipe` overwrites the
    memory. Compare with `matches`, which takes the same time for every wrong value.
    """

    __slots__ = ("_digits", "_length")

    def __init__(self, digits: str = "") -> None:
        # A buffer that grew would leave its old place, and the digits in it, behind.
        self._digits = bytearray(max(_CAPACITY, len(digits)))
        self._length = len(digits)
        self._digits[: self._length] = digits.encode("ascii", "replace")

    def add(self, key: str) -> None:
        """Take one more key. Raises ValueError when the buffer is full."""
        if self._length == len(self._digits):
            raise ValueError("an entry holds no more keys")
        self._digits[self._length] = ord(key)
        self._length += 1

    def twin(self) -> Secret:
        """Return another with the same digits, for an owner who wipes it at another time."""
        other = Secret()
        other._digits[:] = self._digits
        other._length = self._length
        return other

    @contextmanager
    def exposed(self) -> Iterator[memoryview]:
        """Lend the digits (ASCII) without copying them, inside the `with` only."""
        with memoryview(self._digits)[: self._length].toreadonly() as view:
            yield view

    def reveal(self) -> str:
        """Return the digits, for the port that consumes them and nobody else."""
        return self._digits[: self._length].decode("ascii")

    def head(self, count: int = 6) -> str:
        """Return the first digits: of a card number no more than six may be kept."""
        return self._digits[: min(count, self._length)].decode("ascii")

    def tail(self, count: int = 4) -> str:
        """Return the last digits: of a card number no more than four may be kept or told."""
        return self._digits[max(0, self._length - count) : self._length].decode("ascii")

    def matches(self, other: str) -> bool:
        """Compare in constant time."""
        with self.exposed() as digits:
            return hmac.compare_digest(digits, other.encode("ascii", "replace"))

    def wipe(self) -> None:
        """Overwrite the digits."""
        self._digits[:] = bytes(len(self._digits))
        self._length = 0

    def __len__(self) -> int:
        return self._length

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
