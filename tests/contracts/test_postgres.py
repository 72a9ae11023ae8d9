"""What only a ledger on a server can come into: other machines, restarts, no server at all."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest

from ivr.adapters.ledger.postgres import PostgresLedger
from ivr.centre.ledger.verification import verify
from ivr.model.errors import PortError
from ivr.model.values import Money
from ivr.ports.orders import Allowance, Authorised, OrderState, Per
from lab.postgres import Cluster
from tests.contracts.ledger_kit import MONDAY, StillClock, Writing, draft

pytestmark = [pytest.mark.proof, pytest.mark.timeout(60)]


@pytest.fixture
async def nodes(postgres: Cluster) -> AsyncIterator[tuple[Writing, Writing]]:
    """Two nodes that begin at the same time on an empty database."""
    url = postgres.database()
    ledgers = await asyncio.gather(PostgresLedger.open(url), PostgresLedger.open(url))
    one, two = (Writing(ledger, StillClock()) for ledger in ledgers)
    yield one, two
    await asyncio.gather(*(ledger.close() for ledger in ledgers))


async def test_two_nodes_keep_one_limit_and_one_chain(nodes: tuple[Writing, Writing]) -> None:
    frozen = [await nodes[0].read_back(number, 30_000) for number in range(1, 21)]
    limit = Allowance(Per.DAY, Money(150_000), MONDAY.replace(hour=0))
    answers = await asyncio.gather(
        *(
            nodes[n % 2].book.authorise(one.id, one.digest, MONDAY, [limit])
            for n, one in enumerate(frozen)
        )
    )
    assert answers.count(Authorised.YES) == 5
    assert (await verify(nodes[0].ledger.contents())).faults == []


async def test_a_server_that_is_restarted_is_met_again(
    nodes: tuple[Writing, Writing], postgres: Cluster
) -> None:
    node = nodes[0]
    await node.authorise(1)
    await asyncio.to_thread(postgres.stop, "immediate")
    with pytest.raises(PortError) as caught:
        await node.book.begin(draft(2))
    assert caught.value.retryable
    await asyncio.to_thread(postgres.start)
    await node.book.begin(draft(2))
    assert await node.state(1) is OrderState.AUTHORISED
    found = await verify(node.ledger.contents())
    assert (found.faults, found.orders) == ([], 2)


async def test_the_database_refuses_to_change_entries(nodes: tuple[Writing, Writing]) -> None:
    await nodes[0].authorise(1)
    ledger = nodes[0].ledger
    assert isinstance(ledger, PostgresLedger)
    for sql in ("UPDATE entries SET n = n", "DELETE FROM entries", "TRUNCATE entries"):
        with pytest.raises(asyncpg.RaiseError, match="never changed or removed"):
            await ledger._pool.execute(sql)


async def test_a_touched_entry_is_found(nodes: tuple[Writing, Writing]) -> None:
    await nodes[0].authorise(1)
    ledger = nodes[0].ledger
    assert isinstance(ledger, PostgresLedger)
    await ledger._pool.execute("ALTER TABLE entries DISABLE TRIGGER ALL")
    await ledger._pool.execute("DELETE FROM entries WHERE n = 2")
    faults = [str(fault) for fault in (await verify(ledger.contents())).faults]
    assert "entry 2: is missing" in faults


async def test_no_server_is_said_in_one_line(postgres: Cluster) -> None:
    with pytest.raises(PortError, match="ledger: the database cannot be reached") as caught:
        await PostgresLedger.open("postgresql://onecall:hush@127.0.0.1:1/ledger")
    assert "hush" not in str(caught.value)
