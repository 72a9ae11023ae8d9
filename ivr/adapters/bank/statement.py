"""What people look up in the books: all accounts, and an account's statement with the balance after
each entry."""

from __future__ import annotations

from datetime import date, datetime, tzinfo
from pathlib import Path

import msgspec

from ivr.adapters.bank.counter import reference
from ivr.adapters.bank.file import KIND
from ivr.database.sqlite import prepare, reading
from ivr.model.errors import PortError
from ivr.model.values import Money

_LINES = """
    SELECT entries.at, entries.operation, detail, legs.amount, postings.day, number,
           sum(legs.amount) OVER (ORDER BY entries.at, entries.id)
    FROM legs JOIN entries ON entries.id = legs.entry
    LEFT JOIN postings ON postings.entry = entries.id
    WHERE account = ? ORDER BY entries.at, entries.id"""


class StatementLine(msgspec.Struct, frozen=True):
    """What an entry added to the account, or took from it, in minor units; and what was there then.

    `reference` is that of an order posted; the bank's own entries have none.
    """

    at: datetime
    operation: str
    detail: str
    reference: str
    amount: int
    balance: int


class Statement(msgspec.Struct, frozen=True):
    """An account on some days. `opening` and `closing` are its balance before and after them."""

    account: str
    kind: str
    customer: str | None
    currency: str
    opening: int
    lines: tuple[StatementLine, ...]
    closing: int


class Listed(msgspec.Struct, frozen=True):
    """An account of a customer, as it stands."""

    account: str
    kind: str
    customer: str
    balance: Money


class Bill(msgspec.Struct, frozen=True):
    """A bill, whoever's it is."""

    biller: str
    name: str
    reference: str
    amount: Money
    due: str
    paid: bool


def listed(path: Path) -> tuple[Listed, ...]:
    """Return the accounts of all customers. Raises PortError."""
    prepare(path, KIND)
    with reading(path, KIND.port) as database:
        found = database.execute(
            """SELECT number, kind, customer, balance, currency FROM books
               WHERE customer IS NOT NULL ORDER BY customer, kind, number"""
        ).fetchall()
    return tuple(
        Listed(number, kind, customer, Money(balance, currency))
        for number, kind, customer, balance, currency in found
    )


def bills(path: Path) -> tuple[Bill, ...]:
    """Return all bills. Raises PortError."""
    prepare(path, KIND)
    with reading(path, KIND.port) as database:
        found = database.execute(
            """SELECT biller, name, reference, amount, due, paid_by IS NOT NULL FROM bills
               JOIN billers ON id = biller ORDER BY biller, reference"""
        ).fetchall()
    return tuple(
        Bill(biller, name, number, Money(amount), due, bool(paid))
        for biller, name, number, amount, due, paid in found
    )


def statement(path: Path, account: str, since: date, until: date, zone: tzinfo) -> Statement:
    """Return the statement of an account from a day to a day, both included. Raises PortError."""
    prepare(path, KIND)
    with reading(path, KIND.port) as database:
        found = database.execute(
            "SELECT number, kind, customer, currency FROM books WHERE number = ?", (account,)
        ).fetchone()
        if found is None:
            raise PortError("bank", f"there is no account {account}: see `ivr bank show`")
        lines = [_line(row, zone) for row in database.execute(_LINES, (account,))]
    before = [one for one in lines if one.at.date() < since]
    shown = tuple(one for one in lines if since <= one.at.date() <= until)
    opening = before[-1].balance if before else 0
    number, kind, customer, currency = found
    closing = shown[-1].balance if shown else opening
    return Statement(number, kind, customer, currency, opening, shown, closing)


def _line(row: tuple[int, str, str, int, str | None, int, int], zone: tzinfo) -> StatementLine:
    at, operation, detail, amount, day, number, balance = row
    said = reference(day, number) if day else ""
    return StatementLine(
        datetime.fromtimestamp(at / 1000, zone), operation, detail, said, amount, balance
    )
