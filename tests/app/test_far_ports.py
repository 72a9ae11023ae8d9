"""The demo hotline on ports that are somewhere else: callers hear the same."""

from __future__ import annotations

from contextlib import AsyncExitStack
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ivr.adapters.bank import pins
from ivr.adapters.clock import SystemClock
from ivr.adapters.flowfile.loader import load
from ivr.adapters.sim.callers import load_caller
from ivr.adapters.sim.simulation import Simulation
from ivr.app.backends import PORTS, opened
from ivr.app.cashier import cashiers
from ivr.app.clerk import clerks
from ivr.app.config import BackendConfig
from ivr.app.demo import seed
from ivr.app.sandbox import TOKEN, make_token, sandbox
from ivr.app.simulation import demo_ports, prompts_of

ROOT = Path(__file__).parents[2]
ZONE = "Asia/Shanghai"
MONDAY = datetime(2026, 11, 23, 10, tzinfo=ZoneInfo(ZONE))
CALLERS = ("balance-*", "branch-*", "matter*", "order-*", "pay*", "fee*")


@pytest.mark.proof
@pytest.mark.timeout(120)
async def test_callers_hear_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pins, "MEMORY_KIB", 64)
    near, far = tmp_path / "near", tmp_path / "far"
    for folder in (near, far):
        folder.mkdir()
    seed(near / "bank.sqlite")
    make_token(far / TOKEN)
    flows, prompts, clock = load(ROOT / "flows"), prompts_of(ROOT / "prompts"), SystemClock(ZONE)
    callers = sorted(
        file for name in CALLERS for file in (ROOT / "flows/callers").glob(f"{name}.yaml")
    )
    failed = {}
    async with AsyncExitStack() as stack:
        url = await stack.enter_async_context(sandbox(far, ZONE, far / TOKEN))
        there = BackendConfig(backend="http", file=far, url=url, token_file=far / TOKEN)
        ports = await stack.enter_async_context(demo_ports(near, clock))
        for name in PORTS:
            port = await stack.enter_async_context(opened(name, there, clock))
            ports["gateway" if name == "payments" else name] = port
        made = {"orders": clerks(ports["ledger"]), "payments": cashiers(ports["ledger"])}
        for file in callers:
            simulated = Simulation(flows, prompts, ports, start=MONDAY, made=made)
            report = await simulated.play(load_caller(file))
            if report.failures:
                failed[file.stem] = report.failures
    assert failed == {}
    assert len(callers) >= 10
