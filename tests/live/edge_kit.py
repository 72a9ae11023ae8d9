"""The edge on a real Asterisk: a server whose calls are driven by the test itself."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from ivr.adapters.agi.channel import LineSettings
from ivr.adapters.agi.connection import Connection
from ivr.adapters.agi.line import AgiLine
from ivr.adapters.agi.server import AgiServer, ServerSettings
from ivr.model.prompt import Recording
from lab.fixtures import write_recording
from lab.site import HOTLINE, Lab
from lab.telephone import PhoneCall, Telephone

SAMPLES_PER_MS = 8


class Call:
    """A call at the engine: its line, its connection, and the end of its handler."""

    def __init__(self, connection: Connection, settings: LineSettings) -> None:
        self.connection = connection
        self.line = AgiLine(connection, settings)
        self.over = asyncio.Event()

    async def leave(self, finished: bool = True) -> None:
        """End the handler; without `finished` as an engine that died."""
        if finished:
            await self.line.finish()
        self.over.set()


class Edge:
    """The engine's side of the lab: calls come out of `answer`, oldest first."""

    server: AgiServer

    def __init__(self, lab: Lab, folder: Path) -> None:
        self._calls: asyncio.Queue[Call] = asyncio.Queue()
        self._live: list[Call] = []
        self.lab = lab
        self.folder = folder
        self.broken = False
        """Whether handlers leave at once, without having done anything."""
        self.settings = LineSettings(
            recordings=str(folder),
            beep=self.recording("beep", notes=1).path,
            destinations={
                "agent": "Local/8001@transfer",
                "busy": "Local/8002@transfer",
                "nobody": "Local/8003@transfer",
                "nowhere": "Local/8999@transfer",
            },
        )

    def recording(self, name: str, notes: int) -> Recording:
        """Write a melody, about 0.15 s a note, and return it as a prompt."""
        path = self.folder / "zh" / f"{name}.ulaw"
        data = write_recording(path, name, notes)
        return Recording(name, name, str(path.with_suffix("")), len(data) // SAMPLES_PER_MS)

    async def handle(self, connection: Connection) -> None:
        """What the server runs for each call."""
        if self.broken:
            return
        call = Call(connection, self.settings)
        self._live.append(call)
        self._calls.put_nowait(call)
        await call.over.wait()

    async def answer(self, within: float = 5) -> Call:
        """Return the next call."""
        async with asyncio.timeout(within):
            return await self._calls.get()

    async def call(self, phone: Telephone) -> tuple[PhoneCall, Call]:
        """Place a call and return both its ends."""
        placed, answered = await asyncio.gather(phone.call(HOTLINE), self.answer(10))
        return placed, answered

    def close(self) -> None:
        """Let every handler go."""
        for call in self._live:
            call.over.set()


@asynccontextmanager
async def serving(edge: Edge, port: int | None = None) -> AsyncIterator[AgiServer]:
    """Serve the lab's first node, or another."""
    server = AgiServer(edge.handle, ServerSettings(port=port or edge.lab.ports.agi))
    await server.start()
    try:
        yield server
    finally:
        edge.close()
        await server.stop(grace_s=1)
