"""The sandbox: the whole demo hotline on ports that are somewhere else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from ivr import pins
from ivr.adapters.clock import SystemClock
from ivr.app.backends import PORTS, opened
from ivr.app.config import BackendConfig, ConfigError, make_token, read_secret
from ivr.app.sandbox import TOKEN, sandbox
from ivr.model.errors import PortTimeout
from ivr.model.secret import Secret
from ivr.model.values import Money, Scalar
from ivr.ports.identity import PinResult
from ivr.ports.notify import Notice
from ivr.ports.posting import Posting, Reason

ZONE = "Asia/Shanghai"
NOW = datetime(2026, 11, 23, 10, tzinfo=ZoneInfo(ZONE))
FROM, TO = "6222021001", "6222021002"
DIGEST = "d" * 64


@pytest.fixture
async def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[str]:
    """The URL of a sandbox."""
    monkeypatch.setattr(pins, "MEMORY_KIB", 64)
    make_token(tmp_path / TOKEN)
    async with sandbox(tmp_path, ZONE, tmp_path / TOKEN) as running:
        yield running


@asynccontextmanager
async def ports(url: str, folder: Path, budget: str = "3s") -> AsyncIterator[dict[str, Any]]:
    """Open every port over HTTP."""
    async with AsyncExitStack() as stack:
        there = {"backend": "http", "file": folder, "url": url, "token_file": folder / TOKEN}
        section = BackendConfig.model_validate({**there, "budget": budget})
        clock = SystemClock(ZONE)
        yield {
            name: await stack.enter_async_context(opened(name, section, clock)) for name in PORTS
        }


async def test_all_ports_are_there(url: str, tmp_path: Path) -> None:
    async with ports(url, tmp_path) as there:
        assert (await there["bank"].identify("13800001001")).number == "C1001"
        assert await there["payments"].query("k") is None
        assert (await there["knowledge"].branch("101", "2026-11-23")).opens == "09:00"
        values: dict[str, Scalar] = {"code": "739146", "minutes": 5}
        notice = Notice("k", "C1001", "one-time-code", "zh", values)
        assert await there["notify"].send(notice) is True


@pytest.mark.proof
async def test_a_posting_whose_answer_is_lost_is_done_once(url: str, tmp_path: Path) -> None:
    posting = Posting(
        "0123abcd", "transfer", "C1001", {"from": FROM, "to": TO, "amount": Money(100)}, DIGEST, NOW
    )
    token = {"Authorization": f"Bearer {read_secret(tmp_path / TOKEN)}"}
    async with ports(url, tmp_path) as there, ports(url, tmp_path, "1500ms") as hasty:
        answer = await there["bank"].verify_pin(FROM, Secret("408297"), "", "", DIGEST)
        assert answer.result is PinResult.RIGHT
        before = await there["bank"].balance(TO)
        async with httpx.AsyncClient(base_url=url, headers=token) as admin:
            await admin.put("/sandbox/faults/bank/post", json={"fault": "lose_answer"})
        with pytest.raises(PortTimeout):
            await hasty["bank"].post(posting)
        found = await there["bank"].query(posting.key)
        again = await asyncio.gather(*(there["bank"].post(posting) for _ in range(3)))
        assert found.reason is Reason.NONE
        assert again == [found] * 3
        assert await there["bank"].balance(TO) == Money(before.minor + 100)
        assert await there["bank"].booked(NOW.date()) == (found,)


def test_a_token_is_made_once_and_for_its_owner(tmp_path: Path) -> None:
    file = tmp_path / "deep" / TOKEN
    make_token(file)
    token = read_secret(file)
    assert len(token) >= 43
    make_token(file)
    assert read_secret(file) == token


def test_a_token_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError, match="cannot be made a folder"):
        make_token(tmp_path / "file" / TOKEN)
