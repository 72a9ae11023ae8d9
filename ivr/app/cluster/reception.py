"""The Waiting port of every node: the room itself where this node leads, else the leader's.

A caller hears music whatever becomes of the leader: while there is none their session waits here, and joins
again, in the old place, as soon as there is one.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from typing import Any

import msgspec
from msgspec.structs import replace

from ivr.app.cluster.reaching import LOOKS_S, Led, Lost, Reach
from ivr.app.cluster.room import LeadersRoom
from ivr.app.floor.room import WaitingRoom
from ivr.http.client import Unreached
from ivr.model.errors import PortError
from ivr.ports.clock import Clock
from ivr.ports.cluster import NotLeading
from ivr.ports.errands import Ending
from ivr.ports.line import DialStatus
from ivr.ports.waiting import Errand, Joining, Leaving, Ring, Turn, Wait

_LOG = logging.getLogger("ivr.cluster")

ROOM, DESK = "waiting", "room"
"""The leader's ports: the room itself, and as other nodes ask for it."""
ALONE_S = 15.0
"""A caller who waited so long without any leader is left to Asterisk's plain queue."""
HEARS_MS = 10_000


class _Seat(msgspec.Struct):
    """A caller of this node who waits while another one leads: `since` when they wait without a leader."""

    news: asyncio.Event
    quiet_until: float = 0.0
    since: datetime | None = None


class Reception:
    """The Waiting port, with errands and whispers. `steps` returns the path of a call through the menu."""

    def __init__(self, reach: Reach, steps: Callable[[str], tuple[str, ...]], clock: Clock) -> None:
        self._reach = reach
        self._far: Any = Led(reach, DESK, LeadersRoom, again=True)
        self._steps = steps
        self._clock = clock
        self._seats: dict[str, _Seat] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        reach.on_change(self._wake_all)

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """Hear what is new for the callers of this node, as long as it lasts."""
        hearing = asyncio.create_task(self._hear_on(), name="reception")
        try:
            yield
        finally:
            hearing.cancel()
            with suppress(asyncio.CancelledError):
                await hearing

    async def join(self, joining: Joining) -> Turn:
        """Enter a queue, or come back to it. See `Waiting`."""
        room, call_id = self._room(), joining.call_id
        if room is not None:
            seat = self._seats.pop(call_id, None)
            if seat is not None and seat.since is not None:
                room.remember(call_id, seat.since)
            return await room.join(joining)
        seat = self._seats.setdefault(call_id, _Seat(asyncio.Event()))
        seat.news.clear()
        sent = replace(joining, steps=self._steps(call_id))
        try:
            far: Any = await self._reach.far(LeadersRoom)
            asked = far.join(self._reach.leadership.node.name, sent, seat.since)
            said = await self._reach.unless_lost(asked)
        except (NotLeading, Unreached, Lost) as error:
            return self._music(seat, error)
        seat.since = None
        seat.quiet_until = self._now() + said.quiet_ms / 1000
        turn: Turn = said.turn
        return turn

    async def turn(self, call_id: str, within_ms: int) -> Turn:
        """Wait until there is something new. See `Waiting`."""
        seat, room = self._seats.get(call_id), self._room()
        if seat is None:
            return await room.turn(call_id, within_ms) if room is not None else Wait(0)
        patience = min(within_ms / 1000, max(0.0, seat.quiet_until - self._now()))
        with suppress(TimeoutError):
            async with asyncio.timeout(patience):
                await seat.news.wait()
        return Wait(0)

    async def news(self, call_id: str) -> None:
        """Wait until there is something new. See `Waiting`."""
        seat, room = self._seats.get(call_id), self._room()
        if seat is not None:
            await seat.news.wait()
        elif room is not None:
            await room.news(call_id)

    async def consented(self, call_id: str, given: bool, by: str) -> None:
        """Take a caller's answer. See `Waiting`."""
        await self._far.consented(call_id, given, by)

    async def rung(self, call_id: str, agent: str, status: DialStatus) -> None:
        """Take what came of ringing or joining an agent. See `Waiting`."""
        await self._far.rung(call_id, agent, status)

    async def leave(self, call_id: str, how: Leaving) -> Leaving:
        """Take a caller out, or aside. See `Waiting`."""
        if how is not Leaving.CALLBACK:
            self._seats.pop(call_id, None)
        left: Leaving = await self._far.leave(call_id, how)
        return left

    async def errand(self, call_id: str) -> Errand | None:
        """Return the errand that a caller is on. See `Errands`."""
        found: Errand | None = await self._far.errand(call_id)
        return found

    async def errand_over(self, call_id: str, ending: Ending) -> None:
        """Have an errand be over. See `Errands`."""
        await self._far.errand_over(call_id, ending)

    def keyed(self, call_id: str, what: str, count: int) -> None:
        """Show how many keys of a secret there are; nobody waits for that."""
        room = self._room()
        if room is not None:
            room.keyed(call_id, what, count)
            return
        task = asyncio.create_task(self._keyed(call_id, what, count))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def whisper(self, call_id: str) -> Ring | None:
        """Return what the agent is to hear who has just answered; None where nobody is rung."""
        found: Ring | None = await self._far.whisper(call_id)
        return found

    async def talks(self, call_id: str, channel: str) -> None:
        """Take it that an agent is about to talk with a caller."""
        await self._far.talks(call_id, channel)

    async def declined(self, call_id: str) -> None:
        """Take it that the agent did not take the call by the key."""
        await self._far.declined(call_id)

    def _room(self) -> WaitingRoom | None:
        """Return the room, where this node leads."""
        leadership = self._reach.leadership
        if not leadership.leads:
            return None
        room: WaitingRoom = leadership.port(ROOM)
        return room

    def _music(self, seat: _Seat, error: PortError) -> Wait:
        """Have a caller hear music until somebody leads. Raises what was wrong after a while."""
        seat.since = seat.since or self._clock.now()
        if (self._clock.now() - seat.since).total_seconds() > ALONE_S:
            raise error
        seat.quiet_until = self._now() + LOOKS_S
        return Wait(0)

    async def _keyed(self, call_id: str, what: str, count: int) -> None:
        with suppress(PortError):
            await self._far.keying(call_id, what, count)

    async def _hear_on(self) -> None:
        while True:
            try:
                far: Any = await self._reach.far(LeadersRoom)
                heard = far.heard(self._reach.leadership.node.name, HEARS_MS)
                for call_id in await self._reach.unless_lost(heard):
                    self._wake(call_id)
            except PortError as error:
                # What was told meanwhile may be lost: everybody asks anew.
                _LOG.debug("%s", error)
                self._wake_all()
                await asyncio.sleep(LOOKS_S)

    def _wake(self, call_id: str) -> None:
        seat = self._seats.get(call_id)
        if seat is not None:
            seat.news.set()

    def _wake_all(self) -> None:
        for seat in self._seats.values():
            seat.news.set()

    def _now(self) -> float:
        return asyncio.get_running_loop().time()
