"""A parent that keeps a process alive, where no systemd does.

It listens for what systemd would be told (`ivr/adapters/systemd.py`). A process that crashed is started
again; one that gives no sign of life is killed first: its connections close, and its callers are with the
next engine node, or in the plain queue, within a second.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from ivr.adapters.systemd import ALIVE, READY
from ivr.model.errors import PortError

SILENCE_S = 5.0
PAUSE_S, PAUSE_MOST_S = 0.5, 30.0
"""Before a process is started again; twice as long each time that it was not ready before it ended."""
_FORWARDED = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
_MESSAGE_BYTES = 4096

_LOG = logging.getLogger("ivr.supervisor")


class Supervisor:
    """Keeps `command` running; `silence_s` is how long it may give no sign of life once it is ready."""

    def __init__(self, command: Sequence[str], silence_s: float = SILENCE_S) -> None:
        self._command = command
        self._silence_s = silence_s
        self._process: asyncio.subprocess.Process | None = None
        self._asked_to_stop = asyncio.Event()
        self._sign = asyncio.Event()
        self._ready = False

    async def run(self) -> int:
        """Return the status with which it ended by itself, or because it was asked to. What was never ready
        is not started again: it would fail as it did. Raises PortError where it cannot be started."""
        loop = asyncio.get_running_loop()
        for number in _FORWARDED:
            loop.add_signal_handler(number, self._forward, number)
        with tempfile.TemporaryDirectory(prefix="ivr-") as folder:
            place = Path(folder) / "notify"
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as told:
                told.bind(str(place))
                loop.add_reader(told, self._hear, told)
                try:
                    return await self._keep(place)
                finally:
                    loop.remove_reader(told)

    async def _keep(self, place: Path) -> int:
        pause, was_ready = PAUSE_S, False
        while True:
            status = await self._live(place)
            was_ready = was_ready or self._ready
            if status == 0 or self._asked_to_stop.is_set() or not was_ready:
                return status
            _LOG.error("%s ended (%s); it is started again", self._command[0], status)
            pause = PAUSE_S if self._ready else min(pause * 2, PAUSE_MOST_S)
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._asked_to_stop.wait()
                    return status

    async def _live(self, place: Path) -> int:
        """Let the process live until it ends, or must; return its status."""
        self._ready = False
        self._sign.clear()
        environment = {
            "NOTIFY_SOCKET": str(place),
            "WATCHDOG_USEC": str(round(self._silence_s * 1e6)),
        }
        try:
            # A session of its own: Ctrl-C comes once, from here.
            self._process = process = await asyncio.create_subprocess_exec(
                *self._command,
                env=os.environ | environment,
                close_fds=False,
                start_new_session=True,
            )
        except OSError as error:
            raise PortError("supervisor", f"{self._command[0]}: {error.strerror}") from error
        if self._asked_to_stop.is_set():  # as it came into the world
            process.terminate()
        watching = asyncio.create_task(self._watch(process))
        try:
            return await process.wait()
        finally:
            watching.cancel()

    async def _watch(self, process: asyncio.subprocess.Process) -> None:
        while True:
            try:
                async with asyncio.timeout(self._silence_s if self._ready else None):
                    await self._sign.wait()
            except TimeoutError:
                _LOG.error("no sign of life for %g s: it is killed", self._silence_s)
                process.kill()
                return
            self._sign.clear()

    def _hear(self, told: socket.socket) -> None:
        lines = told.recv(_MESSAGE_BYTES).decode("utf-8", "replace").splitlines()
        self._ready = self._ready or READY in lines
        if READY in lines or ALIVE in lines:
            self._sign.set()

    def _forward(self, number: signal.Signals) -> None:
        if number is not signal.SIGHUP:
            self._asked_to_stop.set()
        if self._process is not None:
            with suppress(ProcessLookupError):
                self._process.send_signal(number)
