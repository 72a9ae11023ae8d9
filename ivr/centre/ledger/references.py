"""Numbers that people say and key: eight digits, the last one a check digit.

Verhoeff's digit finds every mistyped digit and every two neighbours that were swapped, which is what
happens to numbers that are heard on the telephone and keyed from memory.
"""

from __future__ import annotations

from stdnum import verhoeff

DIGITS = 8
COUNT = 9 * 10 ** (DIGITS - 2)
"""How many there are: none begins with 0."""


def reference(number: int) -> str:
    """Return the reference with a number, 0 to COUNT - 1."""
    if not 0 <= number < COUNT:
        raise ValueError(f"there is no reference {number}")
    digits = str(10 ** (DIGITS - 2) + number)
    return digits + str(verhoeff.calc_check_digit(digits))


def is_reference(text: str) -> bool:
    """Whether this can be a reference: nothing mistyped in it."""
    return (
        len(text) == DIGITS
        and text.isdecimal()
        and text.isascii()
        and bool(verhoeff.is_valid(text))
    )
