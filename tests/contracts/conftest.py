"""The contract suites run over every backend that is discovered; each has its opener here."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ivr.adapters import bank as banks
from ivr.adapters import knowledge as knowledges
from ivr.adapters import payments as gateways
from ivr.adapters import store as stores
from ivr.adapters.bank import pins
from ivr.adapters.bank.demo import seed
from ivr.adapters.bank.embedded import EmbeddedBank
from ivr.adapters.knowledge import demo
from ivr.adapters.knowledge.embedded import EmbeddedKnowledge
from ivr.adapters.payments.embedded import SandboxGateway
from ivr.adapters.store.memory import MemoryStore
from ivr.adapters.store.sqlite import SqliteStore
from ivr.model.errors import PortTimeout
from ivr.ports.bank import Bank
from ivr.ports.clock import Clock
from ivr.ports.knowledge import Knowledge
from ivr.ports.payments import Payments
from ivr.ports.store import Store

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


async def open_embedded(folder: Path, clock: Clock) -> EmbeddedBank:
    for name, content in zip(("bank.sqlite", "bank.pepper"), seeded(), strict=True):
        (folder / name).write_bytes(content)
        (folder / name).chmod(0o600)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(pins, "MEMORY_KIB", 64)
        return await EmbeddedBank.open(folder / "bank.sqlite", clock)


async def open_knowledge(folder: Path) -> EmbeddedKnowledge:
    demo.seed(folder / "knowledge.sqlite")
    return await EmbeddedKnowledge.open(folder / "knowledge.sqlite")


async def open_gateway(folder: Path) -> SandboxGateway:
    async def nobody_waits_so_long(seconds: float) -> None:
        raise PortTimeout("payments", 3_000)

    return await SandboxGateway.open(folder / "payments.sqlite", nobody_waits_so_long)


async def open_memory(folder: Path, clock: Clock) -> MemoryStore:
    return MemoryStore(clock)


async def open_sqlite(folder: Path, clock: Clock) -> SqliteStore:
    return await SqliteStore.open(folder / "store.sqlite", clock)


BANKS: dict[str, Callable[[Path, Clock], Awaitable[EmbeddedBank]]] = {"embedded": open_embedded}
KNOWLEDGES: dict[str, Callable[[Path], Awaitable[EmbeddedKnowledge]]] = {"embedded": open_knowledge}
GATEWAYS: dict[str, Callable[[Path], Awaitable[SandboxGateway]]] = {"embedded": open_gateway}
STORES: dict[str, Callable[[Path, Clock], Awaitable[MemoryStore | SqliteStore]]] = {
    "memory": open_memory,
    "sqlite": open_sqlite,
}


@pytest.fixture(params=sorted(banks.discover()))
async def bank(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Bank]:
    """A bank with the demo's accounts; a backend without an opener fails here."""
    opened = await BANKS[request.param](tmp_path, StillClock())
    yield opened
    await opened.close()


@pytest.fixture(params=sorted(knowledges.discover()))
async def knowledge(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Knowledge]:
    """What the demo bank tells anybody; a backend without an opener fails here."""
    opened = await KNOWLEDGES[request.param](tmp_path)
    yield opened
    await opened.close()


@pytest.fixture(params=sorted(gateways.discover()))
async def payments(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Payments]:
    """A gateway with the demo's merchant orders; a backend without an opener fails here."""
    opened = await GATEWAYS[request.param](tmp_path)
    yield opened
    await opened.close()


@pytest.fixture
def clock() -> StillClock:
    """The store's clock."""
    return StillClock()


@pytest.fixture(params=sorted(stores.discover()))
async def store(
    request: pytest.FixtureRequest, tmp_path: Path, clock: StillClock
) -> AsyncIterator[Store]:
    """An empty store; a backend without an opener fails here."""
    opened = await STORES[request.param](tmp_path, clock)
    yield opened
    await opened.close()
