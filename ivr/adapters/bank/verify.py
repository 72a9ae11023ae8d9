"""Whether the books are right: what the database keeps true anyway, looked at once more."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from pathlib import Path

import msgspec

from ivr.adapters.bank.file import KIND
from ivr.database.sqlite import prepare, reading

_FAULTS: Mapping[str, str] = {
    "entry {}: its legs of {} come to {}, not to zero": """
        SELECT entry, currency, sum(amount) FROM legs JOIN books ON number = account
        GROUP BY entry, currency HAVING sum(amount) <> 0""",
    "account {}: it says {}, and its legs come to {}": """
        SELECT number, balance, coalesce(sum(amount), 0) FROM books LEFT JOIN legs ON account = number
        GROUP BY number HAVING balance <> coalesce(sum(amount), 0)""",
    "account {} of a customer is at {}": """
        SELECT number, balance FROM books WHERE kind <> 'internal'
        AND iif(kind = 'loan', balance > 0, balance < 0)""",
    "posting {}: it was done, and no entry is there": """
        SELECT postings.key FROM postings LEFT JOIN entries ON entries.id = entry
        WHERE reason = '' AND postings.operation <> 'give_notice' AND entries.id IS NULL""",
    "posting {}: it was refused, and an entry is there": """
        SELECT key FROM postings WHERE reason <> '' AND entry IS NOT NULL""",
    "legs of entry {}, which is not there": """
        SELECT DISTINCT entry FROM legs LEFT JOIN entries ON id = entry WHERE id IS NULL""",
    "orders of funds wait for {}, and {} is put aside": """
        SELECT waiting, balance FROM
        (SELECT coalesce(sum(amount), 0) AS waiting FROM fund_orders WHERE entry IS NULL),
        (SELECT balance FROM books WHERE number = 'fund-orders') WHERE waiting <> balance""",
    "bonds {}: lots of {} are held, and {} is booked": """
        SELECT number, coalesce(sum(amount), 0), balance FROM books
        LEFT JOIN bond_lots ON holding = number AND entry IS NULL
        WHERE kind = 'bond' GROUP BY number HAVING coalesce(sum(amount), 0) <> balance""",
}
"""What is wrong, and the query that finds it."""


class Verified(msgspec.Struct, frozen=True):
    """What was looked at, and what is wrong with it."""

    accounts: int
    entries: int
    postings: int
    faults: tuple[str, ...]


def verify(path: Path) -> Verified:
    """Check the books of a bank. Raises PortError."""
    prepare(path, KIND)
    with reading(path, KIND.port) as database:
        accounts, entries, postings = database.execute(
            """SELECT (SELECT count(*) FROM books), (SELECT count(*) FROM entries),
               (SELECT count(*) FROM postings)"""
        ).fetchone()
        return Verified(accounts, entries, postings, faults_of(database))


def faults_of(database: sqlite3.Connection) -> tuple[str, ...]:
    """Return what is wrong with the books."""
    return tuple(
        fault.format(*row) for fault, query in _FAULTS.items() for row in database.execute(query)
    )
