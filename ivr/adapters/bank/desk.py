"""What the bank's operations share: who asks, what was given, and what is planned of it.

An operation is a function that plans: what it would move, cost and change, or why not. The bank tells
its terms by the plan, and posts by a plan made anew; so what is read back is what is posted.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from typing import Any

import msgspec

from ivr.adapters.bank.books import CURRENCY, OWED, Account, Leg, balance, owns
from ivr.model.errors import PortError
from ivr.model.values import Money, Scalar, type_of
from ivr.ports.posting import OPERATIONS, Item, Reason

MOST = 10**13
"""Amounts and units above this are none of a telephone's."""

_NAME = re.compile(r"[A-Za-z0-9-]{1,64}")


class Refused(Exception):
    """The bank does not do it."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason


class Asked(msgspec.Struct, frozen=True):
    """Whom an operation or a choice is for, and when (in the bank's zone)."""

    database: sqlite3.Connection
    customer: str
    now: datetime

    @property
    def today(self) -> date:
        return self.now.date()

    def rows(self, sql: str, *values: object) -> list[Any]:
        """Return what a query finds."""
        return self.database.execute(sql, values).fetchall()

    def row(self, sql: str, *values: object) -> Any:
        """Return the one row that a query finds. Raises Refused when there is no such target."""
        found = self.database.execute(sql, values).fetchone()
        if found is None:
            raise Refused(Reason.TARGET)
        return found

    def own(self, account: str, *kinds: str, otherwise: Reason = Reason.TARGET) -> str:
        """Return an account of the customer's. Raises Refused: nobody learns whether it is another's."""
        if not owns(self.database, self.customer, account, kinds or OWED):
            raise Refused(otherwise)
        return account

    def balance(self, account: str) -> int:
        """Return what is on an account; nothing when there is none."""
        return balance(self.database, account) or 0


class Given:
    """What an operation is given, each by its type."""

    def __init__(self, operation: str, arguments: Mapping[str, Scalar]) -> None:
        """Raises PortError for what the operation does not take."""
        takes = OPERATIONS[operation].takes
        if {name: type_of(value) for name, value in arguments.items()} != takes:
            wanted = ", ".join(f"{name}: {kind}" for name, kind in takes.items())
            raise PortError("bank", f"`{operation}` must be given {wanted}")
        self._arguments = arguments

    def text(self, name: str) -> str:
        """Return what something is called; empty when nothing can be called so."""
        text = str(self._arguments[name])
        return text if _NAME.fullmatch(text) else ""

    def number(self, name: str) -> int:
        """Return a number. Raises Refused for one that is not above zero, or absurd."""
        number = self._arguments[name]
        if not isinstance(number, int) or not 0 < number <= MOST:
            raise Refused(Reason.AMOUNT)
        return number

    def amount(self, name: str = "amount") -> int:
        """Return an amount in minor units. Raises Refused for one that is not above zero, absurd, or
        of another currency."""
        money = self._arguments[name]
        if (
            not isinstance(money, Money)
            or money.currency != CURRENCY
            or not 0 < money.minor <= MOST
        ):
            raise Refused(Reason.AMOUNT)
        return money.minor


class Done(msgspec.Struct, frozen=True):
    """A plan that is carried out, as a posting of this number."""

    database: sqlite3.Connection
    posting: int

    def write(self, sql: str, *values: object) -> None:
        """Change what is known of a product."""
        self.database.execute(sql, values)


class Plan(msgspec.Struct, frozen=True):
    """What an operation would do. `amount` is what is posted, without the `fee`; `opens` the account
    that some of the `legs` need; `detail` stands on the statement; `then` changes what else is known."""

    amount: int
    legs: tuple[Leg, ...] = ()
    fee: int = 0
    facts: dict[str, Scalar] = {}
    detail: str = ""
    opens: Account | None = None
    then: Callable[[Done], None] | None = None


Operate = Callable[[Asked, Given], Plan]
"""An operation. Raises Refused."""

Offer = Callable[[Asked], Iterator[Item]]
"""A source of things to choose from."""

FallDue = Callable[[sqlite3.Connection, datetime], None]
"""Does what has fallen due by a day: the bank's own work overnight."""


def paying(account: str, amount: int, fee: int, *others: Leg) -> tuple[Leg, ...]:
    """Return the legs of a payment from an account, with its fee."""
    return Leg(account, -amount - fee), *others, Leg("fees", fee)


def money(minor: int) -> Money:
    """Return minor units of the bank's currency as money."""
    return Money(minor, CURRENCY)


def hours_since(began: int, now: datetime) -> int:
    """Return the whole hours since a time (Unix seconds)."""
    return max(0, int(now.timestamp()) - began) // 3600


def tail(account: str) -> str:
    """Return the last four digits."""
    return account[-4:]
