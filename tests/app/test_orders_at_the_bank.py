"""After every scripted caller's orders the bank's books balance, and the ledger and the bank say the
same of the day, both ways."""

from __future__ import annotations

import shutil
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ivr import pins
from ivr.adapters.bank.verify import verify
from ivr.adapters.clock import SystemClock
from ivr.adapters.flowfile.loader import load
from ivr.adapters.sim.callers import load_caller
from ivr.adapters.sim.simulation import Simulation
from ivr.app.clerk import DESK, clerks
from ivr.app.demo import seed
from ivr.app.simulation import demo_ports, prompts_of
from ivr.centre.ledger.acts import OPEN
from ivr.centre.ledger.reconciliation import differences
from ivr.ports.ledger import Wanted
from ivr.ports.posting import OPERATIONS

ZONE = "Asia/Shanghai"
MONDAY = datetime(2026, 11, 23, 10, tzinfo=ZoneInfo(ZONE))
ROOT = Path(__file__).parents[2]
DAYS = [MONDAY.date(), MONDAY.date() + timedelta(days=1)]
"""On which they call."""

CALLERS = sorted((ROOT / "flows" / "callers").glob("order-*.yaml"))


@pytest.mark.proof
@pytest.mark.timeout(120)
async def test_the_books_balance_and_agree_with_the_ledger_after_every_caller(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pins, "MEMORY_KIB", 64)
    flows, prompts = load(ROOT / "flows"), prompts_of(ROOT / "prompts")
    seeded = tmp_path / "seeded"
    seeded.mkdir()
    seed(seeded / "bank.sqlite")
    done: set[str] = set()
    for file in CALLERS:
        folder = tmp_path / file.stem
        shutil.copytree(seeded, folder)
        async with demo_ports(folder, SystemClock(ZONE)) as ports:
            made = {"orders": clerks(ports["ledger"])}
            hotline = Simulation(flows, prompts, ports, start=MONDAY, made=made)
            await hotline.play(load_caller(file))
            orders = await ports["ledger"].select(Wanted(desk=DESK))
            known = [one for one in orders if one.state not in OPEN]
            for day in DAYS:
                booked = await ports["bank"].booked(day)
                assert differences(str(day), known, booked) == [], file.stem
        assert verify(folder / "bank.sqlite").faults == (), file.stem
        done |= {one.said.task.operation for one in known if one.booked and one.said}
    assert done >= set(OPERATIONS)
