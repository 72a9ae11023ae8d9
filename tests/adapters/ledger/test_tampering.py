"""Whoever does something to the ledger's file behind its back is found out."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from ivr.adapters.ledger.sqlite import SqliteLedger
from ivr.centre.chain import digest, seal
from ivr.centre.ledger.verification import Verification, verify
from ivr.ports.ledger import Booked
from tests.contracts.ledger_kit import StillClock, Writing, draft, order_id, said

Tamper = Callable[[sqlite3.Connection], object]


async def written(path: Path) -> None:
    """Three orders of which the entries are mixed: 1–3, 4–6, then 7 posted, 8 lost."""
    ledger = await SqliteLedger.open(path)
    writing = Writing(ledger, StillClock())
    await writing.authorise(1)
    await writing.authorise(2, 70_000)
    await writing.book.done(order_id(1), Booked("B1", day="2026-11-23"))
    await writing.book.lost(order_id(2), "no answer")
    await ledger.close()


async def verified(path: Path, head: str = "") -> Verification:
    ledger = await SqliteLedger.open(path)
    try:
        return await verify(ledger.contents(), head)
    finally:
        await ledger.close()


def change_amount(database: sqlite3.Connection) -> None:
    database.execute(
        "UPDATE entries SET body = CAST(replace(body, '70000', '10000') AS BLOB) WHERE n = 5"
    )


def change_amount_and_hash(database: sqlite3.Connection) -> None:
    """What somebody does who knows how an entry is hashed, but not what follows from it."""
    (body,) = database.execute("SELECT body FROM entries WHERE n = 5").fetchone()
    body = body.replace(b"70000", b"10000")
    database.execute("UPDATE entries SET body = ?, hash = ? WHERE n = 5", (body, digest(body)))


def change_and_seal_again(database: sqlite3.Connection) -> None:
    """What somebody does who goes on to the end of the ledger, but not through the order."""
    change_amount_and_hash(database)
    last = ""
    for n, hash_ in database.execute("SELECT n, hash FROM entries ORDER BY n").fetchall():
        last = seal(last, hash_)
        database.execute("UPDATE entries SET seal = ? WHERE n = ?", (last, n))
    database.execute("UPDATE head SET seal = ?", (last,))


def change_records(database: sqlite3.Connection) -> None:
    database.execute("UPDATE orders SET record = CAST(replace(record, '50000', '10000') AS BLOB)")


def swap(database: sqlite3.Connection) -> None:
    database.execute("UPDATE entries SET n = 99 WHERE n = 3")
    database.execute("UPDATE entries SET n = 3 WHERE n = 6")
    database.execute("UPDATE entries SET n = 6 WHERE n = 99")


def take_out_an_order(database: sqlite3.Connection) -> None:
    database.execute("DELETE FROM entries WHERE order_id = ?", (order_id(1),))
    database.execute("DELETE FROM orders WHERE id = ?", (order_id(1),))


def take_out_and_number_again(database: sqlite3.Connection) -> None:
    take_out_an_order(database)
    rows = database.execute("SELECT n FROM entries ORDER BY n").fetchall()
    for number, (n,) in enumerate(rows, 1):
        database.execute("UPDATE entries SET n = ? WHERE n = ?", (number, n))
    database.execute("UPDATE head SET n = ?", (len(rows),))


def forge(database: sqlite3.Connection) -> None:
    """An entry more, well hashed and sealed, that the law does not allow."""
    last, before = database.execute("SELECT body, seal FROM entries WHERE n = 7").fetchone()
    entry = msgspec.json.decode(last)
    entry |= {"number": 5, "previous": digest(last)}
    body = msgspec.json.encode(entry, order="sorted")
    (before,) = database.execute("SELECT seal FROM entries WHERE n = 8").fetchone()
    sealed = seal(before, digest(body))
    row = (9, order_id(1), 5, digest(body), body, sealed)
    database.execute("INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?)", row)
    database.execute("UPDATE head SET n = 9, seal = ?", (sealed,))


TAMPERINGS: dict[str, tuple[Tamper, str]] = {
    "changed": (change_amount, "entry 5 of order .*02: was changed after it was written"),
    "changed and hashed": (change_amount_and_hash, "entry 5: does not stand where it was written"),
    "changed and sealed": (change_and_seal_again, "entry 6 of order .*02: .* does not follow"),
    "removed": (lambda db: db.execute("DELETE FROM entries WHERE n = 2"), "entry 2: is missing"),
    "first removed": (lambda db: db.execute("DELETE FROM entries WHERE n = 1"), "entry 1: is miss"),
    "cut off": (lambda db: db.execute("DELETE FROM entries WHERE n > 6"), "entry 7: and all after"),
    "swapped": (swap, "entry 3: does not stand where it was written"),
    "an order removed": (take_out_an_order, "entry 1 to 3: is missing"),
    "an order removed well": (take_out_and_number_again, "entry 1: does not stand where"),
    "forged": (forge, "entry 9 of order .*01: .* is posted; Done cannot happen to it"),
    "record changed": (
        change_records,
        "order .*01: its record is not what its entries come to",
    ),
    "state changed": (
        lambda db: db.execute("UPDATE orders SET state = 'posted'"),
        "order .*02: is listed as something else than its record says",
    ),
    "record removed": (
        lambda db: db.execute("DELETE FROM orders WHERE reference IS NOT NULL"),
        "order .*01: has entries but no record",
    ),
    "head changed": (
        lambda db: db.execute("UPDATE head SET seal = 'x'"),
        "entry 8: is not the one",
    ),
}


@pytest.mark.parametrize("name", TAMPERINGS)
async def test_it_is_found(name: str, tmp_path: Path) -> None:
    tamper, problem = TAMPERINGS[name]
    path = tmp_path / "ledger.sqlite"
    await written(path)
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("DROP TRIGGER entries_are_not_changed")
        database.execute("DROP TRIGGER entries_are_not_removed")
        tamper(database)
    faults = [str(fault) for fault in (await verified(path)).faults]
    assert faults
    assert any(re.match(problem, fault) for fault in faults), faults


async def test_nothing_is_wrong_with_what_nobody_touched(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    await written(path)
    found = await verified(path)
    assert found.faults == []
    assert (found.n, found.orders) == (8, 2)


async def test_a_cut_that_takes_the_head_along_needs_a_head_kept_elsewhere(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    await written(path)
    found = await verified(path)
    kept = f"{found.n}:{found.seal}"
    assert (await verified(path, kept)).faults == []
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("DROP TRIGGER entries_are_not_removed")
        database.execute("DELETE FROM entries WHERE n = 8")
        database.execute("UPDATE head SET n = 7, seal = (SELECT seal FROM entries WHERE n = 7)")
    faults = [str(fault) for fault in (await verified(path, kept)).faults]
    assert "entry 8: is not what it was when its head was kept" in faults


@pytest.mark.parametrize("sql", ["UPDATE entries SET n = n", "DELETE FROM entries"])
async def test_the_file_itself_refuses_to_change_entries(sql: str, tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    await written(path)
    with (
        closing(sqlite3.connect(path)) as database,
        pytest.raises(sqlite3.IntegrityError, match="entries of the ledger are never"),
    ):
        database.execute(sql)


async def test_a_digest_that_is_not_that_of_what_was_heard_is_found(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    ledger = await SqliteLedger.open(path)
    writing = Writing(ledger, StillClock())
    await writing.book.begin(draft())
    await writing.book.freeze(msgspec.structs.replace(said(), text="transfer 1"))
    await ledger.close()
    (fault,) = (await verified(path)).faults
    assert str(fault) == "entry 2: the digest that was authorised is not that of the read-back"
