"""The contract of the cluster ports: in memory, and on a real Redis."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest

from ivr.adapters.clock import monotonic_ms
from ivr.adapters.cluster.memory import MemoryCluster
from ivr.adapters.cluster.redis import RedisCluster
from ivr.model.errors import PortError
from ivr.ports.cluster import Cluster, Leader, Node
from lab.redis import RedisServer, redis_server

ONE, OTHER = Node("e1", "http://127.0.0.1:1"), Node("e2", "http://127.0.0.1:2")
LASTS_S = 0.15


@pytest.fixture(scope="module")
def server() -> Iterator[RedisServer]:
    with redis_server() as running:
        yield running


async def flushed(server: RedisServer) -> None:
    """Have Redis forget everything."""
    _, writer = await asyncio.open_connection("127.0.0.1", server.port)
    reader = _
    writer.write(b"FLUSHALL\r\n")
    assert await reader.readline() == b"+OK\r\n"
    writer.close()
    await writer.wait_closed()


@pytest.fixture(params=["memory", "redis"])
async def cluster(request: pytest.FixtureRequest) -> AsyncIterator[Cluster]:
    if request.param == "memory":
        yield MemoryCluster(lambda: monotonic_ms() / 1000, LASTS_S)
        return
    server = request.getfixturevalue("server")
    await flushed(server)
    async with redis(server) as opened:
        yield opened


@asynccontextmanager
async def redis(server: RedisServer) -> AsyncIterator[RedisCluster]:
    opened = RedisCluster(server.url, LASTS_S)
    try:
        yield opened
    finally:
        await opened.close()


async def test_one_leads_and_the_other_does_not(cluster: Cluster) -> None:
    assert await cluster.leader() is None
    taken = await cluster.take(ONE, 0)
    assert taken is not None
    assert await cluster.take(OTHER, 0) is None
    assert await cluster.take(ONE, 0) is None  # not even the one who leads takes it twice
    assert await cluster.leader() == Leader(ONE, taken.token)


async def test_a_lease_that_is_renewed_goes_on_and_one_that_is_not_is_over(
    cluster: Cluster,
) -> None:
    taken = await cluster.take(ONE, 0)
    assert taken is not None
    for _ in range(3):
        await asyncio.sleep(LASTS_S / 2)
        assert await cluster.renew(taken.token)
    await asyncio.sleep(LASTS_S * 1.3)
    assert await cluster.leader() is None
    assert not await cluster.renew(taken.token)
    assert await cluster.take(OTHER, 0) is not None


async def test_a_lease_that_is_given_back_can_be_taken_at_once(cluster: Cluster) -> None:
    first = await cluster.take(ONE, 0)
    assert first is not None
    await cluster.release(first.token)
    second = await cluster.take(OTHER, 0)
    assert second is not None
    assert second.token > first.token
    await cluster.release(first.token)  # of an old one, nothing is done
    assert not await cluster.renew(first.token)
    assert await cluster.leader() == Leader(OTHER, second.token)


async def test_a_token_is_greater_than_what_was_seen_elsewhere(cluster: Cluster) -> None:
    first = await cluster.take(ONE, 41)
    assert first is not None
    assert (first.token, first.sure) == (42, False)  # who took 41 may not know that it is over
    await cluster.release(first.token)
    second = await cluster.take(ONE, 7)
    assert second is not None
    assert (second.token, second.sure) == (43, False)
    await cluster.release(second.token)
    await asyncio.sleep(LASTS_S * 1.3)  # by now they do
    third = await cluster.take(ONE, 7)
    assert third is not None
    assert (third.token, third.sure) == (44, True)


async def test_nodes_are_there_until_they_leave(cluster: Cluster) -> None:
    await cluster.beat(OTHER)
    await cluster.beat(ONE)
    assert await cluster.nodes() == (ONE, OTHER)
    await cluster.leave(ONE)
    assert await cluster.nodes() == (OTHER,)


async def test_all_who_listen_hear_what_is_told_of_their_topic(cluster: Cluster) -> None:
    async with cluster.heard("leader") as one, cluster.heard("leader") as other:
        await asyncio.sleep(0.5)  # nothing is told for longer than an answer may take
        await cluster.tell("weather", "rain")
        await cluster.tell("leader", "e1")
        async with asyncio.timeout(5):
            assert [await anext(one), await anext(other)] == ["e1", "e1"]


async def test_a_redis_that_has_forgotten_hands_out_no_token_twice(server: RedisServer) -> None:
    async with redis(server) as cluster:
        await flushed(server)
        first = await cluster.take(ONE, 0)
        assert first is not None
        assert not first.sure  # it knows of no one, and there may be somebody
        await flushed(server)
        second = await cluster.take(OTHER, first.token)  # what the database has seen
        assert second is not None
        assert second.token > first.token
        assert not second.sure
        assert not await cluster.renew(first.token)


async def test_who_has_the_same_token_of_a_redis_that_has_forgotten_has_not_the_same_lease(
    server: RedisServer,
) -> None:
    async with redis(server) as cluster, redis(server) as another:
        await flushed(server)
        first = await cluster.take(ONE, 0)
        await flushed(server)
        second = await another.take(OTHER, 0)  # the first one's token was shown to nobody
        assert first is not None
        assert second is not None
        assert first.token == second.token
        assert not second.sure
        assert not await cluster.renew(first.token)
        await cluster.release(first.token)
        assert await another.renew(second.token)


async def test_a_redis_that_is_away_is_told_in_time_and_without_its_url() -> None:
    with redis_server() as server:
        async with redis(server) as cluster:
            taken = await cluster.take(ONE, 0)
            assert taken is not None
            server.freeze()
            async with asyncio.timeout(1):
                with pytest.raises(PortError, match="Redis does not answer") as told:
                    await cluster.renew(taken.token)
            assert str(server.port) not in str(told.value)
            server.kill()
            with pytest.raises(PortError):
                await cluster.leader()
            server.start()
            again = await cluster.take(OTHER, taken.token)
            assert again is not None
            assert again.token == taken.token + 1
