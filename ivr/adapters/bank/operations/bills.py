"""Bills of those who are paid through the bank."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ivr.adapters.bank.books import Leg
from ivr.adapters.bank.desk import Asked, Given, Offer, Operate, Plan, money, paying
from ivr.ports.posting import Item, Reason


def pay_bill(asked: Asked, given: Given) -> Plan:
    """Pay a bill, once, whoever's it is."""
    source = asked.own(given.text("from"), otherwise=Reason.REFUSED)
    biller, reference, amount, due = asked.row(
        """SELECT biller, reference, amount, due FROM bills
           WHERE biller = ? AND reference = ? AND paid_by IS NULL""",
        given.text("biller"),
        given.text("reference"),
    )
    return Plan(
        amount,
        paying(source, amount, 0, Leg("billers", amount)),
        facts={"amount": money(amount), "due": due},
        detail=f"{biller} {reference}",
        then=lambda done: done.write(
            "UPDATE bills SET paid_by = ? WHERE biller = ? AND reference = ?",
            *(done.posting, biller, reference),
        ),
    )


def billers(asked: Asked) -> Iterator[Item]:
    """Offer who can be paid, with how long the numbers on their bills are."""
    for biller, name, digits in asked.rows("SELECT id, name, digits FROM billers ORDER BY id"):
        yield Item(biller, {"name": name, "digits": digits})


OPERATIONS: Mapping[str, Operate] = {"pay_bill": pay_bill}
SOURCES: Mapping[str, Offer] = {"billers": billers}
