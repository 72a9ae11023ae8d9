"""What callers are told of fees, against what the demo bank takes."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ivr import pins
from ivr.adapters.clock import SystemClock
from ivr.app.demo import seed
from ivr.app.simulation import demo_ports
from ivr.model.values import Money, Scalar

NOW = datetime(2026, 11, 23, 10, tzinfo=ZoneInfo("Asia/Shanghai"))

CASES: dict[str, tuple[str, dict[str, Scalar]]] = {
    "transfer": ("C1001", {"from": "6222021001", "to": "6222021002"}),
    "remit": ("C1001", {"from": "6222021001", "bank": "102", "to": "6212260200011122334"}),
    "prepay_loan": ("C1003", {"from": "6222021003", "loan": "L1003"}),
}


@pytest.mark.parametrize("service", CASES)
async def test_fees_are_as_they_are_told(
    service: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pins, "MEMORY_KIB", 64)
    seed(tmp_path / "bank.sqlite")
    customer, arguments = CASES[service]
    async with demo_ports(tmp_path, SystemClock("Asia/Shanghai")) as ports:
        fee = await ports["knowledge"].fee(service)
        taken = []
        for amount in (Money(100_000), Money(2_000_000), Money(40_000_000)):
            arguments["amount"] = amount
            terms = await ports["bank"].terms(service, customer, arguments, NOW)
            assert terms.reason == ""
            most = fee.most.minor or amount.minor * fee.share // 10_000
            assert fee.least.minor <= terms.fee.minor <= most
            taken.append(terms.fee)
    assert taken[0] < taken[-1] or fee.share == 0
