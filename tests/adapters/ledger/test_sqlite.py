"""The SQLite ledger's own promises: shared commits, a full disk, other processes."""

from __future__ import annotations

import asyncio
import resource
import sqlite3
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from ivr.adapters.ledger import sqlite, transaction
from ivr.adapters.ledger.commit import Result
from ivr.adapters.ledger.sqlite import SqliteLedger
from ivr.centre.ledger.verification import verify
from ivr.model.errors import PortError
from ivr.ports.orders import Authorised, OrderState
from tests.contracts.ledger_kit import MONDAY, StillClock, Writing, draft, order_id


@pytest.fixture
async def writing(tmp_path: Path) -> AsyncIterator[Writing]:
    ledger = await SqliteLedger.open(tmp_path / "ledger.sqlite")
    yield Writing(ledger, StillClock())
    await ledger.close()


@contextmanager
def full_disk() -> Iterator[None]:
    """No file of this process can grow."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1024, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


async def test_a_full_disk_refuses_new_orders_and_loses_none(writing: Writing) -> None:
    frozen = await writing.read_back(1)
    await writing.authorise(2)
    with full_disk():
        for refused in (
            writing.book.begin(draft(3)),
            writing.book.authorise(frozen.id, frozen.digest, MONDAY, ()),
            writing.book.sent(order_id(2)),
        ):
            with pytest.raises(PortError, match=r"ledger\.sqlite .* the disk is full") as caught:
                await refused
            assert caught.value.retryable
        assert await writing.state(2) is OrderState.AUTHORISED, "it can still be read"
    assert await writing.state(1) is OrderState.READ_BACK
    assert await writing.book.record(order_id(3)) is None
    answer = await writing.book.authorise(frozen.id, frozen.digest, MONDAY, ())
    assert answer is Authorised.YES
    found = await verify(writing.ledger.contents())
    assert (found.faults, found.orders) == ([], 2)


async def test_orders_of_the_same_moment_share_a_commit(
    writing: Writing, monkeypatch: pytest.MonkeyPatch
) -> None:
    batches: list[int] = []
    write = sqlite._write

    def counted(writer: sqlite3.Connection, path: Path, jobs: Sequence[sqlite.Job]) -> list[Result]:
        batches.append(len(jobs))
        return write(writer, path, jobs)

    monkeypatch.setattr(sqlite, "_write", counted)
    await asyncio.gather(*(writing.book.begin(draft(number)) for number in range(1, 101)))
    assert sum(batches) == 100
    assert len(batches) <= 3


async def test_who_stops_waiting_does_not_undo_it(writing: Writing) -> None:
    waiting = asyncio.create_task(writing.book.begin(draft(1)))
    await asyncio.sleep(0)
    waiting.cancel()
    await writing.book.begin(draft(2))
    assert await writing.state(1) is OrderState.DRAFT


async def test_a_decision_that_breaks_down_is_told_and_harms_nothing(writing: Writing) -> None:
    def broken(standing: object) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await writing.ledger.change(order_id(1), broken)  # type: ignore[arg-type]
    await writing.book.begin(draft(1))
    assert await writing.state(1) is OrderState.DRAFT


async def test_another_process_that_writes_is_waited_for(writing: Writing, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "ledger.sqlite", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        waiting = asyncio.create_task(writing.book.begin(draft(1)))
        await asyncio.sleep(0.05)
        assert not waiting.done()
        other.execute("COMMIT")
        await waiting


async def test_a_file_that_is_no_ledger_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    path.write_text("no database at all, but long enough to be looked at as one by SQLite" * 20)
    with pytest.raises(PortError, match="is not a database"):
        await SqliteLedger.open(path)


async def test_the_file_is_nobody_elses(writing: Writing, tmp_path: Path) -> None:
    assert (tmp_path / "ledger.sqlite").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("sql", "index"),
    [
        (transaction._CLAIM, "orders_due"),
        (transaction._SPENT, "orders_of_customer"),
        (transaction._OUTBOX, "outbox_due"),
        (sqlite._FIND, "orders_of_customer"),
        (sqlite._FORSAKEN, "orders_of_state"),
        (sqlite._CASES, "cases_open"),
        ("SELECT record FROM orders WHERE state IN ('authorised', 'posting')", "orders_of_state"),
        ("SELECT record FROM orders WHERE booked_on = '2026-11-23'", "orders_of_day"),
    ],
)
async def test_a_query_uses_its_index(
    sql: str, index: str, writing: Writing, tmp_path: Path
) -> None:
    values = dict.fromkeys(("until", "desk", "now", "longest", "most"), 0)
    named = {**values, "customer": "", "reference": "", "kind": ""}
    with closing(sqlite3.connect(tmp_path / "ledger.sqlite")) as database:
        bound = named if ":" in sql else (0,) * sql.count("?")
        plan = database.execute(f"EXPLAIN QUERY PLAN {sql}", bound).fetchall()
    assert index in " ".join(row[3] for row in plan)
