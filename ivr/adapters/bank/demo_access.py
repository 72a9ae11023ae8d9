"""What the demo's customers prove who they are with, beside their PINs.

Everything here is public: it opens nothing but this demo. `ivr bank show` prints it.
"""

from __future__ import annotations

import sqlite3

import msgspec

from ivr.pins import PinHasher


class DemoAccess(msgspec.Struct, frozen=True):
    """A customer's date of birth (ISO 8601), telephone banking code and card: its number, and the
    account that it draws on. The number on file is in `PHONES`."""

    customer: str
    born: str
    code: str = ""
    card: str = ""
    account: str = ""


ACCESS = (
    DemoAccess("C1001", "1978-05-14", "8412067395", "6200000000000005", "6222021001"),
    DemoAccess("C1002", "1990-11-02", "57301846", "6222021000000013", "6222021002"),
    DemoAccess("C1003", "1985-08-23"),
    DemoAccess("C1004", "1969-02-28", "290574813650", "4111111111111111", "6222021004"),
    DemoAccess("C1005", "1994-12-09", "63918472"),
    DemoAccess("C1006", "1982-04-17"),
)


def seed_access(database: sqlite3.Connection, pins: PinHasher) -> None:
    """Put them into a bank that knows the customers, as keyed hashes; what is there already stays."""
    add = database.executemany
    add("INSERT OR IGNORE INTO births VALUES (?, ?)", [(one.customer, one.born) for one in ACCESS])
    add(
        "INSERT OR IGNORE INTO card_numbers VALUES (?, ?, ?)",
        [(pins.keyed("card", one.card), one.customer, one.account) for one in ACCESS if one.card],
    )
    add(
        "INSERT OR IGNORE INTO code_digits VALUES (?, ?, ?)",
        [
            (one.customer, at, pins.keyed("code", one.customer, str(at), digit))
            for one in ACCESS
            for at, digit in enumerate(one.code, 1)
        ],
    )
