"""The demo bank's books: what its customers hold, and what they can buy and pay."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

from ivr.adapters.bank.books import (
    CURRENCY,
    Account,
    Entry,
    Leg,
    enter,
    open_account,
    units_account,
)
from ivr.adapters.bank.days import trades
from ivr.adapters.bank.operations.deposits import RATES
from ivr.model.values import Money

ZONE = ZoneInfo("Asia/Shanghai")


class DemoHeld(msgspec.Struct, frozen=True):
    """What a customer holds on an account since the day it was `opened`. Loans are less than nothing;
    units of a fund are hundredths."""

    number: str
    kind: str
    customer: str
    balance: Money
    opened: str = "2026-01-01"


SAVINGS = (
    DemoHeld("6222022001", "savings", "C1001", Money.of("250000.00")),
    DemoHeld("6222022003", "savings", "C1003", Money.of("36000.00")),
    DemoHeld("6222022004", "savings", "C1004", Money.of("90000.00")),
    DemoHeld("6222022005", "savings", "C1005", Money.of("66000.00")),
    DemoHeld("6222022006", "savings", "C1006", Money.of("8000.00")),
)
"""Savings accounts have no PIN of their own."""

DEPOSITS = (
    DemoHeld("D1001", "deposit", "C1001", Money.of("200000.00"), "2026-03-02"),
    DemoHeld("D1011", "deposit", "C1001", Money.of("100000.00"), "2026-05-18"),
    DemoHeld("D1004", "deposit", "C1004", Money.of("300000.00"), "2026-03-02"),
    DemoHeld("D1014", "deposit", "C1004", Money.of("80000.00"), "2026-06-01"),
    DemoHeld("D1006", "deposit", "C1006", Money.of("60000.00"), "2026-04-07"),
)

NOTICES = (
    ("D1001", 7, 0, ""),
    ("D1011", 1, 10_000_000, "2026-11-03"),
    ("D1004", 7, 10_000_000, "2026-10-19"),
    ("D1014", 1, 0, ""),
    ("D1006", 7, 0, ""),
)
"""Deposit, days of notice, what notice was given of, and from when it can be drawn."""

LOANS = (
    DemoHeld("L1003", "loan", "C1003", Money.of("-480000.00"), "2024-05-20"),
    DemoHeld("L1013", "loan", "C1003", Money.of("-20000.00"), "2025-09-01"),
    DemoHeld("L1004", "loan", "C1004", Money.of("-1500000.00"), "2018-03-01"),
    DemoHeld("L1014", "loan", "C1004", Money.of("-60000.00"), "2025-02-15"),
)

LOAN_TERMS = (
    ("L1003", "mortgage", "0.01", "2027-05-20"),
    ("L1013", "consumer", "0", "2025-09-01"),
    ("L1004", "mortgage", "0.01", "2021-03-01"),
    ("L1014", "car", "0.01", "2028-02-15"),
)
"""Loan, kind, and the fee for prepaying until a day: three years from the beginning, or none."""

UNITS = (
    DemoHeld("C1001-F001", "fund", "C1001", Money(1_000_000, "F001"), "2026-02-09"),
    DemoHeld("C1001-F003", "fund", "C1001", Money(5_000_000, "F003"), "2026-02-09"),
    DemoHeld("C1004-F001", "fund", "C1004", Money(2_000_000, "F001"), "2026-02-09"),
    DemoHeld("C1004-F002", "fund", "C1004", Money(500_000, "F002"), "2026-02-09"),
    DemoHeld("C1004-B001", "bond", "C1004", Money(5_000_000, "B001"), "2026-03-10"),
)

BOND_LOTS = ((1, "C1004-B001", "B001", "6222021004", 5_000_000, 244_500, "2029-03-10"),)

FUNDS = (
    ("F001", "growth", 10_000, "0.0015"),
    ("F002", "bond", 1_000, "0.0008"),
    ("F003", "money", 100, "0"),
)

BONDS = (
    ("B001", "3 years", 10_000, "2026-01-01", "2099-12-31", 36, "0.0163"),
    ("B002", "5 years", 10_000, "2026-01-01", "2099-12-31", 60, "0.0170"),
    ("B003", "3 years, March issue", 10_000, "2026-03-10", "2026-03-19", 36, "0.0163"),
)

BANKS = (
    ("102", "中国工商银行"),
    ("103", "中国农业银行"),
    ("104", "中国银行"),
    ("105", "中国建设银行"),
    ("301", "交通银行"),
    ("308", "招商银行"),
)

CARDS = (
    ("K1001", "C1001", "unionpay", "0005"),
    ("K1002", "C1002", "unionpay", "0013"),
    ("K1004", "C1004", "visa", "1111"),
    ("K1014", "C1004", "mastercard", "4444"),
)

PAYEES = (
    ("C1001", "", "6222021002", "李强"),
    ("C1001", "", "6222021003", "张敏"),
    ("C1001", "102", "6212260200011122334", "刘洋"),
    ("C1002", "", "6222021001", "王芳"),
    ("C1003", "", "6222021002", "李强"),
    ("C1003", "", "6222021007", "陈伟"),
    ("C1004", "", "6222021005", "Emily Chen"),
    ("C1004", "105", "6217000200033344556", "Grace Lee"),
    ("C1005", "", "6222021004", "James Carter"),
    ("C1005", "", "6222021001", "王芳"),
)
"""Customer, bank (empty: this one), account, name."""

BILLERS = (
    ("U001", "electricity", 10),
    ("U002", "water", 8),
    ("U003", "gas", 9),
    ("U004", "telephone", 11),
)

BILLS = (
    ("U001", "1000000011", 12_850, "2026-12-15"),
    ("U001", "1000000022", 34_217, "2026-12-15"),
    ("U001", "1000000033", 102_400, "2026-12-15"),
    ("U002", "20000011", 5_640, "2026-12-20"),
    ("U002", "20000022", 8_800, "2026-12-20"),
    ("U003", "300000011", 7_325, "2026-12-10"),
    ("U003", "300000022", 4_160, "2026-12-10"),
    ("U004", "13800001001", 9_900, "2026-12-31"),
    ("U004", "13800001002", 5, "2026-12-31"),
    ("U004", "13800001004", 15_800, "2026-12-31"),
)

_PRICES = (("F001", 12_000, 35), ("F002", 10_400, 4), ("F003", 10_000, 0))
"""Fund, its price in 0.0001 yuan, and what a day changes at most."""

_PRICED = date(2026, 10, 1), date(2026, 12, 31)


def seed_books(database: sqlite3.Connection, current: Iterable[DemoHeld]) -> None:
    """Put the demo's books into a bank, with these current accounts; what is there stays."""
    _add(database, "funds", FUNDS)
    _add(database, "navs", _navs())
    _add(database, "bonds", BONDS)
    _add(database, "banks", BANKS)
    _add(database, "cards", CARDS)
    _add(database, "billers", BILLERS)
    _add(database, "bills (biller, reference, amount, due)", BILLS)
    began = _at("2026-01-01")
    for product in (*FUNDS, *BONDS):
        name = str(product[0])
        open_account(database, Account(units_account(name), "internal", None, name), began)
    for held in (*current, *SAVINGS, *DEPOSITS, *LOANS, *UNITS):
        _hold(database, held)
    _add(
        database,
        "deposits (number, days, rate, noticed, draw_from)",
        [(number, days, RATES[days], *notice) for number, days, *notice in NOTICES],
    )
    _add(database, "loans", LOAN_TERMS)
    _add(database, "bond_lots (id, holding, bond, account, amount, interest, matures)", BOND_LOTS)
    added_at = int(began.timestamp())
    _add(
        database,
        "payees (customer, bank, account, name, added_at)",
        [(*payee, added_at) for payee in PAYEES],
    )


def _add(database: sqlite3.Connection, table: str, rows: Iterable[Sequence[object]]) -> None:
    for row in rows:
        sql = f"INSERT OR IGNORE INTO {table} VALUES ({', '.join('?' * len(row))})"  # noqa: S608 - tables named here
        database.execute(sql, row)


def _hold(database: sqlite3.Connection, held: DemoHeld) -> None:
    """Open an account with its balance; one that is there stays as it is."""
    opened, currency = _at(held.opened), held.balance.currency
    account = Account(held.number, held.kind, held.customer, currency)
    if not open_account(database, account, opened) or not held.balance.minor:
        return
    other = "opening" if currency == CURRENCY else units_account(currency)
    legs = Leg(held.number, held.balance.minor), Leg(other, -held.balance.minor)
    enter(database, Entry("opening", opened, legs, key=f"opening-{held.number}"))


def _navs() -> Iterator[tuple[str, str, str]]:
    """Yield a made-up price of each fund at the beginning of the year and on each trading day of its
    last quarter; other days have the last one before them."""
    for fund, price, _ in _PRICES:
        yield fund, "2026-01-01", f"{price / 10_000:.4f}"
    day, last = _PRICED
    count = 0
    while day <= last:
        if trades(day):
            for fund, price, change in _PRICES:
                moved = price + change * (count * 7 % 11 - 5)
                yield fund, str(day), f"{moved / 10_000:.4f}"
            count += 1
        day += timedelta(days=1)


def _at(day: str) -> datetime:
    return datetime.fromisoformat(day).replace(tzinfo=ZONE)
