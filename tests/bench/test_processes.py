"""Children are measured, and what goes wrong in them is said."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from bench.processes import BenchError, child, cpu_seconds, resident_kib
from ivr.adapters.clock import monotonic_ms


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "log"


def test_the_kernels_account_of_another_process(log: Path) -> None:
    with child("bench.engines.bare", log=log) as engine:
        engine.read(20)
        used = cpu_seconds(engine.pid)
        assert 0 < used < 20
        assert cpu_seconds(engine.pid) >= used
        assert resident_kib(engine.pid) > 1000


def test_a_child_that_ends_says_why(log: Path) -> None:
    with (
        child("bench.engines.no_such_engine", log=log) as engine,
        pytest.raises(BenchError, match=r"ended too early[^$]*No module named"),
    ):
        engine.read(20)


def test_a_silent_child_is_not_waited_for(log: Path) -> None:
    began = monotonic_ms()
    with (
        child("bench.peer", log=log) as peer,
        pytest.raises(BenchError, match=r"bench\.peer said nothing for 0 s"),
    ):
        peer.read(0.05)
    assert monotonic_ms() - began < 5000


def test_an_error_of_the_peer_is_an_error_here(log: Path) -> None:
    request = {"do": "sessions", "port": 1, "pid": 1, "count": 1, "at_once": 1}
    with (
        child("bench.peer", log=log) as peer,
        pytest.raises(BenchError, match="Refused"),
    ):
        peer.ask({**request, "pid": peer.pid}, 20)


def test_it_runs_this_python(log: Path) -> None:
    with child("bench.engines.bare", log=log) as engine:
        engine.read(20)
        command = Path(f"/proc/{engine.pid}/cmdline").read_bytes().split(b"\0")
    assert command[0].decode() == sys.executable
