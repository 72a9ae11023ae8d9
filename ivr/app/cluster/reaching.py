"""Reaching the leader from any node: its ports, asked here where this node leads, and over HTTP else.

While nobody leads, whoever asks waits for the next leader.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

from ivr.app.cluster.leadership import Leadership
from ivr.app.floor.serving import MOUNT
from ivr.http.client import HttpPort, Unreached
from ivr.model.errors import PortError
from ivr.model.secret import Secret
from ivr.ports.backend import Settings
from ivr.ports.cluster import PORT, Cluster, Leader, NotLeading

_LOG = logging.getLogger("ivr.cluster")

LOOKS_S = 0.25
"""How often it is looked who leads, also where nothing was heard."""
CHANGES = "leader"
"""The signal that somebody leads, or does no more."""
BUDGET_MS = 30_000
PATIENCE_S = 5.0
"""Longest wait for a next leader: one is there within three seconds."""

T = TypeVar("T")


class Lost(PortError):
    """The leader was lost while it was asked: nobody knows what it has done."""

    def __init__(self) -> None:
        super().__init__(PORT, "the leader was lost while it was asked", retryable=True)


class Reach:
    """Knows who leads, and how to ask them. `token` is what all nodes have in common."""

    def __init__(self, cluster: Cluster, leadership: Leadership, token: Secret | None) -> None:
        self.leadership = leadership
        self._cluster = cluster
        self._token = token
        self._leader: Leader | None = None
        self._changed = asyncio.Event()
        self._ports: dict[type[HttpPort], HttpPort] = {}
        self._told: list[Callable[[], None]] = []
        self._look = asyncio.Event()
        self._words: dict[str, Callable[[], None]] = {CHANGES: self._hurry}
        leadership.on_change = self._tell

    def on_change(self, told: Callable[[], None]) -> None:
        """Have `told` called whenever somebody else leads, or nobody does."""
        self._told.append(told)

    def on_word(self, topic: str, heard: Callable[[], None]) -> None:
        """Have `heard` called whenever a node says a word of this topic, from the next `looking` on."""
        self._words[topic] = heard

    @property
    def changed(self) -> asyncio.Event:
        """Set as soon as somebody else leads than now."""
        return self._changed

    @property
    def led_by(self) -> str:
        """The name of the node that leads; empty: nobody does, as far as this one knows."""
        if self.leadership.leads:
            return self.leadership.node.name
        return self._leader.node.name if self._leader is not None else ""

    async def nodes(self) -> tuple[str, ...]:
        """Return the names of the nodes that are there, as far as anybody can tell."""
        with suppress(PortError):
            return tuple(node.name for node in await self._cluster.nodes())
        return (self.leadership.node.name,)

    @asynccontextmanager
    async def looking(self) -> AsyncIterator[None]:
        """Look who leads, as long as it lasts, and tell that this node is there."""
        looking = asyncio.create_task(self._look_on(), name="leader")
        listening = [
            asyncio.create_task(self._listen_on(topic, heard), name=f"signals of {topic}")
            for topic, heard in self._words.items()
        ]
        try:
            yield
        finally:
            for task in (looking, *listening):
                task.cancel()
            await asyncio.gather(looking, *listening, return_exceptions=True)
            with suppress(PortError):
                await self._cluster.leave(self.leadership.node)
            await self._forget_ports()

    async def far(self, kind: type[HttpPort]) -> Any:
        """Return a port of the leader's where another node leads. Raises NotLeading."""
        leader = self._leader
        if leader is None or leader.node == self.leadership.node or self._token is None:
            raise NotLeading(self.leadership.node.name)
        port = self._ports.get(kind)
        if port is None:
            settings = Settings(
                file=Path(), url=leader.node.address + MOUNT, token=self._token, budget_ms=BUDGET_MS
            )
            port = self._ports[kind] = await kind.opened(settings)
        return port

    async def unless_lost(self, work: Awaitable[T]) -> T:
        """Wait for an answer of the leader's for as long as it leads. Raises Lost."""
        asked, changed = asyncio.ensure_future(work), asyncio.ensure_future(self._changed.wait())
        try:
            await asyncio.wait({asked, changed}, return_when=asyncio.FIRST_COMPLETED)
            if not asked.done():
                raise Lost
            return await asked
        finally:
            changed.cancel()
            asked.cancel()

    async def _look_on(self) -> None:
        while True:
            try:
                await self._cluster.beat(self.leadership.node)
                await self._know(await self._cluster.leader())
            except PortError as error:
                # Whoever led may lead on: whoever asks them is told if not.
                _LOG.debug("%s", error)
            self._look.clear()
            await _either(self._look, LOOKS_S)

    def _hurry(self) -> None:
        """Look at once: somebody says that the leader changes."""
        self._look.set()
        self.leadership.hurry()

    async def _listen_on(self, topic: str, heard: Callable[[], None]) -> None:
        while True:
            try:
                async with self._cluster.heard(topic) as words:
                    async for _ in words:
                        heard()
            except PortError as error:
                _LOG.debug("%s", error)
                await asyncio.sleep(LOOKS_S)

    async def _tell(self) -> None:
        with suppress(PortError):
            await self._cluster.tell(CHANGES, self.leadership.node.name)

    async def _know(self, leader: Leader | None) -> None:
        if leader == self._leader:
            return
        self._leader = leader
        before, self._changed = self._changed, asyncio.Event()
        before.set()
        for told in self._told:
            told()
        await self._forget_ports()

    async def _forget_ports(self) -> None:
        ports, self._ports = self._ports, {}
        for port in ports.values():
            await port.close()


class Here:
    """A port of the leader, where this node leads: else every method raises NotLeading."""

    def __init__(self, leadership: Leadership, name: str) -> None:
        self._leadership = leadership
        self._name = name

    def __getattr__(self, method: str) -> Callable[..., Awaitable[Any]]:
        async def ask(*given: Any, **named: Any) -> Any:
            return await getattr(self._leadership.port(self._name), method)(*given, **named)

        return ask


class Led:
    """A port of the leader, wherever it is. `again`: what it is asked may be asked twice."""

    def __init__(
        self, reach: Reach, name: str, kind: type[HttpPort], *, again: bool = False
    ) -> None:
        self._reach = reach
        self._here = Here(reach.leadership, name)
        self._kind = kind
        self._again = again

    def __getattr__(self, method: str) -> Callable[..., Awaitable[Any]]:
        async def ask(*given: Any, **named: Any) -> Any:
            until = asyncio.get_running_loop().time() + PATIENCE_S
            while True:
                changed = self._reach.changed
                try:
                    return await self._once(method, *given, **named)
                except (NotLeading, Unreached, Lost) as error:
                    left = until - asyncio.get_running_loop().time()
                    if left <= 0 or (isinstance(error, Lost) and not self._again):
                        raise
                    await _either(changed, min(left, LOOKS_S))

        return ask

    async def _once(self, method: str, *given: Any, **named: Any) -> Any:
        if self._reach.leadership.leads:
            return await getattr(self._here, method)(*given, **named)
        far = await self._reach.far(self._kind)
        return await self._reach.unless_lost(getattr(far, method)(*given, **named))


async def _either(event: asyncio.Event, seconds: float) -> None:
    """Wait for an event, or for a time."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
