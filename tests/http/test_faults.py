"""Faults on demand, over a real socket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import msgspec
import pytest
from msgspec.structs import replace

from ivr.http import client as clients
from ivr.http.faults import Faults
from ivr.http.server import Served, application
from ivr.http.serving import ListenError, serving
from ivr.model.errors import PortError, PortTimeout
from ivr.ports.backend import Settings
from tests.http.kit import TOKEN, HttpPost, Office, Parcel, Post

PARCEL = Parcel("a", datetime(2026, 11, 23, 10, 30, tzinfo=ZoneInfo("Asia/Shanghai")))
HASTE_MS = 400
SEND = "/sandbox/faults/post/send"


class Sandbox(msgspec.Struct):
    """A post office behind a socket: `port` and `hasty` ask it, `admin` breaks it."""

    office: Office
    port: HttpPost
    hasty: HttpPost
    admin: httpx.AsyncClient

    async def breaks(self, **fault: Any) -> None:
        """Ask for a fault of the next parcels."""
        assert (await self.admin.put(SEND, json=fault)).status_code == 204


@asynccontextmanager
async def opened() -> AsyncIterator[Sandbox]:
    office = Office()
    faults = Faults({"/v1/post/send"}, TOKEN)
    app = application({"post": Served(Post, office)}, TOKEN, faults.around, faults.routes())
    allowed = {"Authorization": f"Bearer {TOKEN.reveal()}"}
    async with serving(app) as url, httpx.AsyncClient(base_url=url, headers=allowed) as admin:
        there = Settings(file=Path("nowhere"), url=url, token=TOKEN, budget_ms=8_000)
        port = await HttpPost.opened(there)
        hasty = await HttpPost.opened(replace(there, budget_ms=HASTE_MS))
        yield Sandbox(office, port, hasty, admin)
        await hasty.close()
        await port.close()


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with opened() as running:
        yield running


@pytest.mark.parametrize(
    ("fault", "error", "done"),
    [
        ("fail", PortError, 0),
        ("lose_request", PortTimeout, 0),
        ("lose_answer", PortTimeout, 1),
        ("cut", PortError, 1),
        ("twice", None, 2),
        ("delay", None, 1),
    ],
)
async def test_what_is_done_and_what_is_heard_of_it(
    sandbox: Sandbox, fault: str, error: type[PortError] | None, done: int
) -> None:
    await sandbox.breaks(fault=fault)
    if error is None:
        assert await sandbox.port.send(PARCEL) == PARCEL
    else:
        asked = sandbox.hasty if error is PortTimeout else sandbox.port
        with pytest.raises(PortError) as caught:
            await asked.send(PARCEL)
        assert type(caught.value) is error
        assert caught.value.retryable
    assert sandbox.office.done == done
    assert await sandbox.port.send(PARCEL) == PARCEL


async def test_who_answers_too_late_has_done_it(sandbox: Sandbox) -> None:
    await sandbox.breaks(fault="delay", ms=1_000)
    with pytest.raises(PortTimeout):
        await sandbox.hasty.send(PARCEL)
    assert sandbox.office.done == 1


async def test_a_fault_of_several_requests_and_its_end(sandbox: Sandbox) -> None:
    await sandbox.breaks(fault="fail", times=2)
    for _ in range(2):
        with pytest.raises(PortError):
            await sandbox.port.send(PARCEL)
    assert await sandbox.port.send(PARCEL) == PARCEL
    await sandbox.breaks(fault="fail", times=100)
    assert (await sandbox.admin.delete("/sandbox/faults")).status_code == 204
    assert await sandbox.port.send(PARCEL) == PARCEL


async def test_who_was_given_up_keeps_nobody_from_asking(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clients, "CONNECTIONS", 2)
    async with opened() as sandbox:
        await sandbox.breaks(fault="lose_request", times=2)
        asked = (sandbox.hasty.send(PARCEL) for _ in range(6))
        answers = await asyncio.gather(*asked, return_exceptions=True)
        assert sum(isinstance(one, PortTimeout) for one in answers) >= 2
        assert await sandbox.hasty.send(PARCEL) == PARCEL


@pytest.mark.parametrize(
    ("path", "fault", "status"),
    [
        (SEND, {"fault": "burn"}, 422),
        (SEND, {"fault": "fail", "times": 0}, 422),
        (SEND, {"fault": "delay", "ms": 3_600_000}, 422),
        ("/sandbox/faults/post/burn", {"fault": "fail"}, 404),
    ],
)
async def test_faults_that_are_none(
    sandbox: Sandbox, path: str, fault: dict[str, Any], status: int
) -> None:
    assert (await sandbox.admin.put(path, json=fault)).status_code == status
    assert await sandbox.port.send(PARCEL) == PARCEL


async def test_faults_are_for_who_has_the_token(sandbox: Sandbox) -> None:
    nobody = {"Authorization": "Bearer nobody"}
    assert (
        await sandbox.admin.put(SEND, json={"fault": "fail"}, headers=nobody)
    ).status_code == 401
    assert (await sandbox.admin.delete("/sandbox/faults", headers=nobody)).status_code == 401
    assert await sandbox.port.send(PARCEL) == PARCEL


async def test_an_address_that_is_taken() -> None:
    async with serving(application({}, None)) as url:
        with pytest.raises(ListenError, match="cannot be listened on: Address already in use"):
            async with serving(application({}, None), int(url.rpartition(":")[2])):
                pass
