"""Treasury savings bonds: bought at face value, paid back with their interest when they mature."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from datetime import datetime

from ivr.adapters.bank.books import Account, Entry, Leg, enter, holding_of, units_account
from ivr.adapters.bank.days import months_later
from ivr.adapters.bank.desk import (
    Asked,
    Given,
    Offer,
    Operate,
    Plan,
    Refused,
    money,
    paying,
)
from ivr.adapters.bank.rates import bond_interest
from ivr.ports.posting import Item, Reason

STEP = 10_000
"""Savings bonds are sold by the hundred yuan (Ministry of Finance, notices of issue)."""


def buy_bond(asked: Asked, given: Given) -> Plan:
    """Buy bonds of an issue that is on sale; interest begins on the day they are bought."""
    source = asked.own(given.text("from"), otherwise=Reason.REFUSED)
    bond, least, months, rate, on_sale = asked.row(
        "SELECT id, least, months, rate, ? BETWEEN opens AND closes FROM bonds WHERE id = ?",
        str(asked.today),
        given.text("bond"),
    )
    amount = given.amount()
    if not on_sale:
        raise Refused(Reason.CLOSED)
    if amount < least or amount % STEP:
        raise Refused(Reason.AMOUNT)
    interest = bond_interest(amount, rate, months)
    matures = str(months_later(asked.today, months))
    holding = holding_of(asked.customer, bond)
    bought = Leg("treasury", amount), Leg(units_account(bond), -amount), Leg(holding, amount)
    return Plan(
        amount,
        paying(source, amount, 0, *bought),
        facts={"matures": matures, "interest": money(interest)},
        detail=bond,
        opens=Account(holding, "bond", asked.customer, bond),
        then=lambda done: done.write(
            """INSERT INTO bond_lots (holding, bond, account, amount, interest, matures)
               VALUES (?, ?, ?, ?, ?, ?)""",
            *(holding, bond, source, amount, interest, matures),
        ),
    )


def fall_due(database: sqlite3.Connection, now: datetime) -> None:
    """Pay back the bonds that have matured."""
    for lot, holding, bond, account, amount, interest in database.execute(
        """SELECT id, holding, bond, account, amount, interest FROM bond_lots
           WHERE entry IS NULL AND matures <= ? ORDER BY id""",
        (str(now.date()),),
    ).fetchall():
        legs = (
            Leg("treasury", -amount - interest),
            Leg(account, amount + interest),
            Leg(holding, -amount),
            Leg(units_account(bond), amount),
        )
        entry = enter(database, Entry("bond_matured", now, legs, bond, f"bond_matured-{lot}"))
        database.execute("UPDATE bond_lots SET entry = ? WHERE id = ?", (entry, lot))


def bonds(asked: Asked) -> Iterator[Item]:
    """Offer the issues on sale, with the day on which they mature if they are bought now."""
    for bond, least, months in asked.rows(
        "SELECT id, least, months FROM bonds WHERE ? BETWEEN opens AND closes ORDER BY id",
        str(asked.today),
    ):
        matures = str(months_later(asked.today, months))
        yield Item(bond, {"least": money(least), "matures": matures, "months": months})


OPERATIONS: Mapping[str, Operate] = {"buy_bond": buy_bond}
SOURCES: Mapping[str, Offer] = {"bonds": bonds}
