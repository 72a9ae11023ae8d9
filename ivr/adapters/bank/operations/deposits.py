"""Notice deposits of one and seven days, by the PBoC's Measures for Notice Deposits (Yin Fa [1999] 3):
a person opens one with 50,000 yuan at least, draws 50,000 at least, and leaves as much or nothing.

Where the Measures pay less interest for what is drawn without notice, this bank does not do it by
telephone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from ivr.adapters.bank.books import Account, Leg
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
from ivr.adapters.bank.rates import deposit_interest
from ivr.ports.posting import Item, Reason

LEAST = 5_000_000

RATES: Mapping[int, str] = {1: "0.0010", 7: "0.0030"}
"""Yearly rates by the days of notice."""


def open_deposit(asked: Asked, given: Given) -> Plan:
    """Open a deposit with money of an account."""
    source = asked.own(given.text("from"), otherwise=Reason.REFUSED)
    amount, days = given.amount(), given.number("days")
    if days not in RATES:
        raise Refused(Reason.TARGET)
    if amount < LEAST:
        raise Refused(Reason.AMOUNT)
    number = _next_number(asked)
    return Plan(
        amount,
        paying(source, amount, 0, Leg(number, amount)),
        detail=number,
        opens=Account(number, "deposit", asked.customer),
        then=lambda done: done.write(
            "INSERT INTO deposits (number, days, rate) VALUES (?, ?, ?)", number, days, RATES[days]
        ),
    )


def give_notice(asked: Asked, given: Given) -> Plan:
    """Give notice of a draw; one at a time."""
    number = asked.own(given.text("deposit"), "deposit")
    amount = _drawable(asked, number, given.amount())
    days, noticed = asked.row("SELECT days, noticed FROM deposits WHERE number = ?", number)
    if noticed:
        raise Refused(Reason.LIMIT)
    draw_from = str(asked.today + timedelta(days=days))
    return Plan(
        amount,
        facts={"draw_from": draw_from},
        detail=number,
        then=lambda done: done.write(
            "UPDATE deposits SET noticed = ?, draw_from = ? WHERE number = ?",
            *(amount, draw_from, number),
        ),
    )


def draw_deposit(asked: Asked, given: Given) -> Plan:
    """Draw what notice was given of, with its interest; what was not drawn of it needs new notice."""
    number = asked.own(given.text("deposit"), "deposit")
    target = asked.own(given.text("to"), otherwise=Reason.REFUSED)
    amount = _drawable(asked, number, given.amount())
    rate, noticed, draw_from, opened = asked.row(
        """SELECT rate, noticed, draw_from, opened FROM deposits
           JOIN books ON books.number = deposits.number WHERE deposits.number = ?""",
        number,
    )
    if amount > noticed or str(asked.today) < draw_from:
        raise Refused(Reason.NOTICE)
    interest = deposit_interest(amount, rate, date.fromisoformat(opened), asked.today)
    return Plan(
        amount,
        (Leg(number, -amount), Leg("interest", -interest), Leg(target, amount + interest)),
        facts={"interest": money(interest)},
        detail=number,
        then=lambda done: done.write(
            "UPDATE deposits SET noticed = 0, draw_from = '' WHERE number = ?", number
        ),
    )


def deposits(asked: Asked) -> Iterator[Item]:
    """Offer the deposits that hold something."""
    for number, amount, days, noticed, draw_from in asked.rows(
        """SELECT deposits.number, balance, days, noticed, draw_from FROM deposits
           JOIN books ON books.number = deposits.number
           WHERE customer = ? AND balance > 0 ORDER BY deposits.number""",
        asked.customer,
    ):
        yield Item(
            number,
            {
                "amount": money(amount),
                "days": days,
                "noticed": noticed > 0,
                "noticed_amount": money(noticed),
                "draw_from": draw_from,
            },
        )


def _drawable(asked: Asked, number: str, amount: int) -> int:
    """Return an amount that can be drawn of a deposit. Raises Refused."""
    left = asked.balance(number) - amount
    if left < 0 or 0 < left < LEAST or (left and amount < LEAST):
        raise Refused(Reason.AMOUNT)
    return amount


def _next_number(asked: Asked) -> str:
    """Return the next free number: the demo's are D1001 and the like."""
    ((last,),) = asked.rows("SELECT max(CAST(substr(number, 2) AS INTEGER)) FROM deposits")
    return f"D{max(last or 0, 2000) + 1}"


OPERATIONS: Mapping[str, Operate] = {
    "open_deposit": open_deposit,
    "give_notice": give_notice,
    "draw_deposit": draw_deposit,
}
SOURCES: Mapping[str, Offer] = {"deposits": deposits}
