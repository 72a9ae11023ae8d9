"""The leader's waiting room, as the sessions of other nodes use it.

A caller's session may run on any node. What is new for the callers of a node the leader tells that node in
one long request for all of them; their sessions then ask what it is, each for itself.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime
from typing import Any, Protocol

import msgspec

from ivr.app.floor.room import WaitingRoom
from ivr.http.client import HttpPort
from ivr.ports.errands import Ending
from ivr.ports.line import DialStatus
from ivr.ports.waiting import (
    Consent,
    Errand,
    Hold,
    Join,
    Joining,
    Leaving,
    Over,
    Ring,
    Turn,
    Wait,
)


class Told(msgspec.Struct, frozen=True):
    """A Turn on its way: the one that is there is next. For `quiet_ms` there is nothing more to tell, if
    nothing happens."""

    quiet_ms: int
    wait: Wait | None = None
    consent: Consent | None = None
    ring: Ring | None = None
    hold: Hold | None = None
    join: Join | None = None
    errand: Errand | None = None
    over: Over | None = None

    @property
    def turn(self) -> Turn:
        """What is next."""
        said = (self.consent, self.ring, self.hold, self.join, self.errand, self.over)
        return next((one for one in said if one is not None), self.wait or Wait(0))


def told(turn: Turn, quiet_ms: int) -> Told:
    """Return a Turn, fit to be sent."""
    said: dict[str, Any] = {type(turn).__name__.lower(): turn}
    return Told(quiet_ms, **said)


class Room(Protocol):
    """The waiting room between nodes. Every method raises PortError."""

    def join(self, node: str, joining: Joining, since: datetime | None = None) -> Awaitable[Told]:
        """Enter a queue, or come back to it; `since` is when the caller began to wait without a leader."""

    def heard(self, node: str, within_ms: int) -> Awaitable[tuple[str, ...]]:
        """Return the calls of a node that have news, as soon as there are some, or none after a while."""

    def consented(self, call_id: str, given: bool, by: str) -> Awaitable[None]:
        """Tell whether the caller agrees to be recorded."""

    def rung(self, call_id: str, agent: str, status: DialStatus) -> Awaitable[None]:
        """Tell how ringing or joining an agent ended."""

    def leave(self, call_id: str, how: Leaving) -> Awaitable[Leaving]:
        """Leave the queue."""

    def errand(self, call_id: str) -> Awaitable[Errand | None]:
        """Return the errand that a caller is on."""

    def errand_over(self, call_id: str, ending: Ending) -> Awaitable[None]:
        """Tell how it ended."""

    def keying(self, call_id: str, what: str, count: int) -> Awaitable[None]:
        """Tell how many keys of a secret there are by now."""

    def whisper(self, call_id: str) -> Awaitable[Ring | None]:
        """Return what the agent is to hear who has just answered."""

    def talks(self, call_id: str, channel: str) -> Awaitable[None]:
        """Tell that an agent is about to talk with a caller."""

    def declined(self, call_id: str) -> Awaitable[None]:
        """Tell that the agent did not take the call by the key."""


class LeadersRoom(HttpPort, Room, port="room"):
    """The waiting room of another node, which leads."""


class RoomDesk:
    """The waiting room of the leader, open to other nodes. `written` returns once all that was told of
    calls so far is in the store: their own nodes write their ends."""

    def __init__(self, room: WaitingRoom, written: Callable[[], Awaitable[None]]) -> None:
        self._room = room
        self._written = written
        self._news: dict[str, set[str]] = defaultdict(set)
        self._rung: dict[str, asyncio.Event] = defaultdict(asyncio.Event)
        self._over = False
        room.doors.on_news = self._tell

    async def join(self, node: str, joining: Joining, since: datetime | None = None) -> Told:
        """Enter a queue, or come back to it. See `Room`."""
        call_id, doors = joining.call_id, self._room.doors
        door = doors.of(call_id)
        door.node, door.since = node, door.since or since
        turn = await self._room.join(joining)
        if isinstance(turn, Over):
            await self._written()
        return told(turn, round(self._room.quiet_s(call_id) * 1000))

    async def heard(self, node: str, within_ms: int) -> tuple[str, ...]:
        """Return the calls of a node that have news. See `Room`."""
        rung = self._rung[node]
        with suppress(TimeoutError):
            async with asyncio.timeout(within_ms / 1000):
                await rung.wait()
        if not self._over:
            rung.clear()
        return tuple(self._news.pop(node, ()))

    def let_go(self) -> None:
        """Answer the nodes that wait, from now on: there is an end."""
        self._over = True
        for rung in self._rung.values():
            rung.set()

    async def consented(self, call_id: str, given: bool, by: str) -> None:
        """Tell whether the caller agrees to be recorded."""
        await self._room.consented(call_id, given, by)

    async def rung(self, call_id: str, agent: str, status: DialStatus) -> None:
        """Tell how ringing or joining an agent ended."""
        await self._room.rung(call_id, agent, status)
        await self._written()

    async def leave(self, call_id: str, how: Leaving) -> Leaving:
        """Leave the queue."""
        left = await self._room.leave(call_id, how)
        await self._written()
        return left

    async def errand(self, call_id: str) -> Errand | None:
        """Return the errand that a caller is on."""
        return await self._room.errand(call_id)

    async def errand_over(self, call_id: str, ending: Ending) -> None:
        """Tell how it ended."""
        await self._room.errand_over(call_id, ending)

    async def keying(self, call_id: str, what: str, count: int) -> None:
        """Tell how many keys of a secret there are by now."""
        self._room.keyed(call_id, what, count)

    async def whisper(self, call_id: str) -> Ring | None:
        """Return what the agent is to hear who has just answered."""
        return self._room.whisper(call_id)

    async def talks(self, call_id: str, channel: str) -> None:
        """Tell that an agent is about to talk with a caller."""
        await self._room.talks(call_id, channel)

    async def declined(self, call_id: str) -> None:
        """Tell that the agent did not take the call by the key."""
        self._room.declined(call_id)

    def _tell(self, call_id: str, node: str) -> None:
        if node:
            self._news[node].add(call_id)
            self._rung[node].set()
