"""The contract suites run over every backend that is discovered; each has its opener here."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from ivr import pins
from ivr.adapters import bank as banks
from ivr.adapters import knowledge as knowledges
from ivr.adapters import notify as notifies
from ivr.adapters import payments as gateways
from ivr.adapters.bank.demo import seed
from ivr.adapters.bank.embedded import EmbeddedBank
from ivr.adapters.bank.http import HttpBank
from ivr.adapters.knowledge import demo
from ivr.adapters.knowledge.embedded import EmbeddedKnowledge
from ivr.adapters.knowledge.http import HttpKnowledge
from ivr.adapters.notify import embedded as handsets
from ivr.adapters.notify.embedded import EmbeddedNotify
from ivr.adapters.notify.http import HttpNotify
from ivr.adapters.payments.embedded import SandboxGateway
from ivr.adapters.payments.http import HttpPayments
from ivr.adapters.store.database import DatabaseStore
from ivr.adapters.store.memory import MemoryStore
from ivr.http.client import HttpPort
from ivr.http.server import Served, application
from ivr.model.errors import PortTimeout
from ivr.model.secret import Secret
from ivr.ports.bank import Bank
from ivr.ports.knowledge import Knowledge
from ivr.ports.notify import Notify
from ivr.ports.payments import Payments
from ivr.ports.store import Store
from tests.places import SORTS, place_of

TOKEN = Secret("a-token-of-the-contract-suites")
BUDGET_MS = 5_000
MONDAY = datetime(2026, 11, 23, 10, 0, tzinfo=ZoneInfo("Asia/Shanghai"))


class StillClock:
    """A clock that stands still until a test moves it."""

    def __init__(self) -> None:
        self.at = MONDAY

    def now(self) -> datetime:
        return self.at


@cache
def seeded() -> tuple[bytes, bytes]:
    """The demo bank and its PIN secret, hashed once and cheaply: a hash says how it is checked."""
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patched:
        patched.setattr(pins, "MEMORY_KIB", 64)
        seed(Path(folder) / "bank.sqlite")
        return (Path(folder) / "bank.sqlite").read_bytes(), (
            Path(folder) / "bank.pepper"
        ).read_bytes()


async def open_bank(folder: Path) -> EmbeddedBank:
    for name, content in zip(("bank.sqlite", "bank.pepper"), seeded(), strict=True):
        (folder / name).write_bytes(content)
        (folder / name).chmod(0o600)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(pins, "MEMORY_KIB", 64)
        return await EmbeddedBank.open(folder / "bank.sqlite", StillClock())


async def open_gateway(folder: Path) -> SandboxGateway:
    async def nobody_waits_so_long(seconds: float) -> None:
        raise PortTimeout("payments", 3_000)

    return await SandboxGateway.open(folder / "payments.sqlite", nobody_waits_so_long)


async def open_notify(folder: Path) -> EmbeddedNotify:
    handsets.seed(folder / "notify.sqlite", [("C1002", "13800001002")])
    return await EmbeddedNotify.open(folder / "notify.sqlite", StillClock())


async def open_knowledge(folder: Path) -> EmbeddedKnowledge:
    demo.seed(folder / "knowledge.sqlite")
    return await EmbeddedKnowledge.open(folder / "knowledge.sqlite")


@asynccontextmanager
async def opened(backend: type[Any], folder: Path) -> AsyncIterator[Any]:
    """Open a backend with the demo's data; one without an opener fails here.

    One over HTTP is asked over HTTP, without a socket; the embedded one serves it.
    """
    if issubclass(backend, HttpPort):
        port = await SERVED[backend](folder)
        app = application({backend.port: Served(backend, port)}, TOKEN)
        client = httpx.AsyncClient(
            transport=httpx.ASGITransport(app),
            base_url="http://bank",
            headers={"Authorization": f"Bearer {TOKEN.reveal()}"},
        )
        asked = backend(client, BUDGET_MS)
        yield asked
        await asked.close()
    else:
        port = await OPENERS[backend](folder)
        yield port
    await port.close()


OPENERS: dict[type[Any], Callable[[Path], Awaitable[Any]]] = {
    EmbeddedBank: open_bank,
    SandboxGateway: open_gateway,
    EmbeddedNotify: open_notify,
    EmbeddedKnowledge: open_knowledge,
}
SERVED: dict[type[Any], Callable[[Path], Awaitable[Any]]] = {
    HttpBank: open_bank,
    HttpPayments: open_gateway,
    HttpNotify: open_notify,
    HttpKnowledge: open_knowledge,
}


def each(backends: dict[str, type[Any]]) -> list[Any]:
    """Return the backends of a port as parameters of its suite."""
    return [pytest.param(backend, id=name) for name, backend in sorted(backends.items())]


@pytest.fixture(params=each(banks.discover()))
async def bank(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Bank]:
    """A bank with the demo's accounts."""
    async with opened(request.param, tmp_path) as port:
        yield port


@pytest.fixture(params=each(gateways.discover()))
async def payments(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Payments]:
    """A gateway with the demo's merchant orders."""
    async with opened(request.param, tmp_path) as port:
        yield port


@pytest.fixture(params=each(notifies.discover()))
async def notify(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Notify]:
    """Messages to a customer of the demo, who has a number on file."""
    async with opened(request.param, tmp_path) as port:
        yield port


@pytest.fixture(params=each(knowledges.discover()))
async def knowledge(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Knowledge]:
    """What the demo bank tells anybody."""
    async with opened(request.param, tmp_path) as port:
        yield port


@pytest.fixture
def clock() -> StillClock:
    """The store's clock."""
    return StillClock()


@pytest.fixture(params=["memory", *SORTS])
async def store(
    request: pytest.FixtureRequest, tmp_path: Path, clock: StillClock
) -> AsyncIterator[Store]:
    """An empty store of each sort."""
    opened: Store = (
        MemoryStore(clock)
        if request.param == "memory"
        else await DatabaseStore.open(place_of(request, tmp_path), clock)
    )
    yield opened
    await opened.close()
