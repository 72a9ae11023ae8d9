"""What an engine does while it leads: the floor, the calls that the bank begins, and what time does to
cases and surveys."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from ivr.adapters.ami.interface import Ami, Hearing
from ivr.app.banking import Banking
from ivr.app.basis import Basis
from ivr.app.callbacks.guard import guarded_dialler
from ivr.app.callbacks.onfloor import callbacks_on
from ivr.app.campaigns.whole import campaigns_on
from ivr.app.cases.running import RunningCases
from ivr.app.cluster.leadership import Ports
from ivr.app.cluster.reception import DESK, ROOM
from ivr.app.cluster.room import RoomDesk
from ivr.app.floor.board import FloorBoard
from ivr.app.floor.floor import RunningFloor
from ivr.app.floor.trail import Trail
from ivr.app.floor.whole import whole_floor
from ivr.app.surveys.whole import Surveying

WRITTEN_MS = 2_000
"""Longest wait until what was told of a call is in the store."""


class Terms:
    """Opens a term. `running` are the calls that this engine has; `depose` ends the term from within;
    `may` tells whether its lease counts; a node that is alone has no tokens to show (`fenced`)."""

    def __init__(
        self,
        base: Basis,
        banking: Banking,
        trail: Trail,
        client: Ami | None,
        cases: RunningCases,
        surveying: Surveying,
        *,
        fenced: bool,
    ) -> None:
        self.running: Callable[[], Collection[str]] = tuple
        self.depose: Callable[[str], None] = _nobody
        self.may: Callable[[], bool] = bool
        self.floor: RunningFloor | None = None
        self._desk: RoomDesk | None = None
        self._base = base
        self._banking = banking
        self._trail = trail
        self._client = client
        self._cases = cases
        self._surveying = surveying
        self._fenced = fenced

    @asynccontextmanager
    async def __call__(self, lease: int) -> AsyncIterator[Ports]:
        """Do it by the token of a lease; yield the leader's ports. Raises ConfigError, PortError."""
        base, banking, cases = self._base, self._banking, self._cases
        config, published, clock = base.config, base.published, base.clock
        token = lease if self._fenced else None
        async with AsyncExitStack() as stack:
            enter: Any = stack.enter_async_context
            client = self._hearing(stack)
            whole = await enter(
                whole_floor(config, published, self._trail, clock, client, token, self._out)
            )
            guard = await enter(guarded_dialler(config, client, clock, token))
            callbacks = await enter(
                callbacks_on(
                    config, whole, published, banking.bank, base.store.sessions, clock, guard, token
                )
            )
            campaigns = await enter(
                campaigns_on(
                    config,
                    whole,
                    published,
                    banking.messages,
                    clock,
                    client,
                    guard,
                    base.store.offers,
                    token,
                )
            )
            await enter(
                cases.kept(
                    banking.orders, callbacks, banking.messages, self._surveying.cases, whole.floor
                )
            )
            await enter(self._surveying.running(self.running, client, cases.book, guard))
            if client is not None:
                # Not waited for: an Asterisk that does not answer keeps no other's callers waiting.
                looking = asyncio.create_task(client.look(), name="look")
                stack.callback(looking.cancel)
            desk = RoomDesk(whole.room, lambda: base.store.flush(WRITTEN_MS))
            self.floor, self._desk = whole.floor, desk
            stack.callback(self._end, whole.floor)
            yield {
                "agents": whole.control,
                "floor": FloorBoard(whole.floor, whole.control),
                "callbacks": callbacks,
                "campaigns": campaigns,
                ROOM: whole.room,
                DESK: desk,
            }

    def _hearing(self, stack: AsyncExitStack) -> Ami | None:
        if self._client is None:
            return None
        hearing = Hearing(self._client, self.may)
        stack.callback(hearing.close)
        return hearing

    def _out(self) -> None:
        self.depose("another node has written by a greater token")

    def let_go(self) -> None:
        """Answer whoever waits for a change, so that nobody need wait for them."""
        if self.floor is not None and self._desk is not None:
            self._desk.let_go()
            self.floor.shown()

    def _end(self, floor: RunningFloor) -> None:
        """Have callers of this node, and whoever waits for a change, ask the next leader."""
        self.let_go()
        self.floor = self._desk = None
        floor.doors.wake_all()


def _nobody(why: str) -> None:
    """Nobody is to be told."""
