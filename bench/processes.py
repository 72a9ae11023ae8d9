"""Child processes that are measured, and the kernel's account of them."""

from __future__ import annotations

import contextlib
import json
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
START_S = 30.0
END_S = 10.0


class BenchError(Exception):
    """The benchmark cannot go on: what, and why."""


def cpu_seconds(pid: int) -> float:
    """Return the CPU time a process has used, all threads, user and system, to the nanosecond."""
    return time.clock_gettime((~pid << 3) | 2)


def resident_kib(pid: int) -> int:
    """Return how much memory of a process is resident."""
    for line in Path(f"/proc/{pid}/status").read_text("ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    raise BenchError(f"process {pid} has no memory any more")


def machine_seconds() -> float:
    """Return the CPU time used by everything on this machine, without interrupts."""
    fields = Path("/proc/stat").read_text("ascii").split("\n", 1)[0].split()[1:]
    user, nice, system = map(int, fields[:3])
    return (user + nice + system) / 100


class Child:
    """A process that speaks JSON lines: `ask` on its input, answers on its output."""

    def __init__(self, module: str, *arguments: str, log: Path) -> None:
        self._name = module
        self._log = log
        with log.open("ab") as errors:
            self._process = subprocess.Popen(
                [sys.executable, "-m", module, *arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                cwd=ROOT,
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    def read(self, seconds: float) -> dict[str, Any]:
        """Return the next line the child prints. Raises BenchError when there is none in time."""
        output = self._process.stdout
        assert output is not None
        if not select.select([output], [], [], seconds)[0]:
            raise BenchError(f"{self._name} said nothing for {seconds:.0f} s{self._last_words()}")
        line = output.readline()
        if not line:
            raise BenchError(f"{self._name} ended too early{self._last_words()}")
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise BenchError(f"{self._name}: {answer['error']}")
        return answer

    def ask(self, request: dict[str, Any], seconds: float) -> dict[str, Any]:
        """Send a request and return the answer. Raises BenchError."""
        entry = self._process.stdin
        assert entry is not None
        entry.write(json.dumps(request).encode() + b"\n")
        entry.flush()
        return self.read(seconds)

    def end(self) -> None:
        """Ask the process to end, and see that it does."""
        process = self._process
        if process.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                process.stdin.close()
        process.terminate()
        try:
            process.wait(END_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()

    def _last_words(self) -> str:
        lines = self._log.read_text("utf-8", "replace").splitlines()[-5:]
        return ":\n" + "\n".join(lines) if lines else ""


@contextlib.contextmanager
def child(module: str, *arguments: str, log: Path) -> Iterator[Child]:
    """Run a module as a child process while the context is open."""
    process = Child(module, *arguments, log=log)
    try:
        yield process
    finally:
        process.end()


class Noise:
    """How much of the machine others used, in cores, while some processes were measured."""

    def __init__(self, *pids: int) -> None:
        self._pids = pids
        self._began = time.monotonic()
        self._machine = machine_seconds()
        self._own = self._measured()

    def cores(self) -> float:
        """Return the foreign load since this began."""
        wall = time.monotonic() - self._began
        foreign = (machine_seconds() - self._machine) - (self._measured() - self._own)
        return max(0.0, foreign / wall) if wall > 0 else 0.0

    def _measured(self) -> float:
        return sum(map(cpu_seconds, self._pids)) + time.process_time()
