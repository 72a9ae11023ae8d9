"""The floor: a BufferedProtocol, a coroutine a call, and nothing else.

`python -m bench.engines.bare [--uvloop] [SOUNDS]`, where SOUNDS is the folder of the prompts.
"""

from __future__ import annotations

import asyncio
import sys
from typing import cast

from bench.engines.process import announce, run
from bench.wire import KEYS, SOUNDS, menu_commands, play_keys, play_menu

FOLDERS = [argument for argument in sys.argv[1:] if not argument.startswith("--")]
COMMANDS = menu_commands(FOLDERS[0] if FOLDERS else SOUNDS)


class Channel(asyncio.BufferedProtocol):
    """One call's connection."""

    buffer = memoryview(bytearray(65_536))

    def __init__(self) -> None:
        self._rest = b""
        self._greeted = False
        self._transport: asyncio.Transport | None = None
        self._waiter: asyncio.Future[bytes] | None = None
        self._task: asyncio.Task[None] | None = None
        self._environment: dict[bytes, bytes] = {}

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def get_buffer(self, sizehint: int) -> memoryview:
        return self.buffer

    def buffer_updated(self, nbytes: int) -> None:
        data = self._rest + bytes(self.buffer[:nbytes])
        if self._greeted:
            *lines, self._rest = data.split(b"\n")
            for line in lines:
                if line != b"HANGUP" and self._waiter is not None:
                    self._waiter.set_result(line)
            return
        header, end, rest = data.partition(b"\n\n")
        self._rest = rest if end else data
        if end:
            self._greeted = True
            pairs = (line.partition(b": ") for line in header.split(b"\n"))
            self._environment = {name: value for name, _, value in pairs}
            self._task = asyncio.get_running_loop().create_task(self._play())

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        if self._task is not None:
            self._task.cancel()

    async def _play(self) -> None:
        if self._environment[b"agi_network_script"] == KEYS.encode():
            await play_keys(self._ask)
        await play_menu(self._ask, COMMANDS)
        if self._transport is not None:
            self._transport.close()

    def _ask(self, command: str) -> asyncio.Future[bytes]:
        assert self._transport is not None
        waiter = self._waiter = asyncio.get_running_loop().create_future()
        self._transport.write(command.encode() + b"\n")
        return waiter


async def main() -> None:
    """Listen and serve."""
    server = await asyncio.get_running_loop().create_server(Channel, "127.0.0.1", 0, backlog=2048)
    announce(server.sockets[0].getsockname()[1])
    await server.serve_forever()


if __name__ == "__main__":
    run(main(), fast="--uvloop" in sys.argv)
