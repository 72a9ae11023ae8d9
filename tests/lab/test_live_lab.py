"""The lab itself: up, down, beside others, and clear about what is wrong."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab import installation
from lab.errors import LabError
from lab.installation import MARKER, lab_folder
from lab.ports import ADDRESS, Ports, free_block
from lab.processes import Identity
from lab.site import Lab, Timing

pytestmark = pytest.mark.asterisk


@pytest.fixture
def ports() -> Iterator[Ports]:
    with free_block() as block:
        yield block


@pytest.fixture
def other(tmp_path: Path, ports: Ports) -> Iterator[Lab]:
    """A second lab, beside the session's; not started."""
    lab = Lab(tmp_path, ports, installation.find(lambda text: None), tethered=True)
    yield lab
    lab.stop()


def test_two_labs_side_by_side_and_each_ends_its_own(lab: Lab, other: Lab) -> None:
    other.start()
    assert other.exchange.alive()
    assert other.handset.alive()
    other.start()  # what runs stays as it is
    record = Identity.load(other.exchange.record)
    assert other.stop() == ["telephone", "exchange"]
    assert record is not None
    assert not record.alive()
    assert other.stop() == []
    assert lab.exchange.alive()


def test_what_runs_with_an_older_configuration_is_started_anew(other: Lab) -> None:
    """After a `git pull`, `make lab` and `make demo` must not meet yesterday's dialplan."""
    other.start()
    exchange, handset = (Identity.load(one.record) for one in (other.exchange, other.handset))
    other.start()
    assert Identity.load(other.exchange.record) == exchange
    other.timing = Timing(call_seconds=77)
    other.start()
    assert Identity.load(other.exchange.record) != exchange
    assert Identity.load(other.handset.record) == handset
    assert "TIMEOUT(absolute)=77" in (other.exchange.etc / "extensions.conf").read_text()


def test_a_busy_port_is_said_and_nothing_is_left_running(other: Lab) -> None:
    with socket.create_server((ADDRESS, other.ports.phone_ami)):
        with pytest.raises(LabError, match=f"port {other.ports.phone_ami}/tcp"):
            other.start()
        assert not other.exchange.alive()


def test_an_asterisk_that_cannot_start_says_its_last_words(other: Lab) -> None:
    other.configure()
    modules = other.exchange.etc / "modules.conf"
    modules.write_text("[modules]\nautoload = no\nrequire = missing.so\n")
    with pytest.raises(LabError, match=r"did not start[\s\S]*missing\.so"):
        other.exchange.start()


def test_a_lab_left_by_a_killed_process_can_be_ended(other: Lab) -> None:
    other.start()
    again = Lab(other.folder, other.ports, other.installation)
    assert again.stop() == ["telephone", "exchange"]


def test_a_killed_asterisk_does_not_confuse_the_next_start(other: Lab) -> None:
    other.start()
    record = Identity.load(other.exchange.record)
    assert record is not None
    assert record.end(signal.SIGKILL, 5)
    other.start()
    assert other.exchange.alive()


def test_a_long_path_is_no_obstacle(ports: Ports) -> None:
    with tempfile.TemporaryDirectory() as folder:
        deep = Path(folder, *["long-folder-name"] * 8)
        lab = Lab(deep, ports, installation.find(lambda text: None), tethered=True)
        try:
            lab.start()
            run = lab.exchange.run
            assert not run.is_relative_to(deep)
        finally:
            lab.stop()
        assert not run.exists()


def test_a_half_made_installation_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ONECALL_LAB_DIR", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    (tmp_path / "root" / "usr").mkdir(parents=True)
    (tmp_path / "bin").mkdir()
    fake = tmp_path / "bin" / "mmdebstrap"
    fake.write_text('#!/bin/sh\necho "E: cannot reach the archive"\nexit 1\n')
    fake.chmod(0o755)
    said: list[str] = []
    with pytest.raises(LabError, match="cannot reach the archive"):
        installation.find(said.append)
    assert said
    assert not (tmp_path / "root").exists()
    assert not [*tmp_path.glob("root.new*")]


def test_the_command_line(tmp_path: Path, ports: Ports) -> None:
    root = lab_folder() / "root"
    if (root / MARKER).exists():
        (tmp_path / "root").symlink_to(root)
    environment = {
        **os.environ,
        "ONECALL_LAB_DIR": str(tmp_path),
        "ONECALL_SIP_PORT": str(ports.sip),
        "ONECALL_AMI_PORT": str(ports.ami),
        "ONECALL_PHONE_SIP_PORT": str(ports.phone_sip),
        "ONECALL_PHONE_AMI_PORT": str(ports.phone_ami),
    }

    def run(command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "lab", command],
            env=environment,
            capture_output=True,
            text=True,
            cwd=Path(__file__).parents[2],
        )

    try:
        assert run("down").stdout == "nothing was running\n"
        with socket.create_server((ADDRESS, ports.ami)):
            busy = run("up")
        assert busy.returncode == 1
        assert re.fullmatch(rf"lab: port {ports.ami}/tcp .*\n", busy.stderr)
        up = run("up")
        assert up.returncode == 0, up.stderr
        assert f"{ADDRESS}:{ports.sip}/udp" in up.stdout
        assert run("up").returncode == 0
        assert "exchange   up, 0 channels" in run("status").stdout
    finally:
        down = run("down")
    assert down.stdout == "ended: telephone, exchange\n"
    assert "exchange   down" in run("status").stdout
