"""What systemd is told: ready, alive only while the loop and the store are, and nothing where it is not."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from ivr.adapters.systemd import tell, watchdog_s
from ivr.app.supervision import supervised
from ivr.model.errors import PortError


class Systemd:
    """The socket that it listens on."""

    def __init__(self, place: str) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind("\0" + place[1:] if place.startswith("@") else place)
        self._socket.setblocking(False)

    async def told(self, within: float = 2) -> list[str]:
        """Return the next message's lines."""
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(within):
            return (await loop.sock_recv(self._socket, 4096)).decode().splitlines()

    async def hears_nothing_more(self) -> None:
        """Return when nothing has come for longer than signs of life are apart."""
        with suppress(TimeoutError):
            while True:
                await self.told(0.1)

    def close(self) -> None:
        self._socket.close()


@pytest.fixture(params=["folder", "abstract"])
def systemd(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Systemd]:
    """It listens, in a folder or in none, and wants a sign of life every 60 ms."""
    place = str(tmp_path / "s") if request.param == "folder" else f"@onecall-test-{os.getpid()}"
    listening = Systemd(place)
    monkeypatch.setenv("NOTIFY_SOCKET", place)
    monkeypatch.setenv("WATCHDOG_USEC", "60000")
    monkeypatch.setenv("WATCHDOG_PID", str(os.getpid()))
    yield listening
    listening.close()


async def test_it_is_ready_and_then_alive_as_long_as_the_store_answers(systemd: Systemd) -> None:
    answers = asyncio.Event()
    answers.set()
    asked = 0

    async def alive() -> None:
        nonlocal asked
        asked += 1
        await answers.wait()

    async with supervised(alive, "listening on x", patience_s=0.1):
        assert await systemd.told() == ["READY=1", "STATUS=listening on x"]
        for _ in range(3):
            assert await systemd.told() == ["WATCHDOG=1"]
        answers.clear()
        asked = 0
        await systemd.hears_nothing_more()
        assert asked == 1
        answers.set()
        assert await systemd.told() == ["WATCHDOG=1"]


async def test_a_store_that_answers_with_an_error_is_alive(systemd: Systemd) -> None:
    async def full() -> None:
        raise PortError("store", "the disk is full")

    async with supervised(full, ""):
        assert "READY=1" in await systemd.told()
        assert await systemd.told() == ["WATCHDOG=1"]


async def test_no_sign_of_life_is_sent_after_the_end(systemd: Systemd) -> None:
    async with supervised(lambda: asyncio.sleep(0), ""):
        await systemd.told()
    await systemd.hears_nothing_more()


async def test_without_a_watchdog_nothing_is_asked(
    systemd: Systemd, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WATCHDOG_PID", str(os.getpid() + 1))
    assert watchdog_s() is None

    async def never() -> None:
        raise AssertionError

    async with supervised(never, ""):
        assert "READY=1" in await systemd.told()
        await asyncio.sleep(0)


def test_nobody_who_listens_is_no_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    tell("READY=1")
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "gone"))
    tell("READY=1")
