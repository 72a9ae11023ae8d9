"""panoramisk's FastAGI server, on its own terms: asyncio streams, Python's event loop.

A peer that connects and leaves before its header would make the whole loop spin, so nothing here
probes the port. It takes a `HANGUP` line for the reply of the pending command: harmless here, at
the end of the script.
"""

from __future__ import annotations

import asyncio
import logging
import sys

from panoramisk.fast_agi import Application, Request

from bench.engines.process import announce, run
from bench.wire import KEYS, MENU, play_keys, play_menu


async def menu(request: Request) -> None:
    """Play the menu call."""
    await play_menu(request.send_command)


async def keys(request: Request) -> None:
    """Ask for account numbers."""
    await play_keys(request.send_command)


async def main() -> None:
    """Listen and serve."""
    # It logs a stack trace for each caller who leaves, which is not what is measured.
    logging.disable()
    application = Application()
    application.add_route(MENU, menu)
    application.add_route(KEYS, keys)
    server = await asyncio.start_server(application.handler, "127.0.0.1", 0, backlog=2048)
    announce(server.sockets[0].getsockname()[1])
    await server.serve_forever()


if __name__ == "__main__":
    run(main(), fast="--uvloop" in sys.argv)
