"""Windows, as an engine is configured: without all it takes they never open."""

from __future__ import annotations

from pathlib import Path

import pytest

from ivr.adapters.ami.client import AmiClient, AmiSettings
from ivr.adapters.clock import SystemClock
from ivr.app.config import AmiConfig, Config, WindowConfig
from ivr.app.window import window_of

AMI = AmiConfig(secret_file=Path("ami.secret"))
WINDOW = WindowConfig(asterisk_conf=Path("/etc/asterisk"), asterisk=("asterisk",))


def client() -> AmiClient:
    return AmiClient(AmiSettings("127.0.0.1", 1, "engine", "secret"), SystemClock("UTC"))


@pytest.mark.parametrize(
    ("window", "connected"),
    [
        (WINDOW, False),
        (WindowConfig(asterisk=("asterisk",)), True),
        (WindowConfig(asterisk_conf=Path("/etc/asterisk")), True),
    ],
)
async def test_an_engine_that_cannot_know_refuses_and_says_what_to_configure(
    window: WindowConfig, connected: bool
) -> None:
    windows = window_of(Config(window=window), client() if connected else None)
    opened = await windows.open("1.1")
    assert not opened.open
    assert "window.asterisk_conf" in opened.problem
    await windows.close("1.1")


async def test_an_engine_that_can_look_refuses_what_it_finds(tmp_path: Path) -> None:
    window = WindowConfig(asterisk_conf=tmp_path, asterisk=("/no/such/asterisk",))
    opened = await window_of(Config(ami=AMI, window=window), client()).open("1.1")
    assert not opened.open
    assert "PCI002" in opened.problem
    assert "ivr doctor --pci" in opened.problem
