"""A live caller of a hotline whose bank is another process, asked over HTTP."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from ivr.adapters.sim.callers import load_caller
from ivr.app.sandbox import TOKEN
from lab.caller import LiveCaller
from lab.engine import Engine
from lab.installation import REPOSITORY
from lab.site import Lab
from lab.telephone import Telephone

PORTS = ("bank", "payments", "notify", "knowledge")


@asynccontextmanager
async def sandbox(folder: Path) -> AsyncIterator[str]:
    """Run `ivr sandbox` on a free port, and yield its URL; it must end well when it is asked to."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "ivr", "sandbox", "--port", "0", "--state", str(folder)),
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    said = (await process.stdout.readline()).decode()
    try:
        assert said.startswith("listening on http://127.0.0.1:")
        yield said.removeprefix("listening on ").partition(",")[0]
    finally:
        process.send_signal(signal.SIGTERM)
        assert await process.wait() == 0


@pytest.mark.asterisk
@pytest.mark.timeout(120)
async def test_a_balance_from_another_process(lab: Lab, phone: Telephone, tmp_path: Path) -> None:
    far = tmp_path / "far"
    async with sandbox(far) as url:
        there = {"backend": "http", "url": url, "token_file": str(far / TOKEN)}
        async with Engine(lab, tmp_path, dict.fromkeys(PORTS, there)) as engine:
            caller = load_caller(REPOSITORY / "flows" / "callers" / "balance-en.yaml")
            assert await LiveCaller(phone, engine, caller).run() == ()
    assert not (tmp_path / "bank.sqlite").exists()
