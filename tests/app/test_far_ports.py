"""The demo hotline on ports that are somewhere else: callers hear the same."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ivr import pins
from ivr.adapters.clock import SystemClock
from ivr.adapters.flowfile.loader import load
from ivr.adapters.sim.callers import load_caller
from ivr.adapters.sim.simulation import Simulation
from ivr.app.backends import PORTS, opened
from ivr.app.cashier import cashiers
from ivr.app.clerk import clerks
from ivr.app.config import BackendConfig, make_token
from ivr.app.demo import seed
from ivr.app.sandbox import TOKEN, sandbox
from ivr.app.simulation import demo_ports, prompts_of

ROOT = Path(__file__).parents[2]
ZONE = "Asia/Shanghai"
MONDAY = datetime(2026, 11, 23, 10, tzinfo=ZoneInfo(ZONE))
FLOWS = load(ROOT / "flows")
CALLERS = ("fees-en", "matter", "order-lost-answer-en", "order-transfer-new-en", "pay-order-en")


@asynccontextmanager
async def far(folder: Path) -> AsyncIterator[Simulation]:
    """A hotline whose bank, gateway, messages and knowledge are asked over HTTP."""
    seed(folder / "bank.sqlite")
    state = folder / "far"
    make_token(state / TOKEN)
    clock = SystemClock(ZONE)
    async with AsyncExitStack() as stack:
        url = await stack.enter_async_context(sandbox(state, ZONE, state / TOKEN))
        there = BackendConfig(backend="http", file=folder, url=url, token_file=state / TOKEN)
        ports = await stack.enter_async_context(demo_ports(folder, clock))
        for name in PORTS:
            port = await stack.enter_async_context(opened(name, there, clock))
            ports["gateway" if name == "payments" else name] = port
        made = {"orders": clerks(ports["ledger"]), "payments": cashiers(ports["ledger"])}
        yield Simulation(FLOWS, prompts_of(ROOT / "prompts"), ports, start=MONDAY, made=made)


@pytest.mark.proof
@pytest.mark.timeout(60)
@pytest.mark.parametrize("name", CALLERS)
async def test_a_caller_hears_the_same(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pins, "MEMORY_KIB", 64)
    async with far(tmp_path) as hotline:
        report = await hotline.play(load_caller(ROOT / "flows" / "callers" / f"{name}.yaml"))
    assert report.failures == ()
