"""asyncio streams, on uvloop with `--uvloop`."""

from __future__ import annotations

import asyncio
import sys

from bench.engines.process import announce, run
from bench.wire import KEYS, play_keys, play_menu


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Run one call."""

    async def ask(command: str) -> bytes:
        writer.write(command.encode() + b"\n")
        line = await reader.readline()
        if line == b"HANGUP\n":
            line = await reader.readline()
        if not line:
            raise EOFError
        return line

    header: dict[bytes, bytes] = {}
    while line := (await reader.readline()).rstrip(b"\n"):
        name, _, value = line.partition(b": ")
        header[name] = value
    keys = header[b"agi_network_script"] == KEYS.encode()
    try:
        await (play_keys if keys else play_menu)(ask)
    except (EOFError, ConnectionError):
        pass
    finally:
        writer.close()


async def main() -> None:
    """Listen and serve."""
    server = await asyncio.start_server(serve, "127.0.0.1", 0, backlog=2048)
    announce(server.sockets[0].getsockname()[1])
    await server.serve_forever()


if __name__ == "__main__":
    run(main(), fast="--uvloop" in sys.argv)
