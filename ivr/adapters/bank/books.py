"""The books: double entry, which the database itself keeps balanced (see migration 0003)."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection
from datetime import datetime

import msgspec

CURRENCY = "CNY"

OWED = ("current", "savings")
"""The kinds of account that money can be moved from and to."""


class Account(msgspec.Struct, frozen=True):
    """An account to be opened; a customer's, unless it is internal."""

    number: str
    kind: str
    customer: str | None = None
    currency: str = CURRENCY


class Leg(msgspec.Struct, frozen=True):
    """What an entry adds to an account, in minor units; what it takes is negative."""

    account: str
    amount: int


class Entry(msgspec.Struct, frozen=True):
    """Something that happens in the books. `detail` is for people, on the statement; an entry of the
    bank's own has a `key`, so that it is made once."""

    operation: str
    at: datetime
    legs: tuple[Leg, ...]
    detail: str = ""
    key: str | None = None


def open_account(database: sqlite3.Connection, account: Account, opened: datetime) -> bool:
    """Open an account; one that is there stays. Tells whether it was opened."""
    done = database.execute(
        """INSERT OR IGNORE INTO books (number, kind, customer, currency, opened)
           VALUES (?, ?, ?, ?, ?)""",
        (account.number, account.kind, account.customer, account.currency, _day(opened)),
    )
    return done.rowcount > 0


def enter(database: sqlite3.Connection, entry: Entry) -> int:
    """Write an entry, within a transaction, and return its number. The database refuses one that does
    not balance, and one that would leave a customer less than nothing (sqlite3.IntegrityError)."""
    number = int(database.execute("SELECT coalesce(max(id), 0) + 1 FROM entries").fetchone()[0])
    database.executemany(
        "INSERT INTO legs (entry, account, amount) VALUES (?, ?, ?)",
        [(number, leg.account, leg.amount) for leg in entry.legs if leg.amount],
    )
    at = int(entry.at.timestamp() * 1000)
    database.execute(
        "INSERT INTO entries (id, day, at, operation, detail, key) VALUES (?, ?, ?, ?, ?, ?)",
        (number, _day(entry.at), at, entry.operation, entry.detail, entry.key),
    )
    return number


def balance(database: sqlite3.Connection, account: str) -> int | None:
    """Return what is on an account, in minor units; None when there is none."""
    found = database.execute("SELECT balance FROM books WHERE number = ?", (account,)).fetchone()
    return found and int(found[0])


def owns(
    database: sqlite3.Connection, customer: str, account: str, kinds: Collection[str] = OWED
) -> bool:
    """Whether an account is this customer's, and of one of these kinds."""
    found = database.execute(
        "SELECT kind FROM books WHERE number = ? AND customer = ?", (account, customer)
    ).fetchone()
    return found is not None and found[0] in kinds


def affords(database: sqlite3.Connection, legs: tuple[Leg, ...]) -> bool:
    """Whether the customers' accounts have what these legs take from them."""
    return all(
        leg.amount >= 0
        or database.execute(
            "SELECT kind = 'internal' OR balance + ? >= 0 FROM books WHERE number = ?",
            (leg.amount, leg.account),
        ).fetchone()[0]
        for leg in legs
    )


def holding_of(customer: str, product: str) -> str:
    """Return the account of what a customer holds of a fund or a bond."""
    return f"{customer}-{product}"


def units_account(product: str) -> str:
    """Return the internal account on the other side of a product's units."""
    return f"units-{product}"


def _day(at: datetime) -> str:
    return str(at.date())
