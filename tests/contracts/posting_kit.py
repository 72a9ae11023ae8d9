"""What the suites of money ask of a bank that holds the demo's data: only the port is used, so that a
bank behind HTTP is held to the same."""

from __future__ import annotations

import hashlib
from datetime import datetime
from zoneinfo import ZoneInfo

from ivr.adapters.bank.demo import ACCOUNTS
from ivr.model.secret import Secret
from ivr.model.values import Money, Scalar
from ivr.ports.bank import Bank
from ivr.ports.identity import PinResult
from ivr.ports.posting import Item, Posted, Posting

ZONE = ZoneInfo("Asia/Shanghai")
MONDAY = datetime(2026, 11, 23, 10, 0, tzinfo=ZONE)
NOBODY = "6222029999"
Arguments = dict[str, Scalar]

CURRENT = {f"C{number}": f"622202{number}" for number in range(1001, 1006)}


def yuan(text: str) -> Money:
    return Money.of(text)


def given(operation: str, customer: str = "C1001", **changed: Scalar) -> Arguments:
    """What an operation of the demo is given where it succeeds, with changes (`from_` for `from`)."""
    own = CURRENT[customer]
    base: dict[str, Arguments] = {
        "transfer": {"from": own, "to": "6222021002", "amount": yuan("100.00")},
        "remit": {"from": own, "bank": "103", "to": "6228480012345678", "amount": yuan("100.00")},
        "buy_fund": {"from": own, "fund": "F001", "amount": yuan("1000.00")},
        "redeem_fund": {"to": own, "holding": f"{customer}-F001", "units": 5_000},
        "buy_bond": {"from": own, "bond": "B001", "amount": yuan("1000.00")},
        "open_deposit": {"from": own, "days": 7, "amount": yuan("50000.00")},
        "give_notice": {"deposit": "D1001", "amount": yuan("50000.00")},
        "draw_deposit": {"deposit": "D1011", "to": own, "amount": yuan("50000.00")},
        "prepay_loan": {"from": own, "loan": "L1003", "amount": yuan("10000.00")},
        "pay_bill": {"from": own, "biller": "U001", "reference": "1000000011"},
    }
    return base[operation] | {name.rstrip("_"): value for name, value in changed.items()}


def owner(operation: str) -> str:
    """A customer of the demo who has what an operation needs."""
    return "C1003" if operation == "prepay_loan" else "C1001"


async def bound(bank: Bank, posting: Posting) -> Posting:
    """Have the customer authorise a posting by a PIN."""
    account = next(one for one in ACCOUNTS if one.customer == posting.customer)
    answer = await bank.verify_pin(account.number, Secret(account.pin), "", "", posting.digest)
    assert answer.result is PinResult.RIGHT
    return posting


def posting(
    operation: str,
    arguments: Arguments,
    customer: str = "C1001",
    at: datetime = MONDAY,
    key: str = "",
) -> Posting:
    key = key or f"{operation.replace('_', '-')}-{customer}"
    return Posting(
        key, operation, customer, arguments, hashlib.sha256(key.encode()).hexdigest(), at
    )


async def post(
    bank: Bank,
    operation: str,
    customer: str = "C1001",
    at: datetime = MONDAY,
    key: str = "",
    **changed: Scalar,
) -> Posted:
    arguments = given(operation, customer, **changed)
    return await bank.post(await bound(bank, posting(operation, arguments, customer, at, key)))


async def item(bank: Bank, source: str, name: str, customer: str, now: datetime = MONDAY) -> Item:
    found = {one.id: one for one in await bank.items(source, customer, now)}
    return found[name]
