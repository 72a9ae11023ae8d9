"""A clerk over a real ledger, with a bank that answers as a test says."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, datetime, timedelta
from pathlib import Path

from ivr.adapters.ledger.sqlite import SqliteLedger
from ivr.app.clerk import Clerk
from ivr.app.desk import Desk
from ivr.app.orderbook import OrderBook
from ivr.model.errors import PortError, PortTimeout
from ivr.model.values import Money, Scalar
from ivr.ports.ledger import OrderLedger, OrderRecord
from ivr.ports.notify import Notice
from ivr.ports.orders import Authorised, OrderState
from ivr.ports.posting import Item, Posted, Posting, Reason, Terms
from tests.contracts.ledger_kit import TRANSFER, StillClock, Writing, order_id

FEE = Money(0)


class Bank:
    """A bank with one promise: a key is booked once. What goes wrong on the way is set by tests.

    `posting` and `querying` are raised after `post` has done its work, and before `query` answers;
    `deaf`: the posting does not even arrive; `gate`: nothing is answered before it is set; `arrived`
    is set when a posting comes.
    """

    def __init__(self) -> None:
        self.entries: dict[str, Posted] = {}
        self.asked: list[str] = []
        self.reason = Reason.NONE
        self.posting: PortError | None = None
        self.querying: PortError | None = None
        self.deaf = False
        self.gate: asyncio.Event | None = None
        self.arrived = asyncio.Event()

    async def items(self, source: str, customer: str, now: datetime) -> tuple[Item, ...]:
        return ()

    async def terms(
        self, operation: str, customer: str, arguments: dict[str, Scalar], now: datetime
    ) -> Terms:
        return Terms()

    async def post(self, posting: Posting) -> Posted:
        self.asked.append("post")
        self.arrived.set()
        if not self.deaf:
            self.entries.setdefault(posting.key, self._booked(posting))
        if self.gate is not None:
            await self.gate.wait()
        if self.posting is not None:
            raise self.posting
        return self.entries[posting.key]

    async def query(self, key: str) -> Posted | None:
        self.asked.append("query")
        if self.querying is not None:
            raise self.querying
        return self.entries.get(key)

    async def booked(self, day: date) -> tuple[Posted, ...]:
        booked = (one for one in self.entries.values() if one.reason is Reason.NONE)
        return tuple(one for one in booked if one.day == str(day))

    def fail(self, *, deaf: bool = False) -> None:
        """Answer nothing any more; `deaf`: and do nothing."""
        self.posting = self.querying = PortTimeout("bank", 3_000)
        self.deaf = deaf

    def recover(self) -> None:
        """Be well again."""
        self.posting = self.querying = None
        self.deaf = False

    def _booked(self, posting: Posting) -> Posted:
        if self.reason is not Reason.NONE:
            return Posted(posting.key, self.reason)
        amount = posting.arguments["amount"]
        assert isinstance(amount, Money)
        reference = f"B{len(self.entries) + 1}"
        return Posted(posting.key, Reason.NONE, reference, amount, FEE, str(posting.at.date()))


class Handsets:
    """Messages that arrive, once the network is there."""

    def __init__(self) -> None:
        self.notices: list[Notice] = []
        self.down = False
        self.known = True

    async def send(self, notice: Notice) -> bool:
        if self.down:
            raise PortError("notify", "the network is down", retryable=True)
        self.notices.append(notice)
        return self.known

    @property
    def templates(self) -> list[str]:
        return [one.template for one in self.notices]


class Office:
    """A clerk with all that is around it."""

    def __init__(self, ledger: OrderLedger, desk: type[Desk] = Desk) -> None:
        self.clock = StillClock()
        self.ledger = ledger
        self.bank = Bank()
        self.handsets = Handsets()
        self.writing = Writing(ledger, self.clock)
        self.desk = desk
        self.clerk = self.another_clerk()

    def another_clerk(self) -> Clerk:
        """Return a clerk of another engine on the same ledger."""
        book = OrderBook(self.ledger, self.clock, by="another")
        return Clerk(book, self.bank, self.handsets, self.desk)

    async def authorise(self, number: int = 1, task: object = TRANSFER) -> str:
        """Take an order down and authorise it; return its id."""
        frozen = await self.writing.read_back(number, task=task, at=self.clock.at)
        at = self.clock.at + timedelta(seconds=5)
        assert await self.clerk.authorise(frozen.id, frozen.digest, at, ()) is Authorised.YES
        return order_id(number)

    async def record(self, number: int = 1) -> OrderRecord:
        return await self.writing.record(number)

    async def state(self, number: int = 1) -> OrderState:
        return (await self.record(number)).state

    async def later(self, seconds: float) -> None:
        """Let time pass, and the clerk look what is due then."""
        self.clock.at += timedelta(seconds=seconds)
        await self.clerk.catch_up()


@asynccontextmanager
async def office(folder: Path, desk: type[Desk] = Desk) -> AsyncIterator[Office]:
    """Open an office on a ledger in a folder."""
    ledger = await SqliteLedger.open(folder / "ledger.sqlite")
    try:
        yield Office(ledger, desk)
    finally:
        await ledger.close()
