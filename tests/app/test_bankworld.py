"""A proof's bank answers as the simulator's does."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ivr import pins
from ivr.adapters.bank.demo import seed
from ivr.adapters.bank.embedded import EmbeddedBank
from ivr.adapters.clock import SystemClock
from ivr.app.bankworld import demo_bank
from ivr.model.values import Money, Scalar
from ivr.model.world import World
from ivr.ports.posting import SOURCES, GetItems, GetTerms

WHEN = datetime(2026, 11, 23, 10, 0, tzinfo=ZoneInfo("Asia/Shanghai"))


async def test_what_is_offered_and_what_the_terms_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pins, "MEMORY_KIB", 64)
    seed(tmp_path / "bank.sqlite")
    bank = await EmbeddedBank.open(tmp_path / "bank.sqlite", SystemClock("Asia/Shanghai"))
    world = World(heard_ms=lambda items, language: 0, known=demo_bank({}, WHEN).known)
    later = WHEN + timedelta(days=5)
    for source in SOURCES:
        asked = GetItems(source, "C1004", later)
        (known,) = world.answers_to(asked)
        assert known.answer == await asked.perform(bank)
    for customer in ("C1003", "C1004"):
        own = f"622202{customer[1:]}"
        arguments: dict[str, Scalar] = {"from": own, "loan": "L1003", "amount": Money(100_000)}
        priced = GetTerms("prepay_loan", customer, arguments, later)
        (known,) = world.answers_to(priced)
        assert known.answer == await priced.perform(bank)
    await bank.close()
