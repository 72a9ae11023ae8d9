"""What the engine needs of Asterisk's manager interface, be it one Asterisk or several; and listening to it
for a while only."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from ivr.adapters.ami.messages import PORT, AmiMessage, Value
from ivr.adapters.ami.snapshot import Snapshot
from ivr.model.errors import PortError
from ivr.ports.switch import ChannelInfo

BUDGET_MS = 3_000

OnEvent = Callable[[AmiMessage], None]
OnSnapshot = Callable[[Snapshot], None]


class Ami(Protocol):
    """A client. Every method that is awaited raises PortError."""

    ready: asyncio.Event
    """Set while there is a connection whose snapshot was taken."""

    @property
    def name(self) -> str:
        """Which of several Asterisks it is; empty where it is the only one, or all of them."""

    def each(self) -> Sequence[Ami]:
        """Return a client for each Asterisk."""

    def where(self, uniqueid: str) -> Sequence[Ami]:
        """Return the client of the Asterisk that has a channel; of all that may, where nobody knows."""

    def elsewhere(self, uniqueid: str, asterisk: str) -> bool:
        """Whether a channel is, or may be, at another Asterisk than the one of that name."""

    def on_event(self, name: str, handler: OnEvent) -> None:
        """Have `handler` called with every event of this name (`*`: of every name)."""

    def on_snapshot(self, handler: OnSnapshot) -> None:
        """Have `handler` called after every login, before the events that follow it."""

    def forget(self, handler: OnEvent | OnSnapshot) -> None:
        """Call a handler no more."""

    def missing_since(self, moment: datetime) -> None:
        """Have the next snapshot tell what happened in queues since then."""

    async def look(self) -> None:
        """Take a snapshot now, where there is a connection; else the next login does it."""

    async def action(
        self, name: str, fields: Mapping[str, Value] | None = None, *, budget_ms: int = BUDGET_MS
    ) -> list[AmiMessage]:
        """Send an action and return its answer."""

    async def getvar(self, channel: str, name: str) -> str:
        """Return a variable of a channel; empty when it is not set."""

    async def core_channels(self) -> tuple[ChannelInfo, ...]:
        """Return all channels."""

    async def redirect(self, channel: str, context: str, exten: str, priority: int = 1) -> None:
        """Send a channel elsewhere in the dialplan."""

    async def hang_up(self, channel: str) -> None:
        """End a channel."""


class Hearing:
    """A client for as long as `may` says so: what has registered with it hears nothing after `close`, and
    nothing is done for it any more."""

    def __init__(self, client: Ami, may: Callable[[], bool]) -> None:
        self._client = client
        self._may = may
        self._handlers: list[OnEvent | OnSnapshot] = []
        self._each: list[Hearing] = []
        self.ready = client.ready
        self.name = client.name

    def each(self) -> Sequence[Ami]:
        """Return a client for each Asterisk."""
        self._each = self._each or [Hearing(one, self._allows) for one in self._client.each()]
        return tuple(self._each)

    def where(self, uniqueid: str) -> Sequence[Ami]:
        """Return the client of the Asterisk that has a channel. See `Ami`."""
        return tuple(Hearing(one, self._allows) for one in self._client.where(uniqueid))

    def elsewhere(self, uniqueid: str, asterisk: str) -> bool:
        """Whether a channel is at another Asterisk. See `Ami`."""
        return self._client.elsewhere(uniqueid, asterisk)

    def close(self) -> None:
        """Hear nothing more."""
        self._may = lambda: False
        for handler in self._handlers:
            self._client.forget(handler)
        for one in self._each:
            one.close()

    def on_event(self, name: str, handler: OnEvent) -> None:
        """Have `handler` called. See `Ami`."""
        self._handlers.append(handler)
        self._client.on_event(name, handler)

    def on_snapshot(self, handler: OnSnapshot) -> None:
        """Have `handler` called. See `Ami`."""
        self._handlers.append(handler)
        self._client.on_snapshot(handler)

    def forget(self, handler: OnEvent | OnSnapshot) -> None:
        """Call a handler no more."""
        self._client.forget(handler)

    def missing_since(self, moment: datetime) -> None:
        """Have the next snapshot tell what happened in queues since then."""
        self._client.missing_since(moment)

    async def look(self) -> None:
        """Take a snapshot now. See `Ami`."""
        await self._client.look()

    async def action(
        self, name: str, fields: Mapping[str, Value] | None = None, *, budget_ms: int = BUDGET_MS
    ) -> list[AmiMessage]:
        """Send an action, if it may be sent."""
        return await self._allowed().action(name, fields, budget_ms=budget_ms)

    async def getvar(self, channel: str, name: str) -> str:
        """Return a variable of a channel."""
        return await self._allowed().getvar(channel, name)

    async def core_channels(self) -> tuple[ChannelInfo, ...]:
        """Return all channels."""
        return await self._allowed().core_channels()

    async def redirect(self, channel: str, context: str, exten: str, priority: int = 1) -> None:
        """Send a channel elsewhere in the dialplan."""
        await self._allowed().redirect(channel, context, exten, priority)

    async def hang_up(self, channel: str) -> None:
        """End a channel."""
        await self._allowed().hang_up(channel)

    def _allows(self) -> bool:
        return self._may()

    def _allowed(self) -> Ami:
        if not self._may():
            raise PortError(PORT, "this node leads no more: nothing is done in its name")
        return self._client
