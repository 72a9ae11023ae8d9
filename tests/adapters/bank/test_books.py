"""The books: what the database itself refuses, and what holds after any sequence of postings."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)

from ivr import pins
from ivr.adapters.bank.books import Account, Entry, Leg, enter, open_account
from ivr.adapters.bank.counter import do_due, is_due, post, query
from ivr.adapters.bank.demo import seed
from ivr.adapters.bank.statement import statement
from ivr.adapters.bank.thread import whole
from ivr.adapters.bank.verify import faults_of, verify
from ivr.model.errors import PortError
from ivr.model.values import Money, Scalar
from ivr.ports.posting import Posted, Posting

ZONE = ZoneInfo("Asia/Shanghai")
MONDAY = datetime(2026, 11, 23, 10, 0, tzinfo=ZONE)
MINE, OTHER = "6222021001", "6222021002"


@pytest.fixture(scope="module")
def seeded() -> bytes:
    """The demo bank."""
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patched:
        patched.setattr(pins, "MEMORY_KIB", 64)
        seed(Path(folder) / "bank.sqlite")
        return (Path(folder) / "bank.sqlite").read_bytes()


@pytest.fixture
def path(seeded: bytes, tmp_path: Path) -> Path:
    path = tmp_path / "bank.sqlite"
    path.write_bytes(seeded)
    return path


@pytest.fixture
def database(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute("PRAGMA foreign_keys=ON")
        yield database


def move(database: sqlite3.Connection, *legs: Leg, key: str | None = None) -> int:
    with whole(database, "IMMEDIATE"):
        return enter(database, Entry("test", MONDAY, legs, key=key))


def test_an_entry_that_does_not_balance_is_refused(database: sqlite3.Connection) -> None:
    with pytest.raises(sqlite3.IntegrityError, match="do not come to zero"):
        move(database, Leg(MINE, -100), Leg(OTHER, 99))


def test_each_currency_balances_by_itself(database: sqlite3.Connection) -> None:
    with pytest.raises(sqlite3.IntegrityError, match="do not come to zero"):
        move(database, Leg(MINE, -100), Leg("C1001-F001", 100))


def test_a_customer_never_has_less_than_nothing(database: sqlite3.Connection) -> None:
    with pytest.raises(sqlite3.IntegrityError, match="CHECK constraint"):
        move(database, Leg(OTHER, -6), Leg(MINE, 6))
    with pytest.raises(sqlite3.IntegrityError, match="CHECK constraint"):
        move(database, Leg("L1013", 2_000_001), Leg(MINE, -2_000_001))
    move(database, Leg("fees", -1), Leg(MINE, 1))


def test_an_entry_is_never_changed(database: sqlite3.Connection) -> None:
    number = move(database, Leg(MINE, -100), Leg(OTHER, 100))
    for sql, said in (
        ("UPDATE legs SET amount = 1 WHERE entry = ?", "never changed"),
        ("DELETE FROM legs WHERE entry = ?", "never deleted"),
        ("UPDATE entries SET day = '2020-01-01' WHERE id = ?", "never changed"),
        ("DELETE FROM entries WHERE id = ?", "never deleted"),
        ("INSERT INTO legs (entry, account, amount) VALUES (?, 'fees', 1)", "no more legs"),
    ):
        with pytest.raises(sqlite3.IntegrityError, match=said):
            database.execute(sql, (number,))


def test_legs_without_an_entry_are_not_kept(database: sqlite3.Connection) -> None:
    database.execute("BEGIN")
    database.execute(f"INSERT INTO legs (entry, account, amount) VALUES (99999, '{MINE}', 1)")
    with pytest.raises(sqlite3.IntegrityError, match="FOREIGN KEY"):
        database.execute("COMMIT")


def test_an_entry_of_the_banks_own_is_made_once(database: sqlite3.Connection) -> None:
    move(database, Leg(MINE, -1), Leg(OTHER, 1), key="once")
    with pytest.raises(sqlite3.IntegrityError, match="UNIQUE"):
        move(database, Leg(MINE, -1), Leg(OTHER, 1), key="once")


def test_an_account_is_opened_once(database: sqlite3.Connection) -> None:
    assert open_account(database, Account("D9", "deposit", "C1001"), MONDAY)
    assert not open_account(database, Account("D9", "deposit", "C1002"), MONDAY)


def test_verify_finds_what_was_done_behind_the_banks_back(
    database: sqlite3.Connection, path: Path
) -> None:
    assert verify(path).faults == ()
    for trigger in ("entry_balances", "leg_is_booked", "leg_stays", "entry_is_kept"):
        database.execute(f"DROP TRIGGER {trigger}")
    database.execute("PRAGMA foreign_keys=OFF")
    database.execute("PRAGMA ignore_check_constraints=ON")
    database.execute("UPDATE books SET balance = balance + 7 WHERE number = 'fees'")
    database.execute("UPDATE books SET balance = -1 WHERE number = '6222021006'")
    database.execute(f"UPDATE legs SET amount = amount + 1 WHERE account = '{MINE}'")
    database.execute("DELETE FROM entries WHERE key = 'opening-6222021003'")
    database.execute("UPDATE bond_lots SET amount = 1")
    database.execute(
        "INSERT INTO postings VALUES (1, 'K', 'transfer', 'C1', 'd', 0, '2026-11-23', '', 1, 0, NULL)"
    )
    database.execute(
        "INSERT INTO postings VALUES (2, 'R', 'transfer', 'C1', 'e', 0, '2026-11-23', 'funds', 0, 0, 1)"
    )
    database.execute(
        "INSERT INTO fund_orders VALUES (1, 'C1001', 'F001', '6222021001', 5, 0, '', '2099', NULL)"
    )
    found = "\n".join(verify(path).faults)
    for said in (
        "its legs of CNY come to 1, not to zero",
        "account fees: it says 7, and its legs come to 0",
        "account 6222021006 of a customer is at -1",
        "posting K: it was done, and no entry is there",
        "posting R: it was refused, and an entry is there",
        "legs of entry 3, which is not there",
        "orders of funds wait for 5, and 0 is put aside",
        "bonds C1004-B001: lots of 1 are held, and 5000000 is booked",
    ):
        assert said in found


def test_a_statement_has_the_balance_after_each_entry(
    database: sqlite3.Connection, path: Path
) -> None:
    for day in (3, 1, 2):  # posted in another order than that of their time
        legs = Leg(MINE, -100 * day), Leg(OTHER, 100 * day)
        with whole(database, "IMMEDIATE"):
            enter(database, Entry("transfer", MONDAY + timedelta(days=day), legs, OTHER))
    today = MONDAY.date()
    second, third = today + timedelta(days=2), today + timedelta(days=3)
    found = statement(path, OTHER, second, third, ZONE)
    assert (found.opening, found.closing, found.customer) == (105, 605, "C1002")
    assert [(one.amount, one.balance) for one in found.lines] == [(200, 305), (300, 605)]
    nothing = statement(path, OTHER, third + timedelta(days=1), third, ZONE)
    assert (nothing.opening, nothing.lines, nothing.closing) == (605, (), 605)
    with pytest.raises(PortError, match="no account 1"):
        statement(path, "1", today, today, ZONE)


OWN = {
    "C1001": ["6222021001", "6222022001"],
    "C1002": ["6222021002"],
    "C1003": ["6222021003", "6222022003"],
}
SUMS = st.sampled_from([5_000_000, 10_000_000]).map(Money)
AMOUNTS = st.sampled_from([1, 5, 10_000, 100_000, 5_000_000, 10_000_000, 48_000_000]).map(Money)


def arguments(customer: str) -> dict[str, dict[str, st.SearchStrategy[Scalar]]]:
    """What an operation may be given, mostly what this customer can do, by name."""
    own = st.sampled_from([*OWN[customer] * 4, "6222021004"])
    anybody = st.sampled_from([*OWN["C1001"], *OWN["C1002"], *OWN["C1003"], "opening"])
    deposit = st.sampled_from(["D1001", "D1011", "D2001"])
    return {
        "transfer": {"from": own, "to": anybody, "amount": AMOUNTS},
        "remit": {
            "from": own,
            "bank": st.just("103"),
            "to": st.just("6228480012345678"),
            "amount": AMOUNTS,
        },
        "buy_fund": {"from": own, "fund": st.sampled_from(["F001", "F003"]), "amount": AMOUNTS},
        "redeem_fund": {
            "to": own,
            "holding": st.sampled_from(["F001", "F003"]).map(lambda fund: f"{customer}-{fund}"),
            "units": st.integers(1, 1_500_000),
        },
        "buy_bond": {"from": own, "bond": st.just("B001"), "amount": AMOUNTS},
        "open_deposit": {"from": own, "days": st.sampled_from([1, 7]), "amount": SUMS},
        "give_notice": {"deposit": deposit, "amount": SUMS},
        "draw_deposit": {"deposit": deposit, "to": own, "amount": SUMS},
        "prepay_loan": {
            "from": own,
            "loan": st.sampled_from(["L1003", "L1013"]),
            "amount": AMOUNTS,
        },
        "pay_bill": {
            "from": own,
            "biller": st.just("U001"),
            "reference": st.sampled_from(["1000000011", "1000000022"]),
        },
    }


ARGUMENTS = {customer: arguments(customer) for customer in OWN}


class Books(RuleBasedStateMachine):
    """Anything is posted by anybody, in any order, over months."""

    template: sqlite3.Connection

    def __init__(self) -> None:
        super().__init__()
        self.database = sqlite3.connect(":memory:", isolation_level=None)
        self.template.backup(self.database)
        self.database.execute("PRAGMA foreign_keys=ON")
        self.now = MONDAY
        self.posted: list[tuple[Posting, Posted]] = []

    def teardown(self) -> None:
        self.database.close()

    @rule(
        data=st.data(), operation=st.sampled_from(["transfer", "remit", "pay_bill", "prepay_loan"])
    )
    def pays(self, data: st.DataObject, operation: str) -> None:
        self.post(data, operation, data.draw(st.sampled_from(sorted(OWN))))

    @rule(data=st.data(), operation=st.sampled_from(["buy_fund", "redeem_fund", "buy_bond"]))
    def invests(self, data: st.DataObject, operation: str) -> None:
        self.post(data, operation, "C1001")

    @rule(
        data=st.data(), operation=st.sampled_from(["open_deposit", "give_notice", "draw_deposit"])
    )
    def saves(self, data: st.DataObject, operation: str) -> None:
        self.post(data, operation, "C1001")

    def post(self, data: st.DataObject, operation: str, customer: str) -> None:
        key = f"K{len(self.posted)}"
        digest = hashlib.sha256(key.encode()).hexdigest()
        given = data.draw(st.fixed_dictionaries(ARGUMENTS[customer][operation]))
        self.database.execute("INSERT INTO authorisations VALUES (?, ?, '', 0)", (digest, customer))
        posting = Posting(key, operation, customer, given, digest, self.now)
        with whole(self.database, "IMMEDIATE"):
            self.posted.append((posting, post(self.database, posting)))

    @rule(data=st.data())
    def posts_again(self, data: st.DataObject) -> None:
        if self.posted:
            posting, answer = data.draw(st.sampled_from(self.posted))
            before = self.database.total_changes
            assert post(self.database, posting) == query(self.database, posting.key) == answer
            assert self.database.total_changes == before

    @rule(hours=st.sampled_from([1, 24, 24 * 7, 24 * 365 * 3]))
    def time_goes_on(self, hours: int) -> None:
        self.now += timedelta(hours=hours)
        with whole(self.database, "IMMEDIATE"):
            do_due(self.database, self.now)
        assert not is_due(self.database, self.now)

    @invariant()
    def books_are_right(self) -> None:
        assert faults_of(self.database) == ()
        totals = self.database.execute("SELECT sum(balance) FROM books GROUP BY currency")
        assert {total for (total,) in totals} == {0}


@pytest.mark.proof
def test_the_books_balance_after_any_postings(seeded: bytes, tmp_path: Path) -> None:
    (tmp_path / "bank.sqlite").write_bytes(seeded)
    with closing(sqlite3.connect(tmp_path / "bank.sqlite")) as template:
        Books.template = template
        run_state_machine_as_test(
            Books, settings=settings(max_examples=30, stateful_step_count=30, deadline=None)
        )
