"""Several Asterisks as one: what is asked goes to the one that has the channel, and what is told of says
which one it is of.

UNIQUEIDs begin with Asterisk's `systemname`, so they say where a channel is; those that we have chosen
ourselves are learnt from what is told of them. Names of channels are the same on every Asterisk: each is
made one of a kind (`PJSIP/agent1001-0000002a@@ast1`) on its way in, and what it was on its way out.

One Asterisk that is lost stops no other: after a while its channels are taken for gone.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

import msgspec

from ivr.adapters.ami.client import AmiClient, guarded
from ivr.adapters.ami.interface import BUDGET_MS, OnEvent, OnSnapshot
from ivr.adapters.ami.messages import AmiDown, AmiMessage, AmiRefused, Value
from ivr.adapters.ami.snapshot import Snapshot
from ivr.model.errors import PortError
from ivr.ports.switch import AT, ChannelInfo, local, unique

LOST_S = 5.0
"""So long after its connection an Asterisk's channels are taken for gone."""
_CHANNELS = ("Channel", "ExtraChannel", "Channel1", "Channel2", "Data")
"""Fields of actions that name channels; ChanSpy's data begins with one."""

_LOG = logging.getLogger("ivr.ami")


class Asterisk:
    """One of several: a client whose channels' names are one of a kind."""

    def __init__(self, name: str, client: AmiClient) -> None:
        self.name = name
        self.client = client
        self.ready = client.ready
        self.given_up = False
        self._events: dict[str, list[OnEvent]] = {}
        self._snapshots: list[OnSnapshot] = []
        client.on_event("*", self._event)
        client.on_snapshot(self._snapshot)

    def each(self) -> Sequence[Asterisk]:
        """Return the one there is."""
        return (self,)

    def where(self, uniqueid: str) -> Sequence[Asterisk]:
        """Return the one there is."""
        return (self,)

    def elsewhere(self, uniqueid: str, asterisk: str) -> bool:
        """Whether a channel is at another one."""
        return asterisk != self.name

    def has(self, uniqueid: str) -> bool:
        """Whether a UNIQUEID says that its channel is here."""
        return uniqueid.startswith(f"{self.name}-")

    def on_event(self, name: str, handler: OnEvent) -> None:
        """Have `handler` called. See `Ami`."""
        self._events.setdefault(name, []).append(handler)

    def on_snapshot(self, handler: OnSnapshot) -> None:
        """Have `handler` called. See `Ami`."""
        self._snapshots.append(handler)

    def forget(self, handler: OnEvent | OnSnapshot) -> None:
        """Call a handler no more."""
        lists: list[list[Any]] = [*self._events.values(), self._snapshots]
        for handlers in lists:
            if handler in handlers:
                handlers.remove(handler)

    def missing_since(self, moment: datetime) -> None:
        """Have the next snapshot tell what happened in queues since then."""
        self.client.missing_since(moment)

    async def look(self) -> None:
        """Take a snapshot now. See `Ami`."""
        await self.client.look()

    async def action(
        self, name: str, fields: Mapping[str, Value] | None = None, *, budget_ms: int = BUDGET_MS
    ) -> list[AmiMessage]:
        """Send an action, with channels' names as they are there."""
        said = dict(fields or {})
        for key in _CHANNELS:
            value = said.get(key)
            if isinstance(value, str):
                said[key] = value.replace(f"{AT}{self.name}", "")
        return await self.client.action(name, said, budget_ms=budget_ms)

    async def getvar(self, channel: str, name: str) -> str:
        """Return a variable of a channel."""
        return await self.client.getvar(local(channel), name)

    async def core_channels(self) -> tuple[ChannelInfo, ...]:
        """Return all channels of this Asterisk."""
        return self._ours(await self.client.core_channels())

    async def redirect(self, channel: str, context: str, exten: str, priority: int = 1) -> None:
        """Send a channel elsewhere in the dialplan."""
        await self.client.redirect(local(channel), context, exten, priority)

    async def hang_up(self, channel: str) -> None:
        """End a channel."""
        await self.client.hang_up(local(channel))

    def give_up(self) -> None:
        """Take its channels for gone: nobody can reach it."""
        if not self.ready.is_set():
            self.given_up = True
            _LOG.error("ami: Asterisk %s is lost: its calls are taken for gone", self.name)
            self._tell(Snapshot((), (), (), self.name))

    def _event(self, event: AmiMessage) -> None:
        event = event.but("Channel", unique(event["Channel"], self.name))
        for handler in (*self._events.get(event.name, ()), *self._events.get("*", ())):
            guarded(handler, event)

    def _snapshot(self, taken: Snapshot) -> None:
        self.given_up = False
        channels = self._ours(taken.channels)
        self._tell(Snapshot(channels, taken.queues, taken.missed, self.name))

    def _ours(self, channels: tuple[ChannelInfo, ...]) -> tuple[ChannelInfo, ...]:
        return tuple(
            msgspec.structs.replace(one, channel=unique(one.channel, self.name)) for one in channels
        )

    def _tell(self, taken: Snapshot) -> None:
        for handler in tuple(self._snapshots):
            guarded(handler, taken)


class Asterisks:
    """All of them."""

    name = ""

    def __init__(self, clients: Mapping[str, AmiClient]) -> None:
        self.ready = asyncio.Event()
        self._all = tuple(Asterisk(name, client) for name, client in clients.items())
        self._learnt: dict[str, Asterisk] = {}
        """Where channels are whose UNIQUEIDs do not say it."""
        self._turns = itertools.cycle(self._all)
        self._patience: dict[str, asyncio.TimerHandle] = {}
        for one in self._all:
            one.on_event("*", lambda event, one=one: self._learn(one, event))  # type: ignore[misc]
            one.on_snapshot(lambda taken, one=one: self._found(one, taken))  # type: ignore[misc]
            one.client.on_end = lambda one=one: self._lost(one)  # type: ignore[misc]

    @property
    def lag_s(self) -> float | None:
        """How long the slowest took to answer."""
        return max((one.client.lag_s for one in self._all if one.client.lag_s), default=None)

    async def connect(self, *, insist: bool = False) -> None:
        """Log in to all. Raises AmiRejected; without `insist` PortError as well."""
        for one in self._all:
            self._lost(one)
            await one.client.connect(insist=insist)

    async def close(self) -> None:
        """End all connections."""
        for timer in self._patience.values():
            timer.cancel()
        for one in self._all:
            one.client.on_end = _nothing
            await one.client.close()

    def each(self) -> Sequence[Asterisk]:
        """Return them."""
        return self._all

    def where(self, uniqueid: str) -> Sequence[Asterisk]:
        """Return the one that has a channel; all that may, the likeliest first, where nobody knows."""
        known = self._known(uniqueid)
        if known is not None:
            return (known,)
        return tuple(one for one in self._all if one.ready.is_set()) or self._all

    def elsewhere(self, uniqueid: str, asterisk: str) -> bool:
        """Whether a channel is, or may be, at another Asterisk than that one."""
        known = self._known(uniqueid)
        if known is not None:
            return known.name != asterisk
        return not all(one.ready.is_set() or one.given_up for one in self._all)

    def on_event(self, name: str, handler: OnEvent) -> None:
        """Have `handler` called. See `Ami`."""
        for one in self._all:
            one.on_event(name, handler)

    def on_snapshot(self, handler: OnSnapshot) -> None:
        """Have `handler` called after every login to any of them. See `Ami`."""
        for one in self._all:
            one.on_snapshot(handler)

    def forget(self, handler: OnEvent | OnSnapshot) -> None:
        """Call a handler no more."""
        for one in self._all:
            one.forget(handler)

    def missing_since(self, moment: datetime) -> None:
        """Have the next snapshots tell what happened in queues since then."""
        for one in self._all:
            one.missing_since(moment)

    async def look(self) -> None:
        """Take snapshots now; of one that is given up, that nothing is there."""
        await asyncio.gather(*map(self._learn_all, self._all))
        await asyncio.gather(*(one.look() for one in self._all if not one.given_up))
        for one in self._all:
            if one.given_up:
                one.give_up()

    async def action(
        self, name: str, fields: Mapping[str, Value] | None = None, *, budget_ms: int = BUDGET_MS
    ) -> list[AmiMessage]:
        """Send an action to the one that it is for. See `Ami`."""
        said = dict(fields or {})
        if name.lower() == "originate":
            one = self._next()
            self._note(one, str(said.get("ChannelId", "")))
            return await one.action(name, said, budget_ms=budget_ms)
        about = next((str(said[key]) for key in _CHANNELS if said.get(key)), "")
        return await self._ask(about.partition(",")[0], name, said, budget_ms)

    async def getvar(self, channel: str, name: str) -> str:
        """Return a variable of a channel."""
        fields: dict[str, Value] = {"Channel": channel, "Variable": name}
        return (await self._ask(channel, "Getvar", fields, BUDGET_MS))[0]["Value"]

    async def core_channels(self) -> tuple[ChannelInfo, ...]:
        """Return the channels of all. Raises AmiDown as long as one cannot be asked that is not given
        up."""
        channels: list[ChannelInfo] = []
        for one in self._all:
            if not one.given_up:
                channels += await one.core_channels()
        return tuple(channels)

    async def redirect(self, channel: str, context: str, exten: str, priority: int = 1) -> None:
        """Send a channel elsewhere in the dialplan."""
        place: dict[str, Value] = {"Context": context, "Exten": exten, "Priority": priority}
        await self._ask(channel, "Redirect", {"Channel": channel, **place}, BUDGET_MS)

    async def hang_up(self, channel: str) -> None:
        """End a channel."""
        await self._ask(channel, "Hangup", {"Channel": channel, "Cause": 16}, BUDGET_MS)

    async def _ask(
        self, about: str, name: str, fields: Mapping[str, Value], budget_ms: int
    ) -> list[AmiMessage]:
        """Ask the one that has a channel; where nobody knows, each until one has it."""
        refused: PortError = AmiDown()
        for one in self.where(about):
            try:
                return await one.action(name, fields, budget_ms=budget_ms)
            except AmiRefused as error:
                refused = error
        raise refused

    def _known(self, about: str) -> Asterisk | None:
        """Return where a channel is, by its UNIQUEID or its name."""
        at = about.rpartition(AT)[2]
        found = (one for one in self._all if one.has(about) or one.name == at)
        return next(found, self._learnt.get(about))

    def _next(self) -> Asterisk:
        """Return the one whose turn it is to begin a call. Raises AmiDown."""
        for one in itertools.islice(self._turns, len(self._all)):
            if one.ready.is_set():
                return one
        raise AmiDown

    async def _learn_all(self, one: Asterisk) -> None:
        """Learn where channels are, before anybody compares what is where."""
        with suppress(PortError):
            for channel in await one.core_channels():
                self._note(one, channel.uniqueid)

    def _learn(self, one: Asterisk, event: AmiMessage) -> None:
        uniqueid = event["Uniqueid"]
        if event.name == "Hangup":
            self._learnt.pop(uniqueid, None)
        elif uniqueid:
            self._note(one, uniqueid)

    def _note(self, one: Asterisk, uniqueid: str) -> None:
        if uniqueid and not any(other.has(uniqueid) for other in self._all):
            self._learnt[uniqueid] = one

    def _found(self, one: Asterisk, taken: Snapshot) -> None:
        """Know what is there after a login, and what is not any more."""
        for uniqueid in [known for known, at in self._learnt.items() if at is one]:
            del self._learnt[uniqueid]
        for channel in taken.channels:
            self._note(one, channel.uniqueid)
        if not one.given_up:
            self.ready.set()
            timer = self._patience.pop(one.name, None)
            if timer is not None:
                timer.cancel()

    def _lost(self, one: Asterisk) -> None:
        if not any(other.ready.is_set() for other in self._all):
            self.ready.clear()
        if one.name not in self._patience:
            loop = asyncio.get_running_loop()
            self._patience[one.name] = loop.call_later(LOST_S, self._give_up, one)

    def _give_up(self, one: Asterisk) -> None:
        self._patience.pop(one.name, None)
        one.give_up()


def _nothing() -> None:
    """Nobody waits."""
