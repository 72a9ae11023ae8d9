"""A server of several processes, tethered: all of them end at once with whoever started them."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

GUARD = 'exec 3<&0; "$@" 3<&- </dev/null & read -r _ <&3; kill -KILL 0'
"""The shell leads the group and waits for the end of its input, which is ours to close: the kernel does it
for us however we end."""


class Tether:
    """A command and everything it starts."""

    def __init__(self, command: Sequence[str], log: Path) -> None:
        self._command = command
        self._log = log
        self._guard: subprocess.Popen[bytes] | None = None

    @property
    def alive(self) -> bool:
        """Whether it was started and not cut."""
        return self._guard is not None

    def start(self) -> None:
        """Start it."""
        with self._log.open("ab") as log:
            self._guard = subprocess.Popen(
                ["sh", "-c", GUARD, "sh", *self._command],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def cut(self) -> bool:
        """End all of it, as a crash would: SIGKILL; False when it did not run."""
        if self._guard is None:
            return False
        assert self._guard.stdin is not None  # for the type checker: `start` made it a pipe
        self._guard.stdin.close()
        self._guard.wait()
        self._guard = None
        return True
