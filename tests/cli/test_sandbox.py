"""`ivr sandbox` as a process."""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path

import httpx
import pytest

pytestmark = [pytest.mark.proof, pytest.mark.timeout(60)]


async def started(*arguments: str) -> Process:
    command = (sys.executable, "-m", "ivr", "sandbox", *arguments)
    return await asyncio.create_subprocess_exec(*command, stdout=PIPE, stderr=PIPE)


async def test_it_serves_until_it_is_asked_to_stop(tmp_path: Path) -> None:
    state = tmp_path / "state"
    process = await started("--port", "0", "--state", str(state))
    assert process.stdout is not None
    said = (await process.stdout.readline()).decode()
    url = said.removeprefix("listening on ").partition(",")[0]
    token = (state / "sandbox.token").read_text("utf-8").strip()
    async with httpx.AsyncClient(base_url=url) as web:
        asked = {"account": "6222021002"}
        assert (await web.post("/v1/bank/balance", json=asked)).status_code == 401
        allowed = {"Authorization": f"Bearer {token}"}
        answer = await web.post("/v1/bank/balance", json=asked, headers=allowed)
        assert answer.json() == {"minor": 5, "currency": "CNY"}
    process.send_signal(signal.SIGTERM)
    printed, problems = await process.communicate()
    assert (process.returncode, problems) == (0, b"")
    assert token not in said + printed.decode()


async def test_it_says_why_it_cannot_start(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        process = await started("--port", port, "--state", str(tmp_path))
        _, problems = await process.communicate()
    assert process.returncode == 2
    assert f"ivr sandbox: 127.0.0.1:{port}: cannot be listened on: Address already in use" in (
        problems.decode()
    )
