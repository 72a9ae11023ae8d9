"""Leading: taking the lease, keeping it, and stopping before it is over.

What only the leader does is a term: opened with the lease's token, closed when the lease ends. A node that
is alone takes its one lease at once, and for good.

While the lease's keeper cannot be asked, the leader goes on for as long as the database confirms that no
greater token was shown; whoever takes the lease meanwhile shows its token first, and then waits until the
last such confirmation is out. So two never lead at a time.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from typing import Any

from ivr.centre.leading import Judgement
from ivr.model.errors import OneCallError, PortError
from ivr.ports.cluster import Fence, Fenced, Lease, Node, NotLeading, Taken

_LOG = logging.getLogger("ivr.cluster")

RENEWALS = 4
"""A lease is renewed so often while it lasts."""
TRIES = 20
"""A node that does not lead tries so often while a lease lasts."""

Ports = Mapping[str, Any]
Term = Callable[[int], AbstractAsyncContextManager[Ports]]
"""What a leader does, by the token of its lease: yields the ports that others ask it for."""


class Leadership:
    """One node's part. `monotonic` returns seconds that only grow, also while the process is stopped."""

    def __init__(
        self, lease: Lease, fence: Fence, node: Node, term: Term, monotonic: Callable[[], float]
    ) -> None:
        self.node = node
        self._lease = lease
        self._fence = fence
        self._term = term
        self._monotonic = monotonic
        self._judgement = Judgement()
        self._ports: Ports | None = None
        self._over = asyncio.Event()
        self._looked = asyncio.Event()
        self._hurry = asyncio.Event()
        self._told = ""
        self.on_change: Callable[[], Awaitable[None]] = _nobody
        """Awaited when this node has begun to lead, and when it has given the lease back."""

    @property
    def leads(self) -> bool:
        """Whether this node may do now what only the leader does."""
        return self._ports is not None and self._judgement.leads(self._monotonic())

    def port(self, name: str) -> Any:
        """Return a port of the leader. Raises NotLeading."""
        if self._ports is None or not self._judgement.leads(self._monotonic()):
            raise NotLeading(self.node.name)
        return self._ports[name]

    def may(self) -> bool:
        """Whether the lease that was taken last still counts, also while its term is being opened."""
        return self._judgement.leads(self._monotonic())

    def hurry(self) -> None:
        """Try at once to lead: the leader may have gone."""
        self._hurry.set()

    def depose(self, why: str) -> None:
        """Lead no more: somebody else does, or nobody knows."""
        self._judgement.over()
        if not self._over.is_set():
            self._over.set()
            _LOG.error("node %s leads no more: %s", self.node.name, why)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Lead whenever nobody else does. Begins once it is known whether this node leads at first;
        raises what opening a first term raises."""
        self._looked.clear()
        running = asyncio.create_task(self._run(), name="leadership")
        looked = asyncio.create_task(self._looked.wait())
        try:
            await asyncio.wait({running, looked}, return_when=asyncio.FIRST_COMPLETED)
            if running.done():
                await running
            yield
        finally:
            looked.cancel()
            running.cancel()
            with suppress(asyncio.CancelledError):
                await running

    async def _run(self) -> None:
        while True:
            asked = self._monotonic()
            taken = await self._take()
            if taken is not None:
                await self._lead(taken, asked)
            self._looked.set()
            self._hurry.clear()
            await _within(self._hurry, self._lease.lasts_s / TRIES)

    async def _take(self) -> Taken | None:
        try:
            taken = await self._lease.take(self.node, await self._fence.seen())
        except PortError as error:
            self._tell(f"nobody can be asked who leads: {error}")
            return None
        self._told = ""
        return taken

    async def _lead(self, taken: Taken, asked: float) -> None:
        """Lead for as long as the lease is renewed. Raises what opening a first term raises."""
        lasts = self._lease.lasts_s
        self._over.clear()
        self._judgement.granted(asked, lasts)
        self._judgement.not_before(asked if taken.sure else asked + lasts)
        keeping = asyncio.create_task(self._keep(taken.token), name="lease")
        try:
            await self._serve(taken.token)
        except OneCallError as error:
            if not self._looked.is_set() and not isinstance(error, Fenced):
                raise
            _LOG.error("node %s cannot lead: %s", self.node.name, error)
        finally:
            self._judgement.over()
            keeping.cancel()
            with suppress(asyncio.CancelledError):
                await keeping
            await self._give_back(taken.token)

    async def _serve(self, token: int) -> None:
        """Do what a leader does until the lease is over."""
        others = await self._fence.show(token)
        now = self._monotonic()
        self._judgement.not_before(now + max(others, self._judgement.waits(now)))
        if await self._over_within(self._judgement.waits(now)):
            return
        async with self._term(token) as ports:
            if not self._over.is_set():
                self._ports = ports
                _LOG.info("node %s leads (token %d)", self.node.name, token)
                self._looked.set()
                await self.on_change()
            try:
                await self._over.wait()
            finally:
                self._ports = None

    async def _keep(self, token: int) -> None:
        """Renew the lease until it is over, then end the term."""
        every = self._lease.lasts_s / RENEWALS
        while not await self._over_within(min(every, self._left())):
            asked = self._monotonic()
            if await self._renewed(token) and not self._over.is_set():
                self._judgement.granted(asked, self._lease.lasts_s)
            elif not self._over.is_set() and not self._left():
                self.depose("neither the lease's keeper nor the database could be asked in time")

    async def _renewed(self, token: int) -> bool:
        """Renew the lease, or at least have the database keep it."""
        try:
            renewed = await self._lease.renew(token)
            self._told = ""
        except PortError as error:
            self._tell(f"{error}; it leads on for as long as the database keeps it")
            try:
                renewed = await self._fence.keep(token, self._lease.lasts_s)
            except PortError as worse:
                _LOG.error("node %s: %s", self.node.name, worse)
                return False
        if not renewed:
            self.depose("another node leads, or the lease was out")
        return renewed

    def _left(self) -> float:
        return self._judgement.left(self._monotonic())

    async def _over_within(self, seconds: float) -> bool:
        await _within(self._over, seconds)
        return self._over.is_set()

    async def _give_back(self, token: int) -> None:
        try:
            await self._lease.release(token)
        except PortError:
            _LOG.warning("node %s: the lease is over by itself", self.node.name)
        await self.on_change()

    def _tell(self, problem: str) -> None:
        """Say once what lasts."""
        if problem != self._told:
            self._told = problem
            _LOG.error("node %s: %s", self.node.name, problem)


async def _within(event: asyncio.Event, seconds: float) -> None:
    """Wait for an event, but no longer."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()


async def _nobody() -> None:
    """Nobody is to be told."""
