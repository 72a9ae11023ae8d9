"""The smallest engine there is, so that the lab is tested without the product."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable

from lab.ports import ADDRESS
from lab.site import Lab


class Script:
    """One AGI connection: what Asterisk said about the call, and a way to ask it things."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self.variables: dict[str, str] = {}

    async def begin(self) -> None:
        """Read what Asterisk says about the call."""
        block = (await self._reader.readuntil(b"\n\n")).decode()
        self.variables = dict(line.split(": ", 1) for line in block.splitlines() if ": " in line)

    def start(self, command: str) -> None:
        """Send a command whose answer nobody will read."""
        self._writer.write(command.encode() + b"\n")

    async def ask(self, command: str) -> str:
        """Send a command and return the answer."""
        self.start(command)
        return (await self._reader.readline()).decode().strip()

    async def key(self, seconds: float = 5) -> str:
        """Wait for a key; empty when none came."""
        result = (await self.ask(f"WAIT FOR DIGIT {round(seconds * 1000)}")).partition("result=")[2]
        return chr(int(result)) if result not in {"0", "-1", ""} else ""

    async def finish(self) -> None:
        """Say that the call is served, as an engine does as its last act."""
        await self.ask("SET VARIABLE IVR_DONE 1")


@contextlib.asynccontextmanager
async def engine(
    lab: Lab, serve: Callable[[Script], Awaitable[None]], port: int = 0
) -> AsyncIterator[asyncio.Server]:
    """Serve the lab's calls with this script while the context is open."""
    failed: list[Exception] = []

    async def on_connection(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        script = Script(reader, writer)
        try:
            await script.begin()
            await serve(script)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the caller hung up: the test says what it expects of that
        except Exception as error:  # noqa: BLE001  # raised in the test, below
            failed.append(error)
        finally:
            writer.close()

    server = await asyncio.start_server(on_connection, ADDRESS, port or lab.ports.agi)
    try:
        yield server
    finally:
        server.close()
    for error in failed:
        raise error
