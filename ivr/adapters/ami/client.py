"""The AMI client: one user's connection to Asterisk, kept up for as long as the engine runs."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from random import SystemRandom
from typing import Any, TypeVar

from ivr.adapters.ami import snapshot
from ivr.adapters.ami.interface import BUDGET_MS, OnEvent, OnSnapshot
from ivr.adapters.ami.link import Link
from ivr.adapters.ami.login import AmiSettings, log_in
from ivr.adapters.ami.messages import AmiDown, AmiMessage, AmiRejected, Value
from ivr.adapters.ami.snapshot import Snapshot
from ivr.model.errors import PortError
from ivr.ports.clock import Clock
from ivr.ports.switch import ChannelInfo

__all__ = ["AmiClient", "AmiSettings", "guarded"]

MAX_WAITING_EVENTS = 100_000

_CHANCE = SystemRandom()
_LOG = logging.getLogger("ivr.ami")

T = TypeVar("T")


class AmiClient:
    """The Switch port on AMI, and a source of events.

    What is asked is sent once: it fails when the connection breaks, and nobody sends it again.
    After every login the handlers of snapshots are called first, then those of events, with all
    that came since the login: an event may tell what the snapshot already shows.
    """

    name = ""

    def __init__(self, settings: AmiSettings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._events: dict[str, list[OnEvent]] = {}
        self._snapshots: list[OnSnapshot] = []
        self._link: Link | None = None
        self._waiting: list[AmiMessage] | None = None
        self._heard: int | None = None
        self._since: int | None = None
        self._ended = asyncio.Event()
        self._keeper: asyncio.Task[None] | None = None
        self.on_end: Callable[[], None] = _nothing
        self.ready = asyncio.Event()
        """Set while there is a connection whose snapshot was taken."""
        self.lag_s: float | None = None
        """How long Asterisk took to answer the last ping; None before the first."""

    def each(self) -> Sequence[AmiClient]:
        """Return the one there is. See `Ami`."""
        return (self,)

    def where(self, uniqueid: str) -> Sequence[AmiClient]:
        """Return the one there is. See `Ami`."""
        return (self,)

    def elsewhere(self, uniqueid: str, asterisk: str) -> bool:
        """No channel is. See `Ami`."""
        return False

    def on_event(self, name: str, handler: OnEvent) -> None:
        """Have `handler` called with every event of this name (`*`: of every name)."""
        self._events.setdefault(name, []).append(handler)

    def on_snapshot(self, handler: OnSnapshot) -> None:
        """Have `handler` called after every login, before the events that follow it."""
        self._snapshots.append(handler)

    def missing_since(self, moment: datetime) -> None:
        """Have the next snapshot tell what happened in queues since then: an earlier process of ours, or
        another node, saw it until then."""
        self._since = int(moment.timestamp())

    def forget(self, handler: OnEvent | OnSnapshot) -> None:
        """Call a handler no more."""
        lists: list[list[Any]] = [*self._events.values(), self._snapshots]
        for handlers in lists:
            if handler in handlers:
                handlers.remove(handler)

    async def look(self) -> None:
        """Take a snapshot now, and have it handled as after a login. Without a connection, or where it is
        lost over this, the next login does it."""
        link = self._link
        if link is None or link.closed or self._waiting is not None:
            return
        self._waiting = []
        try:
            taken = await self._taken(link)
        except PortError as error:
            _LOG.warning("%s; connecting again", error)
            link.close()
        except asyncio.CancelledError:
            self._dispatch_waiting()
            raise
        else:
            self._deliver(taken)

    async def connect(self, *, insist: bool = False) -> None:
        """Log in, and stay logged in until `close`.

        Raises AmiRejected for a wrong user or secret, and nothing is tried again. When Asterisk
        cannot be reached, raises PortError, or with `insist` goes on trying in the background.
        """
        try:
            await self._log_in()
        except AmiRejected:
            raise
        except PortError as error:
            if not insist:
                raise
            _LOG.warning("%s; trying again", error)
        self._keeper = asyncio.create_task(self._keep(), name="ami-keeper")

    async def close(self) -> None:
        """End the connection; what waits for an answer fails with AmiLost."""
        if self._keeper is not None:
            self._keeper.cancel()
            with suppress(asyncio.CancelledError):
                await self._keeper
        if self._link is not None:
            self._link.close()

    async def action(
        self, name: str, fields: Mapping[str, Value] | None = None, *, budget_ms: int = BUDGET_MS
    ) -> list[AmiMessage]:
        """Send an action and return its answer: one message, or the messages of a list.

        Raises AmiDown, AmiLost, AmiRefused, PortTimeout, or PortError for a value with a line
        break in it. Originate is always sent with `Async: true`: without it Asterisk answers
        nothing else until the callee does.
        """
        said = dict(fields or {})
        if name.lower() == "originate":
            said = {key: value for key, value in said.items() if key.lower() != "async"}
            said["Async"] = True
        return await self._connected().ask(name, said, budget_ms)

    async def getvar(self, channel: str, name: str) -> str:
        """Return a variable of a channel; empty when it is not set."""
        answer = await self.action("Getvar", {"Channel": channel, "Variable": name})
        return answer[0]["Value"]

    async def core_channels(self) -> tuple[ChannelInfo, ...]:
        """Return all channels."""
        return await snapshot.core_channels(self._connected(), BUDGET_MS)

    async def redirect(self, channel: str, context: str, exten: str, priority: int = 1) -> None:
        """Send a channel elsewhere in the dialplan."""
        place: dict[str, Value] = {"Context": context, "Exten": exten, "Priority": priority}
        await self.action("Redirect", {"Channel": channel, **place})

    async def hang_up(self, channel: str) -> None:
        """End a channel, with the cause of a normal clearing."""
        await self.action("Hangup", {"Channel": channel, "Cause": 16})

    def _connected(self) -> Link:
        if self._link is None or self._link.closed:
            raise AmiDown
        return self._link

    async def _keep(self) -> None:
        while True:
            if self._link is not None:
                await self._watch(self._link)
                _LOG.warning("ami: the connection to Asterisk is lost; connecting again")
            await self._reconnect()

    async def _reconnect(self) -> None:
        pause = self._settings.retry_ms
        reported = ""
        while True:
            await asyncio.sleep(_CHANCE.uniform(pause / 2, pause) / 1000)
            pause = min(pause * 2, self._settings.retry_most_ms)
            try:
                await self._log_in()
            except PortError as error:
                if str(error) != reported:
                    reported = str(error)
                    _LOG.error("%s; trying again", reported)
                if isinstance(error, AmiRejected):
                    pause = self._settings.rejected_ms
            else:
                _LOG.warning("ami: connected to Asterisk again")
                return

    async def _log_in(self) -> None:
        self._ended.clear()
        self._waiting = []
        link = await log_in(self._settings, self._take, self._end)
        try:
            taken = await self._taken(link)
        except BaseException:
            link.close()
            raise
        self._link = link
        self._deliver(taken)

    async def _taken(self, link: Link) -> Snapshot:
        since = self._since if self._since is not None else self._heard
        taken = await snapshot.take(link, self._settings.queue_log, since)
        self._since = None
        return taken

    def _deliver(self, taken: Snapshot) -> None:
        for handler in self._snapshots:
            guarded(handler, taken)
        self._dispatch_waiting()
        self.ready.set()

    def _dispatch_waiting(self) -> None:
        waiting, self._waiting = self._waiting or [], None
        for event in waiting:
            self._dispatch(event)

    async def _watch(self, link: Link) -> None:
        """Return when the connection is over: closed, or silent although it was spoken to."""
        while not link.closed:
            if await self._over_within(self._settings.ping_ms):
                return
            received, asked_at = link.received, asyncio.get_running_loop().time()
            try:
                await link.ask("Ping", {}, self._settings.pong_ms)
            except PortError:
                if link.received == received and not link.closed:
                    _LOG.warning("ami: Asterisk does not answer a ping: the connection is given up")
                    link.close()
            else:
                self.lag_s = asyncio.get_running_loop().time() - asked_at
                self._heard = self._now()

    async def _over_within(self, ms: int) -> bool:
        with suppress(TimeoutError):
            async with asyncio.timeout(ms / 1000):
                await self._ended.wait()
        return self._ended.is_set()

    def _take(self, event: AmiMessage) -> None:
        if self._waiting is None:
            self._dispatch(event)
        elif len(self._waiting) < MAX_WAITING_EVENTS:
            self._waiting.append(event)
        else:
            _LOG.error("ami: events came faster than a snapshot: %s is dropped", event.name)

    def _dispatch(self, event: AmiMessage) -> None:
        self._heard = self._now()
        for handler in (*self._events.get(event.name, ()), *self._events.get("*", ())):
            guarded(handler, event)

    def _now(self) -> int:
        return int(self._clock.now().timestamp())

    def _end(self) -> None:
        self.ready.clear()
        self._ended.set()
        self.on_end()


def guarded(handler: Callable[[T], None], what: T) -> None:
    """Call a handler; its failure is its own, never the connection's."""
    try:
        handler(what)
    except Exception:  # noqa: BLE001 - the boundary to code that only listens
        _LOG.exception("ami: a handler failed on %r", what)


def _nothing() -> None:
    """Nobody waits for the end of a connection."""
