"""A process is known beyond doubt, and exactly that one is ended."""

from __future__ import annotations

import dataclasses
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.processes import Identity


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(["sleep", "60"]) as process:
        yield process
        process.kill()


def test_a_live_process_is_itself(sleeper: subprocess.Popen[bytes], tmp_path: Path) -> None:
    identity = Identity.of(sleeper.pid)
    assert identity is not None
    identity.save(tmp_path / "record")
    assert Identity.load(tmp_path / "record") == identity
    assert identity.alive()


@pytest.mark.parametrize("change", [{"started": 1}, {"boot": "another"}])
def test_the_same_number_is_not_the_same_process(
    sleeper: subprocess.Popen[bytes], change: dict[str, int | str]
) -> None:
    identity = Identity.of(sleeper.pid)
    assert identity is not None
    stranger = dataclasses.replace(identity, **change)  # type: ignore[arg-type]  # both fields
    assert not stranger.alive()
    assert stranger.end(signal.SIGKILL, 1)
    assert sleeper.poll() is None


def test_ending_waits_until_it_is_gone(sleeper: subprocess.Popen[bytes]) -> None:
    identity = Identity.of(sleeper.pid)
    assert identity is not None
    assert identity.end(signal.SIGTERM, 5)
    assert not identity.alive()
    assert sleeper.wait(5) == -signal.SIGTERM
    assert identity.end(signal.SIGTERM, 5)


def test_a_process_that_ignores_the_signal_is_reported() -> None:
    script = "trap '' TERM; echo ready; while true; do sleep 60; done"
    with subprocess.Popen(
        ["bash", "-c", script], stdout=subprocess.PIPE, start_new_session=True
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        identity = Identity.of(process.pid)
        assert identity is not None
        assert not identity.end(signal.SIGTERM, 0.2)
        os.killpg(process.pid, signal.SIGKILL)


def test_an_ended_child_nobody_waited_for_is_not_alive() -> None:
    with subprocess.Popen(["true"]) as process:
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert Identity.of(process.pid) is None


@pytest.mark.parametrize("content", [None, "", "{}", "[1]", '{"pid": 1, "other": 2}'])
def test_a_record_that_is_none_of_ours_is_no_record(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "record"
    if content is not None:
        path.write_text(content)
    assert Identity.load(path) is None
