"""Orders for the tests of ledgers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from ivr.app.orderbook import OrderBook
from ivr.centre.orders.digest import digest
from ivr.model.values import Money
from ivr.ports.clock import Clock
from ivr.ports.ledger import OrderLedger, OrderRecord
from ivr.ports.orders import Authorised, Draft, OrderState, ReadBack, Task

MONDAY = datetime(2026, 11, 23, 10, 0, tzinfo=ZoneInfo("Asia/Shanghai"))

TRANSFER = Task("transfer", {"from": "6222021001", "to": "6222021002", "amount": Money(50_000)})
TRAVEL = Task(case="travel", owner="travel-desk")


class StillClock:
    """A clock that stands still until a test moves it."""

    def __init__(self) -> None:
        self.at = MONDAY

    def now(self) -> datetime:
        return self.at


def order_id(number: int) -> str:
    return f"{number:032x}"


def draft(number: int = 1, customer: str = "C1001", **fields: Any) -> Draft:
    said: Mapping[str, Any] = {
        "kind": "transfer",
        "call_id": "1764000000.1",
        "account": "6222021001",
        "language": "zh",
        "at": MONDAY,
        **fields,
    }
    return Draft(id=order_id(number), customer=customer, **said)


def said(number: int = 1, amount: int = 50_000, task: Task = TRANSFER, **fields: Any) -> ReadBack:
    text = f"transfer {amount}"
    return ReadBack(
        id=order_id(number),
        text=text,
        digest=digest(order_id(number), text),
        slots={"amount": Money(amount), "payee.tail": "1002"},
        task=task,
        at=fields.pop("at", MONDAY),
        amount=Money(amount),
        **fields,
    )


class Writing:
    """A book over a ledger, and orders written in it in one line."""

    def __init__(self, ledger: OrderLedger, clock: Clock) -> None:
        self.ledger = ledger
        self.clock = clock
        self.book = OrderBook(ledger, clock, by="test")

    async def read_back(self, number: int = 1, amount: int = 50_000, **fields: Any) -> ReadBack:
        task = fields.pop("task", TRANSFER)
        await self.book.begin(draft(number, **fields))
        frozen = said(number, amount, task, at=self.clock.now())
        await self.book.freeze(frozen)
        return frozen

    async def authorise(self, number: int = 1, amount: int = 50_000, **fields: Any) -> OrderRecord:
        limits = fields.pop("limits", ())
        frozen = await self.read_back(number, amount, **fields)
        at = self.clock.now() + timedelta(seconds=5)
        answer = await self.book.authorise(frozen.id, frozen.digest, at, limits)
        assert answer is Authorised.YES
        return await self.record(number)

    async def record(self, number: int = 1) -> OrderRecord:
        record = await self.book.record(order_id(number))
        assert record is not None
        return record

    async def state(self, number: int = 1) -> OrderState:
        return (await self.record(number)).state
