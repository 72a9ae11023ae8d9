"""docs/orders.md: a bank adds an order type without Python, as the page says."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import yaml

from ivr.adapters.flowfile import load_files
from ivr.app.config import Config
from ivr.app.simulation import simulation
from ivr.engine.check import check
from ivr.model.scripted import ScriptedCaller
from ivr.ports.bank import GetBalance

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"```yaml\n# flows/(\S+)\n(.+?)```", re.S)
PAGE = dict(BLOCK.findall((ROOT / "docs/orders.md").read_text("utf-8")))
DONOR, RED_CROSS = "6222021003", "6222021006"


@pytest.mark.proof
async def test_a_donation_is_taken_as_the_page_says(tmp_path: Path) -> None:
    files = {name: text for name, text in PAGE.items() if not name.startswith("callers/")}
    files["authenticate.yaml"] = (ROOT / "flows/authenticate.yaml").read_text("utf-8")
    flows = load_files(files)
    assert check(flows) == ()
    caller = ScriptedCaller.model_validate(yaml.safe_load(PAGE["callers/donation.yaml"]))
    monday = datetime(2026, 11, 23, 10, tzinfo=ZoneInfo("Asia/Shanghai"))
    config = Config(prompts=tmp_path / "none")
    async with simulation(flows, config, monday) as simulated:
        bank = simulated.port("bank")
        before = [await GetBalance(one).perform(bank) for one in (DONOR, RED_CROSS)]
        report = await simulated.play(caller)
        after = [await GetBalance(one).perform(bank) for one in (DONOR, RED_CROSS)]
    assert report.failures == ()
    moved = [new.minor - old.minor for old, new in zip(before, after, strict=True)]
    assert moved == [-6660, 6660]
