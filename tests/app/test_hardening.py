"""A process that holds secrets leaves no core file."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

CRASH = """
import ctypes, os, resource, sys
resource.setrlimit(resource.RLIMIT_CORE, (resource.getrlimit(resource.RLIMIT_CORE)[1],) * 2)
if "harden" in sys.argv:
    from ivr.app.hardening import harden
    harden()
    assert resource.getrlimit(resource.RLIMIT_CORE) == (0, 0)
print(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0), flush=True)
os.kill(os.getpid(), 11)
"""
"""Says whether it may be dumped (PR_GET_DUMPABLE), and crashes."""


def crash(folder: Path, *arguments: str) -> tuple[str, int]:
    """Have a process crash; return what it said and how it ended."""
    started = subprocess.Popen(
        [sys.executable, "-c", CRASH, *arguments],
        cwd=folder,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert started.stdout is not None
    with started.stdout:
        said = started.stdout.read().strip()
    _, status = os.waitpid(started.pid, 0)
    started.returncode = status
    return said, status


def test_an_engine_that_crashes_leaves_nothing(tmp_path: Path) -> None:
    said, status = crash(tmp_path, "harden")
    assert said == "0"
    assert os.WTERMSIG(status) == 11
    assert not os.WCOREDUMP(status)
    assert not list(tmp_path.iterdir())


def test_another_process_may_be_dumped(tmp_path: Path) -> None:
    said, status = crash(tmp_path)
    assert said == "1"
    assert os.WTERMSIG(status) == 11
