"""The FastAGI server: one handler task a call, and nothing shared between calls.

A peer that connects and says nothing, or too much, costs a read or two and no task. A handler that
crashes is logged with its call's id and its connection closed: the engine's marker variable is not
set then, so the dialplan falls back. A server that drains or is full answers `failure`.
"""

from __future__ import annotations

import asyncio
import errno
import logging
from collections.abc import Awaitable, Callable
from time import monotonic

import msgspec

from ivr.adapters.agi.connection import Connection, Limits
from ivr.adapters.agi.errors import ListenError
from ivr.adapters.agi.latency import Latencies
from ivr.model.errors import CallerHungUp

_LOG = logging.getLogger(__name__)
_READ_BYTES = 65_536
_CANCEL_S = 5.0

Handler = Callable[[Connection], Awaitable[None]]


class ServerSettings(msgspec.Struct, frozen=True):
    """Where to listen and how much to take.

    Calls beyond `max_calls` are declined, connections beyond twice as many dropped at once.
    `backlog` counts: with asyncio's default of 100 a burst of calls waits for SYN retries.
    """

    host: str = "127.0.0.1"
    port: int = 4573
    max_calls: int = 4000
    backlog: int = 2048
    scan_s: float = 1.0
    limits: Limits = Limits()


class AgiServer:
    """Answers Asterisk's FastAGI connections with `handler`, one task each.

    The handler gets the connection once its environment is here, and owns it until it returns.
    """

    def __init__(self, handler: Handler, settings: ServerSettings | None = None) -> None:
        self._handler = handler
        self._settings = settings or ServerSettings()
        # One buffer for all: a read is copied out of it before the loop starts the next.
        self._buffer = memoryview(bytearray(_READ_BYTES))
        self._connections: set[Connection] = set()
        self._tasks: dict[Connection, asyncio.Task[None]] = {}
        self._latest: dict[str, Connection] = {}
        self._server: asyncio.Server | None = None
        self._watchdog: asyncio.Task[None] | None = None
        self._idle = asyncio.Event()  # no handler runs
        self._idle.set()
        self._gone = asyncio.Event()  # no connection is open
        self._gone.set()
        self.thinking = Latencies()
        self.answering = Latencies()
        self.draining = False
        """While it is set, new calls are declined: Asterisk takes them to the next node."""

    @property
    def calls(self) -> int:
        """How many calls have a handler."""
        return len(self._tasks)

    @property
    def most(self) -> int:
        """How many it takes."""
        return self._settings.max_calls

    @property
    def connections(self) -> int:
        """How many connections are open, with those that are no call yet."""
        return len(self._connections)

    @property
    def address(self) -> tuple[str, int]:
        """The address listened on."""
        if self._server is None:
            raise ListenError("the AGI server does not listen")
        host, port = self._server.sockets[0].getsockname()[:2]
        return host, port

    async def start(self) -> None:
        """Listen. Raises ListenError."""
        settings, loop = self._settings, asyncio.get_running_loop()
        try:
            self._server = await loop.create_server(
                lambda: Connection(self, self._buffer, settings.limits),
                settings.host,
                settings.port,
                backlog=settings.backlog,
            )
        except OSError as error:
            raise ListenError(_explain(settings, error)) from error
        self._watchdog = loop.create_task(self._watch(), name="agi-watchdog")

    async def stop(self, grace_s: float = 0.0) -> None:
        """Decline new calls, let running ones finish for `grace_s`, then end what is left.

        A call ended here loses its connection without the marker: the dialplan takes it to the
        next node.
        """
        self.draining = True
        if not await _within(self._idle, grace_s):
            _LOG.warning("stopping with %d calls still running", len(self._tasks))
        if self._server is not None:
            self._server.close()
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=_CANCEL_S)
        for connection in list(self._connections):
            connection.close()
        if not await _within(self._gone, self._settings.limits.slack_s):
            for connection in list(self._connections):
                connection.stall()
            await self._gone.wait()
        if self._watchdog is not None:
            self._watchdog.cancel()
            await asyncio.wait([self._watchdog])

    # What connections tell.

    def opened(self, connection: Connection) -> None:
        self._connections.add(connection)
        self._gone.clear()
        if len(self._connections) > 2 * self._settings.max_calls:
            connection.stall()

    def greeted(self, connection: Connection) -> None:
        if self.draining or len(self._tasks) >= self._settings.max_calls:
            connection.refuse()
            return
        uniqueid = connection.environment.uniqueid
        older = self._latest.get(uniqueid)
        if older is not None:
            connection.earlier = self._tasks.get(older)
        self._latest[uniqueid] = connection
        self._idle.clear()
        self._tasks[connection] = asyncio.get_running_loop().create_task(self._handle(connection))

    def closed(self, connection: Connection) -> None:
        self._connections.discard(connection)
        if not self._connections:
            self._gone.set()

    async def _handle(self, connection: Connection) -> None:
        uniqueid = connection.environment.uniqueid
        try:
            await self._handler(connection)
        except CallerHungUp as reason:
            _LOG.info("call %s: the handler left with the caller: %s", uniqueid, reason)
        except Exception:  # noqa: BLE001
            # The call boundary: whatever went wrong in one call may not touch another.
            _LOG.exception("call %s: the handler crashed; the dialplan falls back", uniqueid)
        finally:
            connection.close()
            del self._tasks[connection]
            if self._latest.get(uniqueid) is connection:
                del self._latest[uniqueid]
            if not self._tasks:
                self._idle.set()

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(self._settings.scan_s)
            now = monotonic()
            for connection in [c for c in self._connections if c.overdue(now)]:
                _LOG.warning("an AGI connection did not answer in time: %s", connection.name)
                connection.stall()


async def _within(event: asyncio.Event, seconds: float) -> bool:
    """Whether the event came within `seconds`; 0 only looks."""
    if seconds > 0:
        try:
            async with asyncio.timeout(seconds):
                await event.wait()
        except TimeoutError:
            return False
    return event.is_set()


def _explain(settings: ServerSettings, error: OSError) -> str:
    where = f"cannot listen on {settings.host}:{settings.port}"
    if error.errno == errno.EADDRINUSE:
        return f"{where}: another program has this port; stop it, or choose another port"
    if error.errno == errno.EACCES:
        return f"{where}: not permitted; choose a port above 1023"
    return f"{where}: {error.strerror or error}"
