"""Asterisk's side of a FastAGI connection, as a test writes it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

from ivr.adapters.agi.channel import LineSettings
from ivr.adapters.agi.connection import Connection, Limits
from ivr.adapters.agi.line import AgiLine
from ivr.adapters.agi.server import AgiServer, ServerSettings
from ivr.model.prompt import Recording

WELCOME = Recording("welcome", "Welcome.", "/prompts/en/welcome", 2000)
LINE = LineSettings(
    recordings="/recordings",
    beep="/prompts/beep",
    destinations={"branch": "PJSIP/branch"},
    conversations="/var/conversations",
)
QUICK = Limits(header_s=0.15, slack_s=0.15, after_hangup_s=0.15)


def environment(
    *, uniqueid: str = "1763788000.1", request: str = "agi://127.0.0.1/call", **changed: bytes | str
) -> bytes:
    """The header block that Asterisk 22 sends, with some values changed."""
    values: dict[str, bytes | str] = {
        "network": "yes",
        "network_script": request.rpartition("/")[2],
        "request": request,
        "channel": "PJSIP/caller-00000001",
        "language": "en",
        "type": "PJSIP",
        "uniqueid": uniqueid,
        "version": "22.10.1",
        "callerid": "13800001111",
        "calleridname": "Zhang San",
        "callingpres": "0",
        "callingani2": "0",
        "callington": "0",
        "callingtns": "0",
        "dnid": "95500",
        "rdnis": "unknown",
        "context": "onecall",
        "extension": "95500",
        "priority": "3",
        "enhanced": "0.0",
        "accountcode": "",
        "threadid": "139872",
        **changed,
    }
    lines = (
        b"agi_" + name.encode() + b": " + (value if isinstance(value, bytes) else value.encode())
        for name, value in values.items()
    )
    return b"\n".join(lines) + b"\n\n"


class Peer:
    """One connection from Asterisk. Every wait is bounded by the test's own timeout."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def command(self) -> str:
        """The next command, without its line feed; "" at the end of the connection."""
        try:
            return (await self.reader.readline()).decode().removesuffix("\n")
        except ConnectionResetError:
            return ""

    def say(self, *lines: str) -> None:
        """Send lines in one segment."""
        self.writer.write("".join(f"{line}\n" for line in lines).encode())

    async def expect(self, command: str, *answer: str) -> None:
        """Wait for exactly this command and answer it."""
        assert await self.command() == command
        self.say(*answer)

    async def hang_up(self) -> None:
        """What Asterisk does at a hang-up with AGIEXITONHANGUP=yes."""
        self.say("HANGUP", "HANGUP")
        await self.close()

    async def close(self) -> None:
        self.writer.close()
        with suppress(ConnectionResetError):
            await self.writer.wait_closed()


async def connect(server: AgiServer, head: bytes | None = None) -> Peer:
    """Connect to the server as Asterisk does, and send the environment."""
    peer = Peer(*await asyncio.open_connection(*server.address))
    peer.writer.write(environment() if head is None else head)
    return peer


@asynccontextmanager
async def serving(
    handler: Callable[[Connection], Awaitable[None]], settings: ServerSettings | None = None
) -> AsyncIterator[AgiServer]:
    """A server on a free port that is stopped in the end."""
    server = AgiServer(handler, settings or ServerSettings(port=0, scan_s=0.02, limits=QUICK))
    await server.start()
    try:
        yield server
    finally:
        await server.stop()


@asynccontextmanager
async def a_line(settings: LineSettings = LINE) -> AsyncIterator[tuple[AgiLine, Peer]]:
    """A line and the Asterisk at its other end, for one call."""
    lines: asyncio.Queue[AgiLine] = asyncio.Queue()
    over = asyncio.Event()

    async def hold(connection: Connection) -> None:
        lines.put_nowait(AgiLine(connection, settings))
        await over.wait()

    async with serving(hold) as server:
        peer = await connect(server)
        try:
            yield await lines.get(), peer
        finally:
            over.set()
            await peer.close()
