"""The demo bank's people and accounts.

The PINs are public: they open nothing but this demo. `ivr bank show` prints them.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from ivr.adapters.bank.demo_access import seed_access
from ivr.adapters.bank.demo_books import DemoHeld, seed_books
from ivr.adapters.bank.file import KIND
from ivr.database.sqlite import prepare, reading, writing
from ivr.model.values import Money
from ivr.pins import PinHasher, read_pepper
from ivr.ports.bank import MatterState
from ivr.ports.identity import Customer


class DemoAccount(msgspec.Struct, frozen=True):
    """An account, its owner's number, its PIN and balance."""

    number: str
    customer: str
    pin: str
    balance: Money


class DemoMatter(msgspec.Struct, frozen=True):
    """Something open between a customer and the bank, which is always `age` old: so there is one of
    yesterday on every day, also on a simulator's."""

    id: str
    customer: str
    kind: str
    level: int
    age: timedelta
    state: MatterState = MatterState.PENDING
    amount: Money | None = None


CUSTOMERS = (
    Customer("C1001", "王芳", "vip", "zh"),
    Customer("C1002", "李强", "standard", "zh"),
    Customer("C1003", "张敏", "standard", "zh"),
    Customer("C1004", "James Carter", "vip", "en"),
    Customer("C1005", "Emily Chen", "standard", "en"),
    Customer("C1006", "陈伟", "standard", "zh"),
)

ACCOUNTS = (
    DemoAccount("6222021001", "C1001", "408297", Money.of("12345678.90")),
    DemoAccount("6222021002", "C1002", "573916", Money.of("0.05")),
    DemoAccount("6222021003", "C1003", "719364", Money.of("1002000.00")),
    DemoAccount("6222021004", "C1004", "862075", Money.of("20500300.20")),
    DemoAccount("6222021005", "C1005", "947318", Money.of("1234.50")),
    DemoAccount("6222021006", "C1006", "638295", Money.of("0.00")),
    DemoAccount("6222021007", "C1006", "638295", Money.of("100010.01")),
)

SHARED_PHONE = "13800001111"
"""A family's number: two customers have it on file, so it identifies neither."""

PHONES = (
    ("13800001001", "C1001"),
    ("13800001002", "C1002"),
    ("13800001003", "C1003"),
    ("13800001004", "C1004"),
    ("13800001005", "C1005"),
    ("13800001006", "C1006"),
    (SHARED_PHONE, "C1005"),
    (SHARED_PHONE, "C1006"),
)

HOLDINGS: Mapping[str, tuple[str, ...]] = {
    "C1001": ("card", "current", "deposit", "fund", "savings"),
    "C1002": ("card", "current"),
    "C1003": ("current", "loan", "savings"),
    "C1004": ("bond", "card", "current", "deposit", "fund", "loan", "savings"),
    "C1005": ("current", "savings"),
    "C1006": ("current", "deposit", "savings"),
}

MATTERS = (
    DemoMatter("M1", "C1002", "transfer", 2, timedelta(days=1), MatterState.DONE, Money(500_000)),
    DemoMatter("M2", "C1002", "transfer", 2, timedelta(days=5), MatterState.DONE, Money(80_000)),
    DemoMatter("M3", "C1003", "card", 2, timedelta(hours=10)),
    DemoMatter("M4", "C1004", "complaint", 2, timedelta(hours=30)),
    DemoMatter("M5", "C1005", "transfer", 2, timedelta(minutes=1), amount=Money(123_450)),
    DemoMatter("M6", "C1006", "transfer", 2, timedelta(hours=50), MatterState.REJECTED, Money(9)),
    DemoMatter("M7", "C1003", "transfer", 2, timedelta(hours=73), MatterState.DONE, Money(7_700)),
)


def seed(path: Path, pepper: Path | None = None) -> int:
    """Put the demo data into a bank; what is there already stays. Return the accounts added.

    Raises PortError.
    """
    prepare(path, KIND)
    pins = PinHasher(read_pepper(pepper or path.with_suffix(".pepper")))
    hashed = [(account, pins.hash(account.number, account.pin)) for account in ACCOUNTS]
    pins.close()
    with writing(path, KIND.port) as database:
        add = database.executemany
        _seed_customers(database)
        added = add(
            "INSERT OR IGNORE INTO accounts VALUES (?, ?, ?)",
            [(one.number, one.customer, pin_hash) for one, pin_hash in hashed],
        ).rowcount
        add("INSERT OR IGNORE INTO phones VALUES (?, ?)", PHONES)
        seed_access(database, pins)
        add(
            """INSERT OR IGNORE INTO matters (id, customer, kind, level, age_s, state, amount)
               VALUES (?, ?, ?, ?, ?, ?, ?)""",
            [
                (
                    one.id,
                    one.customer,
                    one.kind,
                    one.level,
                    int(one.age.total_seconds()),
                    one.state.value,
                    one.amount and one.amount.minor,
                )
                for one in MATTERS
            ],
        )
    return added


@cache
def books_in_memory() -> sqlite3.Connection:
    """Return the demo's customers with their books, for reading by any thread. Raises PortError."""
    memory = sqlite3.connect(":memory:", check_same_thread=False)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "bank.sqlite"
        prepare(path, KIND)
        with writing(path, KIND.port) as database:
            _seed_customers(database)
        with reading(path, KIND.port) as database:
            database.backup(memory)
    return memory


def _seed_customers(database: sqlite3.Connection) -> None:
    database.executemany(
        "INSERT OR IGNORE INTO customers VALUES (?, ?, ?, ?)",
        [(one.number, one.name, one.segment, one.language) for one in CUSTOMERS],
    )
    seed_books(database, map(_current, ACCOUNTS))


def _current(account: DemoAccount) -> DemoHeld:
    return DemoHeld(account.number, "current", account.customer, account.balance)
