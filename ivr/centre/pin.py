"""PIN policy: how many wrong ones, and which are too easy to guess."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

MAX_ATTEMPTS = 5
"""PINs ever evaluated for one account without a right one among them, until it is unlocked."""

MAX_ATTEMPTS_ANI = 20
"""Wrong PINs that one calling number may key within `ANI_WINDOW`, whatever the accounts."""

ANI_WINDOW = timedelta(hours=24)
"""How long wrong PINs count against a calling number, from the first of them."""


def is_weak(pin: str) -> bool:
    """Whether a PIN is one that a thief tries first.

    Runs (123456, 987654), repeated groups (111111, 121212, 123123) and dates (YYMMDD, DDMMYY,
    MMDDYY) are weak, and so is anything that is not six digits.
    """
    if len(pin) != 6 or not (pin.isascii() and pin.isdecimal()):
        return True
    return _is_run(pin) or _repeats(pin) or _is_date(pin)


def _is_run(pin: str) -> bool:
    steps = {(int(later) - int(digit)) % 10 for digit, later in pairwise(pin)}
    return steps in ({0}, {1}, {9})


def _repeats(pin: str) -> bool:
    return any(pin == pin[:size] * (len(pin) // size) for size in (1, 2, 3))


def _is_date(pin: str) -> bool:
    first, middle, last = int(pin[:2]), int(pin[2:4]), int(pin[4:])
    readings = ((middle, last), (middle, first), (first, middle))
    return any(1 <= month <= 12 and 1 <= day <= 31 for month, day in readings)
