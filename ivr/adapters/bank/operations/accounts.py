"""What customers pay with: current and savings accounts, and cards on file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ivr.adapters.bank.desk import Asked, Offer, Operate, money, tail
from ivr.ports.posting import Item


def accounts(asked: Asked) -> Iterator[Item]:
    """Offer current accounts, then savings accounts."""
    for number, kind, balance in asked.rows(
        """SELECT number, kind, balance FROM books
           WHERE customer = ? AND kind IN ('current', 'savings') ORDER BY kind, number""",
        asked.customer,
    ):
        fields = {"kind": kind, "tail": tail(number), "balance": money(balance)}
        yield Item(number, fields)


def cards(asked: Asked) -> Iterator[Item]:
    """Offer the cards on file, by the token that the payment gateway knows."""
    for token, brand, last in asked.rows(
        "SELECT token, brand, tail FROM cards WHERE customer = ? ORDER BY token", asked.customer
    ):
        yield Item(token, {"brand": brand, "tail": last})


OPERATIONS: Mapping[str, Operate] = {}
SOURCES: Mapping[str, Offer] = {"accounts": accounts, "cards": cards}
