"""Loans: what is owed, and paying it back early."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ivr.adapters.bank.books import Leg
from ivr.adapters.bank.desk import (
    Asked,
    Given,
    Offer,
    Operate,
    Plan,
    Refused,
    money,
    paying,
    tail,
)
from ivr.adapters.bank.rates import share
from ivr.ports.posting import Item, Reason

LEAST = 100_000
"""The least that is prepaid, unless it is all: 1,000.00."""


def prepay_loan(asked: Asked, given: Given) -> Plan:
    """Pay back principal early. The fee is the loan's own: a share of what is prepaid until a day that
    its contract names (`loans.fee_rate`, `loans.fee_until`). Interest goes on with the instalments."""
    source = asked.own(given.text("from"), otherwise=Reason.REFUSED)
    loan, amount = asked.own(given.text("loan"), "loan"), given.amount()
    rate, until = asked.row("SELECT fee_rate, fee_until FROM loans WHERE number = ?", loan)
    outstanding = -asked.balance(loan)
    if amount > outstanding or amount < min(LEAST, outstanding):
        raise Refused(Reason.AMOUNT)
    fee = share(amount, rate) if str(asked.today) < until else 0
    return Plan(
        amount,
        paying(source, amount, fee, Leg(loan, amount)),
        fee=fee,
        facts={"outstanding": money(outstanding), "left": money(outstanding - amount)},
        detail=loan,
    )


def loans(asked: Asked) -> Iterator[Item]:
    """Offer the loans that are not paid back."""
    for number, kind, balance in asked.rows(
        """SELECT loans.number, loans.kind, balance FROM loans
           JOIN books ON books.number = loans.number
           WHERE customer = ? AND balance < 0 ORDER BY loans.number""",
        asked.customer,
    ):
        fields = {"kind": kind, "tail": tail(number), "outstanding": money(-balance)}
        yield Item(number, fields)


OPERATIONS: Mapping[str, Operate] = {"prepay_loan": prepay_loan}
SOURCES: Mapping[str, Offer] = {"loans": loans}
