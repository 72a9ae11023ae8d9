"""PIN policy: how many wrong ones, and which are too easy to guess."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import msgspec

MAX_ATTEMPTS = 5
"""PINs ever evaluated for one account without a right one among them, until it is unlocked; and second
factors of one customer (PSD2, RTS art. 4(3)(b): five)."""

MAX_ATTEMPTS_ANI = 20
"""Wrong PINs that one calling number may key within `ANI_WINDOW`, whatever the accounts."""

ANI_WINDOW = timedelta(hours=24)
"""How long wrong PINs count against a calling number, from the first of them."""

MAX_ATTEMPTS_TRUNK = 500
"""Wrong PINs that may come by one trunk within `TRUNK_WINDOW`, whatever the calling numbers: these can
be invented, and the trunk cannot."""

TRUNK_WINDOW = timedelta(hours=1)

MESSAGE_CODE_DIGITS = 6
MESSAGE_CODE_VALID = timedelta(minutes=5)
"""How long a code sent by message is good for."""
MAX_MESSAGES = 3
"""Codes sent to one customer within `MESSAGES_WINDOW`."""
MESSAGES_WINDOW = timedelta(minutes=15)
MAX_CALLBACKS = 3
"""Calls back promised to one number within `CALLBACKS_WINDOW`."""
CALLBACKS_WINDOW = timedelta(hours=24)
SIGN_FIGURES = 2
"""Figures by which a call to the number on file proves that it is the bank's."""
ANSWER_FIGURES = 4
"""Figures that are keyed in it, to prove that whoever answers is who called."""
FIGURES_VALID = timedelta(minutes=10)
"""How long they are good for."""

POSITIONS_ASKED = 3
"""How many digits of a longer code are asked for at once."""
CODE_DIGITS = range(8, 13)
"""How long such a code may be."""


class Lockout(msgspec.Struct, frozen=True):
    """After how many wrong PINs no more is evaluated: of an account, by a calling number, by a trunk."""

    account: int = MAX_ATTEMPTS
    ani: int = MAX_ATTEMPTS_ANI
    ani_window: timedelta = ANI_WINDOW
    trunk: int = MAX_ATTEMPTS_TRUNK
    trunk_window: timedelta = TRUNK_WINDOW


COMMON = frozenset(
    [
        "131420",
        "134679",
        "147258",
        "147852",
        "159357",
        "159753",
        "258369",
        "321654",
        "456123",
        "584520",
        "654123",
        "741852",
        "753951",
        "789456",
        "852456",
        "963852",
        "987321",
    ]
)
"""The commonest PINs that no rule below finds: figures on the keypad, and numbers that sound like
words (520 and 1314 are love for ever, 168 is a fortune)."""


def is_weak(pin: str, account: str = "", born: str = "") -> bool:
    """Whether a PIN is one that a thief tries first.

    Runs (123456, 987654), repeated groups (111111, 121212, 123123), dates (YYMMDD, DDMMYY, MMDDYY),
    the commonest ones, digits of the `account` in a row and the year and month when the customer was
    `born` (ISO 8601) are weak, and so is anything that is not six digits.
    """
    if len(pin) != 6 or not (pin.isascii() and pin.isdecimal()):
        return True
    year, month = born[:4], born[5:7]
    own = pin in account or (bool(born) and pin in (year + month, month + year))
    return own or pin in COMMON or _is_run(pin) or _repeats(pin) or _is_date(pin)


def _is_run(pin: str) -> bool:
    steps = {(int(later) - int(digit)) % 10 for digit, later in pairwise(pin)}
    return steps in ({0}, {1}, {9})


def _repeats(pin: str) -> bool:
    return any(pin == pin[:size] * (len(pin) // size) for size in (1, 2, 3))


def _is_date(pin: str) -> bool:
    first, middle, last = int(pin[:2]), int(pin[2:4]), int(pin[4:])
    readings = ((middle, last), (middle, first), (first, middle))
    return any(1 <= month <= 12 and 1 <= day <= 31 for month, day in readings)
