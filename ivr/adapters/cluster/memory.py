"""The cluster ports in memory: nodes of one process, and a node that is alone."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from ivr.ports.cluster import Leader, Node, Taken

PRESENT_S = 3.0
"""How long a node is there after it said so."""


class MemoryCluster:
    """All of the cluster ports. `monotonic` returns seconds that only grow."""

    def __init__(self, monotonic: Callable[[], float], lasts_s: float = 2.0) -> None:
        self.lasts_s = lasts_s
        self._monotonic = monotonic
        self._token = 0
        self._doubt_until = 0.0
        self._lease: tuple[Leader, float] | None = None
        self._present: dict[str, tuple[Node, float]] = {}
        self._listening: dict[str, set[asyncio.Queue[str]]] = defaultdict(set)

    async def take(self, node: Node, above: int) -> Taken | None:
        """Lead, unless somebody does. See `Lease`."""
        if await self.leader() is not None:
            return None
        now = self._monotonic()
        if self._token < above:
            self._doubt_until = now + self.lasts_s
        self._token = max(self._token, above) + 1
        self._lease = (Leader(node, self._token), now + self.lasts_s)
        return Taken(self._token, sure=now >= self._doubt_until)

    async def renew(self, token: int) -> bool:
        """Lead on. See `Lease`."""
        leader = await self.leader()
        if leader is None or leader.token != token:
            return False
        self._lease = (leader, self._monotonic() + self.lasts_s)
        return True

    async def release(self, token: int) -> None:
        """Lead no more. See `Lease`."""
        if self._lease is not None and self._lease[0].token == token:
            self._lease = None

    async def leader(self) -> Leader | None:
        """Return who leads. See `Lease`."""
        if self._lease is None or self._lease[1] <= self._monotonic():
            return None
        return self._lease[0]

    async def beat(self, node: Node) -> None:
        """Tell that a node is there."""
        self._present[node.name] = (node, self._monotonic() + PRESENT_S)

    async def leave(self, node: Node) -> None:
        """Tell that a node is gone."""
        self._present.pop(node.name, None)

    async def nodes(self) -> tuple[Node, ...]:
        """Return the nodes that are there."""
        now = self._monotonic()
        there = [node for node, until in self._present.values() if until > now]
        return tuple(sorted(there, key=lambda node: node.name))

    async def tell(self, topic: str, word: str) -> None:
        """Tell all who listen now."""
        for ear in self._listening[topic]:
            ear.put_nowait(word)

    @asynccontextmanager
    async def heard(self, topic: str) -> AsyncIterator[AsyncIterator[str]]:
        """Listen. See `Signals`."""
        ear: asyncio.Queue[str] = asyncio.Queue()
        self._listening[topic].add(ear)
        try:
            yield _words(ear)
        finally:
            self._listening[topic].discard(ear)

    async def close(self) -> None:
        """There is nothing to close."""


async def _words(ear: asyncio.Queue[str]) -> AsyncIterator[str]:
    while True:
        yield await ear.get()
