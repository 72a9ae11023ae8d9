"""One FastAGI connection over asyncio.

A BufferedProtocol, because asyncio's plain protocol allocates 256 KiB a read; all connections of a
server read into one buffer, since a read is taken out before the next one starts. No awaits but
the one of a reply; no timer a command, but a deadline that the server's watchdog looks at.
"""

from __future__ import annotations

import asyncio
import enum
import logging
import math
import socket
from time import monotonic
from typing import Protocol as TypingProtocol
from typing import cast

import msgspec

from ivr.adapters.agi.encoder import CommandLine, encode
from ivr.adapters.agi.environment import Environment
from ivr.adapters.agi.errors import RemoteProtocolError
from ivr.adapters.agi.latency import Latencies
from ivr.adapters.agi.protocol import Message, Protocol, Reply, State
from ivr.model.errors import CallerHungUp

_LOG = logging.getLogger(__name__)
_DEAD_CHANNEL = 511
_FAILURE = b"failure\n"
_NOTHING = encode("NOOP")


class End(enum.StrEnum):
    """Why a connection is of no more use. None of them tells whether the *call* is over: a
    redirected caller's old connection looks hung up as well."""

    HANGUP = "hangup"  # Asterisk said so: HANGUP, 511, or -1
    LOST = "lost"  # it closed or broke without a word
    STALLED = "stalled"  # it did not answer in time
    BROKEN = "broken"  # it sent what is no AGI
    CLOSED = "closed"  # we closed it


class Limits(msgspec.Struct, frozen=True):
    """Times, in seconds: for the environment to arrive, for a reply beyond its own time, and for
    what may still be asked after a hang-up."""

    header_s: float = 5.0
    slack_s: float = 5.0
    after_hangup_s: float = 5.0


class Owner(TypingProtocol):
    """What a connection tells its server. `thinking` is from a reply to the next command, `answering` from
    a command that takes no time of its own to its reply."""

    thinking: Latencies
    answering: Latencies

    def opened(self, connection: Connection) -> None: ...
    def greeted(self, connection: Connection) -> None: ...
    def closed(self, connection: Connection) -> None: ...


class Connection(asyncio.BufferedProtocol):
    """One call's connection: one command at a time, each with its reply."""

    __slots__ = (
        "_buffer",
        "_deadline",
        "_limits",
        "_loop",
        "_owner",
        "_protocol",
        "_replied_at",
        "_swift",
        "_transport",
        "_waiter",
        "asked_at",
        "earlier",
        "end",
        "environment",
    )

    environment: Environment
    """Set once the call is handed to its handler."""
    earlier: asyncio.Task[None] | None
    """The handler that still ran for an older connection of this call when this one came: a
    resumed call's first handler may still be saving its session."""
    asked_at: float
    """When the last command was sent, as `time.monotonic` counts: a fast loop's own time has whole
    milliseconds, and most of what is measured here takes less."""

    def __init__(self, owner: Owner, buffer: memoryview, limits: Limits) -> None:
        self._owner = owner
        self._buffer = buffer
        self._limits = limits
        self._loop = asyncio.get_running_loop()
        self._protocol = Protocol()
        self._transport: asyncio.Transport | None = None
        self._waiter: asyncio.Future[Reply] | None = None
        self._deadline = monotonic() + limits.header_s
        self.end: End | None = None
        self.earlier = None
        self.asked_at = 0.0
        self._replied_at = 0.0
        self._swift = False  # the pending command takes no time of its own

    @property
    def name(self) -> str:
        """The call's id, for logs."""
        environment: Environment | None = getattr(self, "environment", None)
        return environment.uniqueid if environment is not None else "no call yet"

    def ask(
        self, line: CommandLine, seconds: float | None, *, after_hangup: bool = False
    ) -> asyncio.Future[Reply]:
        """Send a command and return the future of its reply.

        `seconds` is how long the command itself may take (None: a conversation, any time).
        `after_hangup` commands are permitted on a dead channel while the connection lasts.

        Raises CallerHungUp, at once or in the future, when the connection ends, on `511`, and for
        a channel command after a hang-up; LocalProtocolError while another command is pending.
        """
        transport = self._transport
        if transport is None or (self.end is not None and not (after_hangup and self._open())):
            raise CallerHungUp(f"the AGI connection is over: {self.end}")
        data = self._protocol.send(line)
        self.asked_at = monotonic()
        if self._replied_at:
            self._owner.thinking.add(self.asked_at - self._replied_at)
        self._swift = seconds == 0
        if seconds is None:
            self._watch_peer(transport)
            self._deadline = math.inf
        elif self.end is None:
            self._deadline = self.asked_at + seconds + self._limits.slack_s
        waiter = self._waiter = self._loop.create_future()
        transport.write(data)
        return waiter

    def cut(self) -> None:
        """Have the pending command, which plays a sound, end at once: its reply then says `CUT`, unless
        it has ended by itself."""
        if self._transport is not None and self.end is None:
            self._transport.write(self._protocol.cut(_NOTHING))

    async def get_variable(self, name: str) -> str:
        """Return a channel variable or function, empty when unset; also after a hang-up.

        Only for names whose value no caller can influence: a value with a line break would break
        the protocol, and the connection with it. Raises CallerHungUp.
        """
        reply = await self.ask(encode("GET", "VARIABLE", name), 0, after_hangup=True)
        return reply.data if reply.result == "1" else ""

    async def set_variable(self, name: str, value: str) -> None:
        """Set a channel variable; also after a hang-up. Never a secret. Raises CallerHungUp."""
        await self.ask(encode("SET", "VARIABLE", name, value), 0, after_hangup=True)

    def hung_up(self) -> None:
        """Take the caller for gone: a channel command said so."""
        if self.end is None:
            self._finish(End.HANGUP)
            self._deadline = monotonic() + self._limits.after_hangup_s

    def refuse(self) -> None:
        """Decline the call: Asterisk ends the AGI as failed and tries the next node.

        While a command is pending, closing has to do: nothing is ever sent behind a command.
        """
        idle = self._protocol.state is State.IDLE
        if idle and self._transport is not None and self.end is None:
            self._transport.write(_FAILURE)
        self.close()

    def close(self) -> None:
        """Close the connection; a pending command raises CallerHungUp."""
        self._shut(End.CLOSED, abort=False)

    def overdue(self, now: float) -> bool:
        """Whether the peer has had more time than it may take; `now` is of `time.monotonic`."""
        return now > self._deadline

    def stall(self) -> None:
        """Give up on a peer that does not answer."""
        self._shut(End.STALLED, abort=True)

    # What asyncio calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._owner.opened(self)

    def get_buffer(self, sizehint: int) -> memoryview:
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        try:
            for message in self._protocol.receive(bytes(self._buffer[:nbytes])):
                self._take(message)
        except RemoteProtocolError as error:
            _LOG.warning("AGI connection of %s dropped: %s", self.name, error)
            self._shut(End.BROKEN, abort=True)

    def eof_received(self) -> None:
        self._finish(End.LOST)

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._protocol.end()
        self._deadline = math.inf
        self._finish(End.LOST)
        self._fail()
        self._owner.closed(self)

    def _take(self, message: Message) -> None:
        if type(message) is Reply:
            self._replied_at = monotonic()
            if self._swift:
                self._owner.answering.add(self._replied_at - self.asked_at)
            if self.end is None:
                self._deadline = math.inf
            if message.code == _DEAD_CHANNEL:
                self.hung_up()
                self._fail()
                return
            waiter, self._waiter = self._waiter, None
            # A cancelled waiter's reply still had to be waited for: the next command comes after.
            if waiter is not None and not waiter.done():
                waiter.set_result(message)
        elif type(message) is Environment:
            self.environment = message
            self._deadline = math.inf
            self._owner.greeted(self)
        else:
            self.hung_up()

    def _finish(self, end: End) -> None:
        if self.end is None:
            self.end = end

    def _shut(self, end: End, *, abort: bool) -> None:
        self._finish(end)
        self._fail()
        transport = self._transport
        if transport is None:
            return
        if abort:
            transport.abort()
        elif not transport.is_closing():
            # A peer that does not read its last line keeps us no longer than this.
            self._deadline = monotonic() + self._limits.slack_s
            transport.close()

    def _open(self) -> bool:
        """Whether a connection whose caller is gone can still carry a command."""
        return (
            self.end is End.HANGUP
            and self._transport is not None
            and not self._transport.is_closing()
        )

    def _fail(self) -> None:
        waiter, self._waiter = self._waiter, None
        if waiter is not None and not waiter.done():
            waiter.set_exception(CallerHungUp(f"the AGI connection is over: {self.end}"))

    def _watch_peer(self, transport: asyncio.Transport) -> None:
        """Have the kernel notice a vanished peer while no deadline does."""
        sock = transport.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 15)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 5)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 3)
