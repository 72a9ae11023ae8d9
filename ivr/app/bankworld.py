"""What the demo bank answers, as a proof needs to know it: its counter-examples then run in the
simulator, whose bank it is."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

import msgspec

from ivr.adapters.bank import counter
from ivr.adapters.bank.demo import (
    ACCOUNTS,
    CUSTOMERS,
    HOLDINGS,
    MATTERS,
    PHONES,
    SHARED_PHONE,
    books_in_memory,
)
from ivr.adapters.bank.demo_access import ACCESS
from ivr.adapters.bank.desk import Asked
from ivr.adapters.knowledge.demo import BRANCHES, FEES
from ivr.model.secret import Secret
from ivr.model.world import Known
from ivr.ports.bank import GetBalance, GetMatters, GetProducts, Matter
from ivr.ports.identity import (
    Customer,
    Factor,
    GetFactors,
    Identify,
    PinAnswer,
    PinResult,
    VerifyPin,
)
from ivr.ports.knowledge import Branch, GetBranch, GetFee
from ivr.ports.posting import GetItems, GetTerms, Item, Terms


class BankWorld(msgspec.Struct, frozen=True):
    """What is worth keying, and what is answered to whom (see `ivr.model.world.World`)."""

    entries: tuple[str, ...]
    secrets: tuple[str, ...]
    known: tuple[Known, ...]


def demo_bank(texts: Mapping[str, Collection[str]], when: datetime) -> BankWorld:
    """Return what the demo bank knows at a time: a customer of each kind that flows can tell apart by
    `texts`, a branch, and nothing else."""
    customers = _different(texts)
    accounts = [
        next(one for one in ACCOUNTS if one.customer == customer.number) for customer in customers
    ]
    known: list[Known] = []
    for customer, account in zip(customers, accounts, strict=True):
        right = PinAnswer(PinResult.RIGHT, customer)
        matters = _matters(customer.number, when)
        known += [
            Known(VerifyPin(account.number, Secret(account.pin), ""), right),
            Known(GetBalance(account.number), account.balance),
            Known(GetProducts(customer.number), HOLDINGS[customer.number]),
            Known(GetFactors(customer.number), _factors(customer.number)),
            Known(GetMatters(customer.number, when), matters),
            *(Known(Identify(""), customer, ani) for ani, to in PHONES if to == customer.number),
        ]
    branch = BRANCHES[-1]
    hours = Branch(branch.number, branch.name, *branch.hours[when.weekday()])
    known += [
        Known(VerifyPin("", Secret(""), ""), PinAnswer(PinResult.WRONG)),
        Known(GetBranch(branch.number, ""), hours),
        Known(GetBranch("", ""), None),
        *(Known(GetFee(fee.service), fee) for fee in FEES),
        Known(Identify(""), None),
        *_counter(),
    ]
    return BankWorld(
        entries=(*(one.number for one in accounts), branch.number),
        secrets=tuple(one.pin for one in accounts),
        known=tuple(known),
    )


def _counter() -> tuple[Known, ...]:
    """Return what the demo's counter answers to anybody, at any time: as its books say."""
    any_time: Any = None
    books = books_in_memory()

    def items(asked: GetItems) -> tuple[Item, ...]:
        return counter.items(Asked(books, asked.customer, asked.now), asked.source)

    def terms(asked: GetTerms) -> Terms:
        return counter.terms(
            Asked(books, asked.customer, asked.now), asked.operation, asked.arguments
        )

    return (
        Known(GetItems("", "", any_time), items),
        Known(GetTerms("", "", any_time, any_time), terms),
    )


def _different(texts: Mapping[str, Collection[str]]) -> list[Customer]:
    """Return one customer of each kind, whose calling number is nobody else's."""
    found: dict[tuple[bool, ...], Customer] = {}
    shared = {to for ani, to in PHONES if ani == SHARED_PHONE}
    for customer in CUSTOMERS:
        held = {**msgspec.structs.asdict(customer), "products": " ".join(HOLDINGS[customer.number])}
        kind = tuple(
            text in str(held[name]) for name in held for text in sorted(texts.get(name, ()))
        )
        if customer.number not in shared:
            found.setdefault(kind, customer)
    return list(found.values())


def _factors(customer: str) -> tuple[Factor, ...]:
    """Return a customer's second factors: each has a number on file that is nobody else's."""
    code = any(one.code for one in ACCESS if one.customer == customer)
    return (*(Factor.CODE,) * code, Factor.MESSAGE, Factor.CALLBACK)


def _matters(customer: str, when: datetime) -> tuple[Matter, ...]:
    """Return a customer's matters, the latest first."""
    own = sorted((one for one in MATTERS if one.customer == customer), key=lambda one: one.age)
    return tuple(
        Matter(one.id, one.kind, when - one.age, one.level, one.state, one.amount) for one in own
    )
