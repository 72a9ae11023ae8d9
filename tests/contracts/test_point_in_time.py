"""PostgreSQL put back to a moment between two orders, by the lines of docs/backup.md."""

from __future__ import annotations

import asyncio
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from ivr.adapters.ledger.postgres import PostgresLedger
from ivr.centre.ledger.verification import verify
from ivr.ports.orders import OrderState
from lab.postgres import Cluster, cluster
from tests.contracts.ledger_kit import StillClock, Writing, order_id

pytestmark = [pytest.mark.proof, pytest.mark.timeout(60)]

DOCUMENT = Path(__file__).parents[2] / "docs" / "backup.md"


def said(language: str, word: str) -> str:
    """Return the block of the document that has a word."""
    blocks = re.findall(rf"```{language}\n(.*?)```", DOCUMENT.read_text("utf-8"), re.DOTALL)
    (found,) = (block for block in blocks if word in block)
    return str(found)


@pytest.fixture
def archived(postgres_folder: Path) -> Iterator[Cluster]:
    """A cluster that archives its log, set up as the document says."""
    with cluster(postgres_folder) as running:
        running.shell("mkdir wal")
        running.configure(here(running, said("ini", "archive_mode")))
        running.restart()
        yield running


def here(running: Cluster, text: str) -> str:
    """Put the folders of a cluster in the place of the document's."""
    of = running.data.parent
    return text.replace("/backup", str(of)).replace(
        "/var/lib/postgresql/15/main", str(running.data)
    )


async def two_orders(url: str) -> str:
    """Write an order, and another; return a moment between them, by the server's clock."""
    ledger = await PostgresLedger.open(url)
    try:
        writing = Writing(ledger, StillClock())
        await writing.authorise(1)
        (between,) = await ledger._rows("SELECT clock_timestamp()::text")
        await writing.authorise(2)
    finally:
        await ledger.close()
    return str(between[0])


def put_back(running: Cluster, moment: str) -> None:
    """Do what the document says: the base backup in the place of the data, and the archive after it."""
    running.run("psql", "-qc", "SELECT pg_switch_wal()", "postgres")
    running.stop()
    running.shell(f"mv {running.data} aside")
    running.shell(here(running, said("sh", "recovery.signal")))
    settings = re.sub(r"(recovery_target_time = ).*", rf"\1'{moment}'", said("ini", "restore"))
    running.configure(here(running, settings))
    running.start()
    running.run(*shlex.split(said("sh", "pg_is_in_recovery")), "postgres")


async def test_it_is_put_back_to_a_moment_between_two_orders(archived: Cluster) -> None:
    url = archived.database()
    backup = shlex.split(here(archived, said("sh", "pg_basebackup")))
    await asyncio.to_thread(archived.run, *backup)
    between = await two_orders(url)
    await asyncio.to_thread(put_back, archived, between)
    ledger = await PostgresLedger.open(url)
    try:
        writing = Writing(ledger, StillClock())
        assert await writing.state(1) is OrderState.AUTHORISED
        assert await writing.book.record(order_id(2)) is None
        assert (await verify(ledger.contents())).faults == []
        await writing.authorise(3)
        found = await verify(ledger.contents())
        assert (found.faults, found.orders) == ([], 2)
    finally:
        await ledger.close()
