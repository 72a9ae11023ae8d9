"""Running an application: one process, one loop, loopback unless something else is meant."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import uvicorn
from starlette.types import ASGIApp

from ivr.model.errors import OneCallError

LOOPBACK = "127.0.0.1"
KEEP_ALIVE_S = 75
STOP_S = 5


class ListenError(OneCallError):
    """The address cannot be listened on."""


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to whoever runs the loop."""
        yield


@asynccontextmanager
async def serving(app: ASGIApp, port: int = 0, host: str = LOOPBACK) -> AsyncIterator[str]:
    """Serve an application, and yield its URL; port 0 takes a free one. Raises ListenError."""
    try:
        listening = socket.create_server((host, port))
    except OSError as error:
        raise ListenError(f"{host}:{port}: cannot be listened on: {error.strerror}") from error
    # asyncio does so only for sockets that say their protocol; without it every answer is 40 ms late.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    server = _Server(
        uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            lifespan="off",
            server_header=False,
            timeout_keep_alive=KEEP_ALIVE_S,
            timeout_graceful_shutdown=STOP_S,
        )
    )
    running = asyncio.ensure_future(server.serve(sockets=[listening]))
    try:
        # Whoever connects before the server has started waits in the socket's queue.
        yield f"http://{host}:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        await running
