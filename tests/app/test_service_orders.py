"""An engine that starts takes up what the one before left, and stops when that is done."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from ivr import pins
from ivr.adapters.clock import SystemClock
from ivr.adapters.ledger.sqlite import SqliteLedger
from ivr.adapters.notify.embedded import EmbeddedNotify
from ivr.adapters.prompts.catalogue import load_catalogue
from ivr.app import demo
from ivr.app.config import load_config
from ivr.app.orderbook import OrderBook
from ivr.app.orders import LEDGER
from ivr.app.service import running
from ivr.centre.orders.digest import digest
from ivr.model.values import Money
from ivr.ports.orders import Authorised, Draft, OrderState, ReadBack, Task
from tests.app.kit import FLOW

ROOT = Path(__file__).parents[2]
ORDER = f"{7:032x}"


class Earlier:
    """The clock of an engine that died a minute ago."""

    def now(self) -> datetime:
        return SystemClock("Asia/Shanghai").now() - timedelta(minutes=1)


def site(folder: Path) -> Path:
    """Lay out a hotline with a flow that says one thing, and a bank; return its configuration."""
    for name in ("flows", "prompts/en", "var"):
        (folder / name).mkdir(parents=True)
    (folder / "flows" / "main.yaml").write_text(FLOW.replace("say: hello", "say: goodbye"))
    spoken = ("goodbye", "sorry-technical")
    (folder / "prompts" / "en.yaml").write_text("".join(f"{one}: A text.\n" for one in spoken))
    for missing in load_catalogue(folder / "prompts").missing():
        shutil.copy(ROOT / "prompts/en/goodbye.ulaw", folder / f"prompts/en/{missing.id}.ulaw")
    demo.seed(folder / "var" / "bank.sqlite")
    config = folder / "onecall.yaml"
    config.write_text("agi: {port: 0}\n")
    return config


async def leave_an_order(folder: Path) -> None:
    """Authorise an order, and die."""
    ledger = await SqliteLedger.open(folder / "var" / LEDGER)
    book, now = OrderBook(ledger, Earlier(), by="dead"), Earlier().now()
    amount, mark = Money(4_200), digest(ORDER, "transfer")
    task = Task("transfer", {"from": "6222021001", "to": "6222021002", "amount": amount})
    await book.begin(Draft(ORDER, "transfer", "1.1", "C1001", "6222021001", "zh", now))
    await book.freeze(ReadBack(ORDER, "transfer", mark, {}, task, now, amount))
    assert await book.authorise(ORDER, mark, now, ()) is Authorised.YES
    await ledger.close()
    with closing(sqlite3.connect(folder / "var" / "bank.sqlite")) as bank, bank:
        row = (mark, "C1001", "6222021001", round(now.timestamp()))
        bank.execute("INSERT INTO authorisations VALUES (?, ?, ?, ?)", row)


@pytest.mark.proof
@pytest.mark.timeout(60)
async def test_what_a_dead_engine_left_is_done_and_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pins, "MEMORY_KIB", 64)
    config = site(tmp_path)
    await leave_an_order(tmp_path)
    looking = await SqliteLedger.open(tmp_path / "var" / LEDGER)
    async with running(load_config(config)), asyncio.timeout(30):
        while not (order := await looking.record(ORDER)) or not order.told:  # noqa: ASYNC110 - another connection's write
            await asyncio.sleep(0.02)
    await looking.close()
    assert (order.state, order.attempts) == (OrderState.POSTED, 1)
    notify = await EmbeddedNotify.open(tmp_path / "var" / "notify.sqlite", Earlier())
    (message,) = await notify.received("C1001")
    await notify.close()
    assert order.reference in message.text
