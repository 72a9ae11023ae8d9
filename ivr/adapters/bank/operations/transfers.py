"""Transfers within the bank, remittances to other banks, and the payees that are saved by both."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from typing import Any

from ivr.adapters.bank.books import Leg
from ivr.adapters.bank.days import remittance_day
from ivr.adapters.bank.desk import (
    Asked,
    Done,
    Given,
    Offer,
    Operate,
    Plan,
    Refused,
    hours_since,
    paying,
    tail,
)
from ivr.adapters.bank.rates import share
from ivr.model.values import Scalar
from ivr.ports.posting import Item, Reason

LARGE = 5_000_000
"""Remittances up to this (50,000.00) arrive at once at any time; larger ones on a business day."""

MOST_REMITTED = 100_000_000
"""What the bank remits at a time by telephone: 1,000,000.00."""

_TARIFF = ((200_000, 200), (500_000, 500), (1_000_000, 1_000), (5_000_000, 1_500))
_TARIFF_RATE, _TARIFF_MOST = "0.0003", 5_000
_ELSEWHERE = re.compile(r"[0-9]{8,20}")


def transfer(asked: Asked, given: Given) -> Plan:
    """Move money to another account of this bank; a new payee is saved."""
    source = asked.own(given.text("from"), otherwise=Reason.REFUSED)
    target, amount = given.text("to"), given.amount()
    customer, name = asked.row(
        """SELECT customers.number, name FROM books JOIN customers ON customers.number = customer
           WHERE books.number = ? AND kind IN ('current', 'savings') AND books.number <> ?""",
        target,
        source,
    )
    own = customer == asked.customer
    return Plan(
        amount,
        paying(source, amount, 0, Leg(target, amount)),
        facts={"name": name, "own": own},
        detail=target,
        then=None if own else _saving(asked, "", target, name),
    )


def remit(asked: Asked, given: Given) -> Plan:
    """Move money to an account at another bank; a new payee is saved."""
    source = asked.own(given.text("from"), otherwise=Reason.REFUSED)
    amount, target = given.amount(), given.text("to")
    (bank,) = asked.row("SELECT id FROM banks WHERE id = ?", given.text("bank"))
    if not _ELSEWHERE.fullmatch(target):
        raise Refused(Reason.TARGET)
    if amount > MOST_REMITTED:
        raise Refused(Reason.LIMIT)
    fee = remittance_fee(amount)
    return Plan(
        amount,
        paying(source, amount, fee, Leg("settlement", amount)),
        fee=fee,
        facts={"arrives": str(arrival(amount, asked.now))},
        detail=f"{bank} {target}",
        then=_saving(asked, bank, target, ""),
    )


def remittance_fee(amount: int) -> int:
    """Return the public tariff for personal remittances to other banks (NDRC, Fa Gai Jia Ge [2014]
    268): 2, 5, 10, 15 yuan up to 2,000, 5,000, 10,000, 50,000; above 0.03 %, 50 yuan at most."""
    for up_to, fee in _TARIFF:
        if amount <= up_to:
            return fee
    return min(share(amount, _TARIFF_RATE), _TARIFF_MOST)


def arrival(amount: int, at: datetime) -> date:
    """Return the day on which a remittance arrives."""
    return at.date() if amount <= LARGE else remittance_day(at)


def payees(asked: Asked) -> Iterator[Item]:
    """Offer the customer's own accounts, if there are several, then the payees saved."""
    own = asked.rows(
        """SELECT books.number, name, CAST(strftime('%s', opened) AS INTEGER) FROM books
           JOIN customers ON customers.number = customer
           WHERE customer = ? AND kind IN ('current', 'savings') ORDER BY kind, books.number""",
        asked.customer,
    )
    for number, name, opened in own if len(own) > 1 else ():
        yield Item(number, _payee(number, name, hours_since(opened, asked.now)) | {"own": True})
    for number, _, account, name, added in _saved(asked, here=True):
        fields = _payee(account, name, hours_since(added, asked.now)) | {"own": False}
        yield Item(f"P{number}", fields)


def payees_elsewhere(asked: Asked) -> Iterator[Item]:
    """Offer the payees saved at other banks."""
    for number, bank, account, name, added in _saved(asked, here=False):
        fields = _payee(account, name, hours_since(added, asked.now)) | {"bank": bank}
        yield Item(f"R{number}", fields)


def banks(asked: Asked) -> Iterator[Item]:
    """Offer the banks that can be remitted to."""
    for number, name in asked.rows("SELECT id, name FROM banks ORDER BY id"):
        yield Item(number, {"name": name})


def _payee(account: str, name: str, hours: int) -> dict[str, Scalar]:
    return {"account": account, "name": name, "tail": tail(account), "hours": hours}


def _saved(asked: Asked, *, here: bool) -> list[Any]:
    return asked.rows(
        """SELECT id, bank, account, name, added_at FROM payees
           WHERE customer = ? AND (bank = '') = ? ORDER BY id""",
        asked.customer,
        here,
    )


def _saving(asked: Asked, bank: str, account: str, name: str) -> Callable[[Done], None]:
    return lambda done: done.write(
        """INSERT OR IGNORE INTO payees (customer, bank, account, name, added_at)
           VALUES (?, ?, ?, ?, ?)""",
        asked.customer,
        bank,
        account,
        name,
        int(asked.now.timestamp()),
    )


OPERATIONS: Mapping[str, Operate] = {"transfer": transfer, "remit": remit}
SOURCES: Mapping[str, Offer] = {
    "payees": payees,
    "payees_elsewhere": payees_elsewhere,
    "banks": banks,
}
