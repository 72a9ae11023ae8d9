"""Funds: money becomes units at a price that is not known yet, and units become money.

An order before the exchange's close gets the day's price, which is known after it; a purchase is
confirmed on the trading day after that, a redemption paid on the next but one.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta

from ivr.adapters.bank.books import Account, Entry, Leg, enter, holding_of, units_account
from ivr.adapters.bank.days import next_trading, price_day
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
from ivr.adapters.bank.rates import share, units_for, value_of
from ivr.model.errors import PortError
from ivr.ports.posting import Item, Reason

_WAITING = """
    INSERT INTO fund_orders (posting, customer, fund, account, amount, units, price_day, due)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)"""


def buy_fund(asked: Asked, given: Given) -> Plan:
    """Buy units for money at a price to come; the fee is on the money, on top of it."""
    source = asked.own(given.text("from"), otherwise=Reason.REFUSED)
    fund, least, rate = asked.row(
        "SELECT id, least, fee_rate FROM funds WHERE id = ?", given.text("fund")
    )
    amount = given.amount()
    if amount < least:
        raise Refused(Reason.AMOUNT)
    priced = _price_day(asked, fund)
    confirmed = next_trading(priced)
    fee = share(amount, rate)
    return Plan(
        amount,
        paying(source, amount, fee, Leg("fund-orders", amount)),
        fee=fee,
        facts={"price_date": str(priced), "confirm_date": str(confirmed)},
        detail=fund,
        opens=Account(holding_of(asked.customer, fund), "fund", asked.customer, fund),
        then=lambda done: done.write(
            _WAITING,
            done.posting,
            asked.customer,
            fund,
            source,
            amount,
            0,
            str(priced),
            str(confirmed),
        ),
    )


def redeem_fund(asked: Asked, given: Given) -> Plan:
    """Give units back; they are paid for at a price to come."""
    target = asked.own(given.text("to"), otherwise=Reason.REFUSED)
    holding, units = asked.own(given.text("holding"), "fund"), given.number("units")
    (fund,) = asked.row("SELECT currency FROM books WHERE number = ?", holding)
    if units > asked.balance(holding):
        raise Refused(Reason.AMOUNT)
    priced = _price_day(asked, fund)
    paid = next_trading(next_trading(priced))
    return Plan(
        0,
        (Leg(holding, -units), Leg(units_account(fund), units)),
        facts={"price_date": str(priced), "pay_date": str(paid)},
        detail=fund,
        then=lambda done: done.write(
            _WAITING, done.posting, asked.customer, fund, target, 0, units, str(priced), str(paid)
        ),
    )


def fall_due(database: sqlite3.Connection, now: datetime) -> None:
    """Confirm the purchases, and pay the redemptions, whose day has come."""
    for order in database.execute(
        """SELECT posting, customer, fund, account, amount, units, price_day FROM fund_orders
           WHERE entry IS NULL AND due <= ? ORDER BY posting""",
        (str(now.date()),),
    ).fetchall():
        number, customer, fund, account, amount, units, priced = order
        nav = _nav(database, fund, priced)
        if amount:
            legs = _confirmed(customer, fund, amount, units_for(amount, nav))
        else:
            paid = value_of(units, nav)
            legs = (Leg("fund-house", -paid), Leg(account, paid))
        done = "fund_confirmed" if amount else "fund_paid"
        entry = enter(database, Entry(done, now, legs, f"{fund} {nav}", f"{done}-{number}"))
        database.execute("UPDATE fund_orders SET entry = ? WHERE posting = ?", (entry, number))


def funds(asked: Asked) -> Iterator[Item]:
    """Offer the funds, with the day whose price an order gets now."""
    day = str(price_day(asked.now))
    for fund, least in asked.rows("SELECT id, least FROM funds ORDER BY id"):
        yield Item(fund, {"least": money(least), "price_date": day})


def fund_holdings(asked: Asked) -> Iterator[Item]:
    """Offer the units held, with their value at the last price that is known."""
    for number, fund, units in asked.rows(
        """SELECT number, currency, balance FROM books
           WHERE customer = ? AND kind = 'fund' AND balance > 0 ORDER BY number""",
        asked.customer,
    ):
        yesterday = asked.today - timedelta(days=1)
        value = value_of(units, _nav(asked.database, fund, str(yesterday)))
        yield Item(number, {"fund": fund, "units": units, "value": money(value)})


def _price_day(asked: Asked, fund: str) -> date:
    """Return the day whose price an order gets. Raises Refused for one that comes so late that orders
    have been done at that day's price already: it was authorised before anybody knew it, but it must
    not be done when everybody does."""
    day = price_day(asked.now)
    if asked.rows(
        "SELECT 1 FROM fund_orders WHERE fund = ? AND price_day >= ? AND entry IS NOT NULL LIMIT 1",
        fund,
        str(day),
    ):
        raise Refused(Reason.CLOSED)
    return day


def _confirmed(customer: str, fund: str, amount: int, units: int) -> tuple[Leg, ...]:
    """Return the legs by which money that waited becomes units."""
    return (
        Leg("fund-orders", -amount),
        Leg("fund-house", amount),
        Leg(units_account(fund), -units),
        Leg(holding_of(customer, fund), units),
    )


def _nav(database: sqlite3.Connection, fund: str, day: str) -> str:
    """Return a fund's price of a day, or the last one before it. Raises PortError for none."""
    found = database.execute(
        "SELECT nav FROM navs WHERE fund = ? AND day <= ? ORDER BY day DESC LIMIT 1", (fund, day)
    ).fetchone()
    if found is None:
        raise PortError("bank", f"no price of fund {fund} is known up to {day}")
    return str(found[0])


OPERATIONS: Mapping[str, Operate] = {"buy_fund": buy_fund, "redeem_fund": redeem_fund}
SOURCES: Mapping[str, Offer] = {"funds": funds, "fund_holdings": fund_holdings}
