"""A private Redis: in memory only, on a free port of the loopback."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lab.errors import LabError

ROOT = Path(__file__).parents[1]
STARTS_S = 10
"""Longest wait for it to answer."""


class RedisServer:
    """A redis-server that keeps nothing: one that was restarted has forgotten everything."""

    def __init__(self, program: str, port: int) -> None:
        self._program = program
        self._process: subprocess.Popen[bytes] | None = None
        self.port = port

    @property
    def url(self) -> str:
        """Where it is."""
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start it, and wait until it answers."""
        options = [
            "--port",
            str(self.port),
            "--bind",
            "127.0.0.1",
            "--save",
            "",
            "--appendonly",
            "no",
        ]
        self._process = subprocess.Popen(
            [self._program, *options], stdout=subprocess.DEVNULL, start_new_session=True
        )
        until = time.monotonic() + STARTS_S
        while not self._answers():
            if time.monotonic() > until or self._process.poll() is not None:
                raise LabError(f"{self._program} does not answer on port {self.port}")
            time.sleep(0.02)

    def kill(self) -> None:
        """End it at once, as a machine that loses its power."""
        self._signal(signal.SIGKILL)

    def stop(self) -> None:
        """End it."""
        self._signal(signal.SIGTERM)

    def freeze(self) -> None:
        """Have it answer nothing, with all connections open."""
        self._send(signal.SIGSTOP)

    def thaw(self) -> None:
        """Have it go on."""
        self._send(signal.SIGCONT)

    def forget(self) -> None:
        """Have it lose all it knows, as by FLUSHALL."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=STARTS_S) as asked:
            asked.sendall(b"FLUSHALL\r\n")
            if asked.recv(3) != b"+OK":
                raise LabError(f"the Redis on port {self.port} does not forget")

    def _send(self, number: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(number)

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGCONT)
            self._process.send_signal(number)
            self._process.wait()
            self._process = None

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as asked:
                asked.sendall(b"PING\r\n")
                return asked.recv(5) == b"+PONG"
        except OSError:
            return False


@contextmanager
def redis_server() -> Iterator[RedisServer]:
    """Run one, and leave nothing of it behind."""
    if shutil.which("redis-server") is None:
        subprocess.run(["./scripts/apt-install", "redis-server"], cwd=ROOT, check=True)
    program = shutil.which("redis-server")
    assert program is not None
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    running = RedisServer(program, port)
    running.start()
    try:
        yield running
    finally:
        running.stop()
