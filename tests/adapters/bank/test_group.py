"""Posting through one writer: what is given up, refused by the database, raced for, or killed."""

from __future__ import annotations

import asyncio
import hashlib
import multiprocessing
import os
import signal
import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import closing
from datetime import datetime
from multiprocessing.queues import Queue
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ivr import pins
from ivr.adapters.bank import counter
from ivr.adapters.bank.books import Entry, enter
from ivr.adapters.bank.demo import seed
from ivr.adapters.bank.embedded import EmbeddedBank
from ivr.adapters.bank.verify import verify
from ivr.adapters.clock import SystemClock
from ivr.model.errors import PortError
from ivr.model.values import Money, Scalar
from ivr.ports.posting import Posting, Reason

MONDAY = datetime(2026, 11, 23, 10, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
MINE, OTHER = "6222021001", "6222021002"


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(pins, "MEMORY_KIB", 64)
    path = tmp_path / "bank.sqlite"
    seed(path)
    return path


@pytest.fixture
async def bank(path: Path) -> AsyncIterator[EmbeddedBank]:
    bank = await EmbeddedBank.open(path, SystemClock("Asia/Shanghai"))
    yield bank
    await bank.close()


def transfers(path: Path, keys: Sequence[str]) -> list[Posting]:
    """Transfers of 0.01, authorised."""
    digests = {key: hashlib.sha256(key.encode()).hexdigest() for key in keys}
    with closing(sqlite3.connect(path)) as database, database:
        database.executemany(
            "INSERT OR IGNORE INTO authorisations VALUES (?, 'C1001', ?, 0)",
            [(digest, MINE) for digest in digests.values()],
        )
    arguments: dict[str, Scalar] = {"from": MINE, "to": OTHER, "amount": Money(1)}
    return [
        Posting(key, "transfer", "C1001", dict(arguments), digest, MONDAY)
        for key, digest in digests.items()
    ]


def moved(path: Path) -> int:
    with closing(sqlite3.connect(path)) as database:
        sql = "SELECT balance FROM books WHERE number = ?"
        return int(database.execute(sql, (OTHER,)).fetchone()[0]) - 5


async def test_what_is_given_up_is_done_and_can_be_asked_for(
    bank: EmbeddedBank, path: Path
) -> None:
    first, second = transfers(path, ["T1", "T2"])
    given_up = asyncio.create_task(bank.post(first))
    await asyncio.sleep(0)
    given_up.cancel()
    await bank.post(second)
    assert given_up.cancelled()
    done = await bank.query("T1")
    assert done is not None
    assert done.reason is Reason.NONE
    assert moved(path) == 2


async def test_what_the_database_refuses_is_undone_and_stops_no_other(
    bank: EmbeddedBank, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused, fine = transfers(path, ["T1", "T2"])

    def refuse_the_first(database: sqlite3.Connection, entry: Entry) -> int:
        monkeypatch.setattr(counter, "enter", enter)
        enter(database, entry)
        raise sqlite3.IntegrityError("CHECK constraint failed: too much")

    monkeypatch.setattr(counter, "enter", refuse_the_first)
    first, second = await asyncio.gather(
        bank.post(refused), bank.post(fine), return_exceptions=True
    )
    assert isinstance(first, PortError)
    assert "too much" in str(first)
    assert not isinstance(second, BaseException)
    assert second.reason is Reason.NONE
    assert await bank.query("T1") is None
    assert moved(path) == 1


async def test_a_bank_that_is_locked_posts_nothing_and_says_so(
    bank: EmbeddedBank, path: Path
) -> None:
    first, second = transfers(path, ["T1", "T2"])
    await bank.post(first)
    await bank._writing.run(lambda database: database.execute("PRAGMA busy_timeout=50"))
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(PortError, match="kept locked by another process") as caught:
            await bank.post(second)
        assert caught.value.retryable
        other.execute("ROLLBACK")
    assert (await bank.post(second)).reason is Reason.NONE


async def test_what_is_under_way_is_done_before_the_bank_closes(path: Path) -> None:
    bank = await EmbeddedBank.open(path, SystemClock("Asia/Shanghai"))
    first, *others = transfers(path, ["T1", "T2", "T3"])
    await bank.post(first)
    under_way = asyncio.gather(*map(bank.post, others))
    await asyncio.sleep(0)
    await bank.close()
    assert {one.reason for one in await under_way} == {Reason.NONE}
    assert moved(path) == 3


def post_all(path: Path, postings: Sequence[Posting], said: Queue[str]) -> None:
    """Post one after another, telling each that was answered; as a process of its own."""

    async def posting() -> None:
        bank = await EmbeddedBank.open(path, SystemClock("Asia/Shanghai"))
        for one in postings:
            said.put((await bank.post(one)).reference)
        await bank.close()

    asyncio.run(posting())


@pytest.mark.proof
@pytest.mark.timeout(60)  # interpreters start
def test_two_processes_posting_the_same_keys_post_each_once(path: Path) -> None:
    spawn = multiprocessing.get_context("spawn")
    postings = transfers(path, [f"T{number}" for number in range(50)])
    said: list[Queue[str]] = [spawn.Queue() for _ in range(2)]
    nodes = [spawn.Process(target=post_all, args=(path, postings, to)) for to in said]
    for node in nodes:
        node.start()
    first, second = ([to.get(timeout=30) for _ in postings] for to in said)
    for node in nodes:
        node.join(8)
    assert first == second
    assert len(set(first)) == moved(path) == 50
    assert verify(path).faults == ()


@pytest.mark.proof
@pytest.mark.timeout(60)
def test_a_killed_process_has_posted_what_it_answered_and_nothing_twice(path: Path) -> None:
    spawn = multiprocessing.get_context("spawn")
    postings = transfers(path, [f"T{number}" for number in range(2000)])
    for kills in range(5):
        said: Queue[str] = spawn.Queue()
        node = spawn.Process(target=post_all, args=(path, postings, said))
        node.start()
        answered = {said.get(timeout=30) for _ in range(7 * kills + 1)}
        assert node.pid is not None
        os.kill(node.pid, signal.SIGKILL)
        node.join(8)
        with closing(sqlite3.connect(path)) as database:
            sql = "SELECT count(*), min(number), max(number) FROM postings"
            count, first, last = database.execute(sql).fetchone()
        assert count == moved(path) == last - first + 1
        assert {int(reference[8:]) for reference in answered} <= set(range(first, last + 1))
        assert verify(path).faults == ()
