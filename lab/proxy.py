"""A wire between two programs that a test can cut: TCP on loopback, one port in front of another.

async with Wire(lab.ports.ami) as wire:
    …                      # who connects to wire.port reaches lab.ports.ami
    wire.cut()             # every connection breaks; new ones are refused
    wire.mend()
    wire.stall()           # the connections there are carry nothing, and nobody is told; new ones do
    wire.flow()
"""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Self

from lab.ports import ADDRESS

_CHUNK = 65_536


class Wire:
    """A port of its own that leads to `port`."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._whole = True
        self._writers: set[asyncio.StreamWriter] = set()
        self._pumping: set[asyncio.Future[tuple[None, None]]] = set()
        self._valves: list[asyncio.Event] = []

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._connected, ADDRESS, 0)
        self.port: int = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.cut()
        self._server.close()
        if self._pumping:
            await asyncio.wait(self._pumping)

    def cut(self) -> None:
        """Break every connection, and take no new one."""
        self._whole = False
        for writer in self._writers:
            writer.transport.abort()
        self.flow()

    def mend(self) -> None:
        """Take connections again."""
        self._whole = True

    def stall(self) -> None:
        """Carry nothing more on the connections there are, as if a cable were pulled."""
        for valve in self._valves:
            valve.clear()

    def flow(self) -> None:
        """Carry again, first what has gathered meanwhile."""
        for valve in self._valves:
            valve.set()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not self._whole:
            writer.transport.abort()
            return
        self._writers.add(writer)
        try:
            far_reader, far_writer = await asyncio.open_connection(ADDRESS, self._target)
        except OSError:
            writer.transport.abort()
            self._writers.discard(writer)
            return
        self._writers.add(far_writer)
        if writer.transport.is_closing():  # cut meanwhile
            far_writer.transport.abort()
        valve = asyncio.Event()
        valve.set()
        self._valves.append(valve)
        pumping = asyncio.gather(_pump(reader, far_writer, valve), _pump(far_reader, writer, valve))
        self._pumping.add(pumping)
        try:
            await pumping
        finally:
            self._pumping.discard(pumping)
            self._valves.remove(valve)
            self._writers -= {writer, far_writer}


async def _pump(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, valve: asyncio.Event
) -> None:
    try:
        while data := await reader.read(_CHUNK):
            await valve.wait()
            writer.write(data)
            await writer.drain()
    except ConnectionError:
        pass  # cut: the other side is told by the end of it
    finally:
        writer.close()
