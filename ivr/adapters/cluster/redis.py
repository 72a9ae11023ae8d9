"""The cluster ports on Redis: each decision is one script, which Redis runs whole.

The token grows with a counter of Redis' own, and above whatever the caller has seen elsewhere. A Redis
that was emptied, or restarted without its data, says for as long as a lease lasts that it is not sure: it
may hand out a token once more that it gave to somebody who has shown it nowhere yet, and knows the two apart
all the same.
"""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, cast

import msgspec
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from ivr.model.errors import PortError
from ivr.ports.cluster import PORT, Leader, Node, Taken

PRESENT_MS = 3_000
"""How long a node is there after it said so."""
ANSWERS_S = 0.4
"""Longest wait for Redis: less than the time between two renewals."""
LISTENS_S = 60.0
"""So long at a time it is listened; without it, only for ANSWERS_S."""

_LEASE, _COUNTER, _DOUBT = "onecall:lease", "onecall:token", "onecall:doubt"
_NODES, _TOPICS = "onecall:node:", "onecall:told:"

_TAKE = """
if redis.call('EXISTS', KEYS[1]) == 1 then return false end
local last, above = tonumber(redis.call('GET', KEYS[2]) or '-1'), tonumber(ARGV[2])
local token = math.max(last, above) + 1
redis.call('SET', KEYS[2], token)
redis.call('HSET', KEYS[1], 'token', token, 'node', ARGV[1], 'by', token .. ARGV[4])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
if last < above then redis.call('SET', KEYS[3], '', 'PX', ARGV[3]) end
return {token, 1 - redis.call('EXISTS', KEYS[3])}
"""
_RENEW = """
if redis.call('HGET', KEYS[1], 'by') ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])
"""
_RELEASE = """
if redis.call('HGET', KEYS[1], 'by') ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])
"""


class RedisCluster:
    """All of the cluster ports."""

    def __init__(self, url: str, lasts_s: float = 2.0) -> None:
        self.lasts_s = lasts_s
        self._by = f":{secrets.token_hex(8)}"
        # Nothing is tried again here: who holds a lease must know in time that it is not renewed.
        self._redis: Any = Redis.from_url(
            url,
            decode_responses=True,
            socket_timeout=ANSWERS_S,
            socket_connect_timeout=ANSWERS_S,
            retry=Retry(NoBackoff(), 0),
        )

    async def take(self, node: Node, above: int) -> Taken | None:
        """Lead, unless somebody does. See `Lease`."""
        said = msgspec.json.encode(node).decode()
        keys = [_LEASE, _COUNTER, _DOUBT]
        done = await self._run(_TAKE, keys, said, above, self._lasts_ms, self._by)
        return Taken(int(done[0]), bool(done[1])) if done else None

    async def renew(self, token: int) -> bool:
        """Lead on. See `Lease`."""
        return bool(await self._run(_RENEW, [_LEASE], f"{token}{self._by}", self._lasts_ms))

    async def release(self, token: int) -> None:
        """Lead no more. See `Lease`."""
        await self._run(_RELEASE, [_LEASE], f"{token}{self._by}")

    async def leader(self) -> Leader | None:
        """Return who leads. See `Lease`."""
        with _explained():
            token, node = await self._redis.hmget(_LEASE, "token", "node")
        return Leader(_node(node), int(token)) if token else None

    async def beat(self, node: Node) -> None:
        """Tell that a node is there."""
        said = msgspec.json.encode(node).decode()
        with _explained():
            await self._redis.set(_NODES + node.name, said, px=PRESENT_MS)

    async def leave(self, node: Node) -> None:
        """Tell that a node is gone."""
        with _explained():
            await self._redis.delete(_NODES + node.name)

    async def nodes(self) -> tuple[Node, ...]:
        """Return the nodes that are there."""
        with _explained():
            names = [name async for name in self._redis.scan_iter(match=f"{_NODES}*")]
            told = await self._redis.mget(sorted(names)) if names else []
        return tuple(_node(one) for one in told if one)

    async def tell(self, topic: str, word: str) -> None:
        """Tell all who listen now."""
        with _explained():
            await self._redis.publish(_TOPICS + topic, word)

    @asynccontextmanager
    async def heard(self, topic: str) -> AsyncIterator[AsyncIterator[str]]:
        """Listen. See `Signals`."""
        async with self._redis.pubsub(ignore_subscribe_messages=True) as listening:
            with _explained():
                await listening.subscribe(_TOPICS + topic)
                await listening.get_message(ignore_subscribe_messages=False, timeout=ANSWERS_S)
            yield _words(listening)

    async def close(self) -> None:
        """Close the connections."""
        await self._redis.aclose()

    @property
    def _lasts_ms(self) -> int:
        return round(self.lasts_s * 1000)

    async def _run(self, script: str, keys: list[str], *arguments: str | int) -> Any:
        with _explained():
            return await self._redis.eval(script, len(keys), *keys, *arguments)


async def _words(listening: Any) -> AsyncIterator[str]:
    while True:
        with _explained():
            told = await listening.get_message(timeout=LISTENS_S)
        if told is not None:
            yield cast(str, told["data"])


def _node(said: str) -> Node:
    return msgspec.json.decode(said, type=Node)


@contextmanager
def _explained() -> Iterator[None]:
    """Say Redis' faults as any port's: what, and what to do; never the URL, which may hold a secret."""
    try:
        yield
    except (RedisError, OSError) as error:
        problem = f"Redis does not answer ({type(error).__name__}): see that it runs and is reached"
        raise PortError(PORT, problem, retryable=True) from error
