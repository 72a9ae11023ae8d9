"""Processes that are kept alive: real ones, which freeze and die."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from ivr.app.supervisor import Supervisor
from ivr.model.errors import PortError

SAYS = """\
import os, signal, socket, sys, time
way = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
tell = lambda line: way.sendto(line, os.environ["NOTIFY_SOCKET"])
lives = open(sys.argv[1], "a+"); lives.seek(0); life = len(lives.read()); lives.write("x"); lives.close()
assert os.environ["WATCHDOG_USEC"] == "200000"
"""


def supervisor(folder: Path, then: str) -> Supervisor:
    """Return one of a process that notes each of its lives, then does this."""
    return Supervisor([sys.executable, "-I", "-c", SAYS + then, str(folder / "lives")], 0.2)


def lives(folder: Path) -> int:
    return len((folder / "lives").read_text())


@pytest.mark.parametrize(
    "accident",
    ["os.kill(os.getpid(), signal.SIGSTOP)", "time.sleep(60)", "sys.exit(3)", "os.abort()"],
)
async def test_who_freezes_or_dies_is_started_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, accident: str
) -> None:
    monkeypatch.setattr("ivr.app.supervisor.PAUSE_S", 0.01)
    status = await supervisor(tmp_path, f"tell(b'READY=1')\nif life < 1: {accident}\n").run()
    assert (status, lives(tmp_path)) == (0, 2)


async def test_who_gives_signs_of_life_is_left_alone(tmp_path: Path) -> None:
    signs = "tell(b'READY=1')\nfor _ in range(8): time.sleep(0.05); tell(b'WATCHDOG=1')\n"
    assert await supervisor(tmp_path, signs).run() == 0
    assert lives(tmp_path) == 1


async def test_who_was_never_ready_is_not_tried_again(tmp_path: Path) -> None:
    assert await supervisor(tmp_path, "time.sleep(0.3); sys.exit(2)").run() == 2
    assert lives(tmp_path) == 1


async def test_who_is_asked_to_stop_is_not_started_again(tmp_path: Path) -> None:
    waits = "signal.signal(signal.SIGTERM, lambda *_: sys.exit(7))\ntell(b'READY=1')\n"
    keeping = supervisor(tmp_path, waits + "while True: tell(b'WATCHDOG=1'); time.sleep(0.02)\n")
    running = asyncio.create_task(keeping.run())
    async with asyncio.timeout(5):
        while not keeping._ready:  # noqa: ASYNC110  # a process of its own
            await asyncio.sleep(0.01)
    os.kill(os.getpid(), signal.SIGTERM)
    assert (await running, lives(tmp_path)) == (7, 1)


async def test_what_is_no_program_is_told(tmp_path: Path) -> None:
    with pytest.raises(PortError, match="No such file"):
        await Supervisor([str(tmp_path / "none")]).run()
