"""Dictated orders: how many a second are durable, and how long a caller waits from the PIN to "accepted".

The clerk, the ledger and the bank are those of an engine, in one process as `ivr serve` runs them. Each
order is begun, read back and authorised on the disk; then it is posted and the result written down,
meanwhile or after. `accepted` is the answer YES to AuthoriseOrder.
"""

from __future__ import annotations

import asyncio
import sqlite3
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, closing
from pathlib import Path

import msgspec
import uvloop

from bench.processes import Noise
from bench.report import Column, Report, Sample, hundredth, tenth, whole
from bench.targets import Goal, Line, targets
from ivr.adapters.bank.demo import ACCOUNTS, seed
from ivr.adapters.bank.embedded import EmbeddedBank
from ivr.adapters.clock import SystemClock
from ivr.adapters.ledger.postgres import PostgresLedger
from ivr.adapters.ledger.sqlite import SqliteLedger
from ivr.adapters.notify.embedded import EmbeddedNotify
from ivr.app.clerk import Clerk
from ivr.app.orderbook import OrderBook
from ivr.centre.orders.digest import digest
from ivr.model.secret import Secret
from ivr.model.values import Money
from ivr.pins import PinHasher, read_pepper
from ivr.ports.identity import PinResult
from ivr.ports.ledger import OrderLedger
from ivr.ports.orders import Authorised, Draft, OrderState, ReadBack, Task
from lab.postgres import cluster

FLOOR, SQLITE, PINS, POSTGRES = (
    "bare commits",
    "SQLite",
    "SQLite and PIN",
    "PostgreSQL",
)
ENGINES = (FLOOR, SQLITE, PINS, POSTGRES)
COLUMNS = (
    Column("accepted\n/s", "rate", whole),
    Column("posted\n/s", "posted", whole),
    Column("CPU\nms", "cpu_ms", hundredth),
    Column("load\n/s", "load", whole),
    Column("p50\nms", "p50", tenth),
    Column("p99\nms", "p99", tenth),
)
WANTED_RATE, WANTED_P99 = 300, 50.0
LINES = (
    Line(
        "orders accepted/s, durable",
        SQLITE,
        "rate",
        whole,
        (FLOOR, POSTGRES),
        Goal("O1", least=WANTED_RATE),
    ),
    Line(
        "PIN → accepted at 300/s, p99 ms",
        SQLITE,
        "p99",
        tenth,
        (FLOOR, POSTGRES),
        Goal("O2", most=WANTED_P99),
    ),
)
PAYER = ACCOUNTS[0]
"""Whose money is moved, 0.01 an order."""


class Size(msgspec.Struct, frozen=True):
    """How much is measured: `callers` at a time until `orders` are done, and `seconds` at the wanted
    rate, each order at its time whether or not those before are done. With the PIN it is a tenth."""

    rounds: int = 3
    callers: int = 64
    orders: int = 3_000
    seconds: float = 5.0


QUICK = Size(rounds=1, callers=8, orders=40, seconds=0.2)


def steps(size: Size) -> int:
    """Return how many steps a run has."""
    return size.rounds * len(ENGINES)


def measure(size: Size, progress: Callable[[str], None]) -> Report:
    """Measure all ledgers in turns."""
    samples: list[Sample] = []
    with tempfile.TemporaryDirectory(prefix="ivr-bench-") as folder:
        Path(folder).chmod(0o755)
        with cluster(Path(folder) / "cluster") as postgres:
            for number in range(1, size.rounds + 1):
                for engine in ENGINES:
                    progress(engine)
                    place = Path(folder) / f"{number}-{ENGINES.index(engine)}"
                    place.mkdir()
                    url = postgres.database() if engine == POSTGRES else ""
                    noise = Noise()
                    figures = uvloop.run(_measured(engine, place, url, size))
                    samples.append(Sample(engine, number, noise.cores(), figures))
    report = Report("orders: durable, and accepted", samples, [], NOTES)
    report.targets = targets(report, LINES)
    return report


NOTES = [
    "load: orders that come at this rate, as callers do; p50, p99: from the PIN to accepted",
    "with the PIN argon2id limits, some 25 ms of CPU each in two threads, not the ledger",
    "posted: to the end of all postings; the bank is in the same process",
]


async def _measured(engine: str, place: Path, url: str, size: Size) -> dict[str, float]:
    if engine == FLOOR:
        return _floor(place, size.orders)
    with_pin = engine == PINS
    orders, load = (size.orders // 10, 30) if with_pin else (size.orders, WANTED_RATE)
    async with _office(place, url, size.callers if with_pin else 0) as office:
        office.bind(orders + round(load * size.seconds))
        began, used = time.monotonic(), time.process_time()
        await office.crowd(orders, size.callers)
        accepted = time.monotonic() - began
        await office.finish()
        ended = time.monotonic() - began
        cpu = time.process_time() - used
        office.waits.clear()
        await office.load(load, size.seconds)
        await office.finish()
        await office.check()
    waits = sorted(office.waits)
    return {
        "rate": orders / accepted,
        "posted": orders / ended,
        "cpu_ms": cpu * 1000 / orders,
        "p50": statistics.median(waits) * 1000,
        "p99": waits[int(len(waits) * 0.99)] * 1000,
        "load": load,
    }


def _floor(place: Path, orders: int) -> dict[str, float]:
    """The least that "durable" costs without group commit: a row and a commit, one after the other."""
    with closing(sqlite3.connect(place / "floor.sqlite", isolation_level=None)) as database:
        for pragma in ("journal_mode=WAL", "synchronous=FULL"):
            database.execute(f"PRAGMA {pragma}")
        database.execute("CREATE TABLE entries (n INTEGER PRIMARY KEY, body BLOB)")
        began, used = time.monotonic(), time.process_time()
        for _ in range(orders):
            database.execute("INSERT INTO entries (body) VALUES (?)", (bytes(500),))
        took, cpu = time.monotonic() - began, time.process_time() - used
    return {"rate": orders / took, "cpu_ms": cpu * 1000 / orders}


class Office:
    """A clerk with all that is around it, and callers. PINs are keyed, if there are `accounts`, for
    each in turn: one account's PIN is looked at five times at once at most."""

    def __init__(
        self, place: Path, ledger: OrderLedger, bank: EmbeddedBank, clerk: Clerk, accounts: int
    ) -> None:
        self.waits: list[float] = []
        self._place = place
        self._ledger = ledger
        self._bank = bank
        self._clerk = clerk
        self._accounts = accounts
        self._clock = SystemClock("Asia/Shanghai")
        self._begun = 0

    def bind(self, orders: int) -> None:
        """Have so many read-backs authorised beforehand, where no PIN is asked."""
        if self._accounts:
            return
        now = round(self._clock.now().timestamp())
        marks = [(self._mark(n), "C1001", PAYER.number, now) for n in range(1, orders + 1)]
        with closing(sqlite3.connect(self._place / "bank.sqlite")) as bank, bank:
            bank.executemany("INSERT INTO authorisations VALUES (?, ?, ?, ?)", marks)

    async def crowd(self, orders: int, callers: int) -> None:
        """Let so many callers at a time dictate until all orders are accepted."""
        left = iter(range(orders))

        async def caller() -> None:
            for _ in left:
                await self._order()

        await asyncio.gather(*(caller() for _ in range(callers)))

    async def load(self, rate: float, seconds: float) -> None:
        """Let orders come at a rate."""
        loop = asyncio.get_running_loop()
        begin = loop.time()
        coming = []
        for number in range(round(rate * seconds)):
            await asyncio.sleep(begin + number / rate - loop.time())
            coming.append(asyncio.create_task(self._order()))
        await asyncio.gather(*coming)

    async def finish(self) -> None:
        """Wait until everything is posted."""
        await self._clerk._desk.finish()

    async def check(self) -> None:
        """See to it that figures are of orders that were done. Raises AssertionError."""
        states = {"posted": 0}
        async for one in self._ledger.contents():
            if hasattr(one, "record"):
                states[one.record.state] = states.get(one.record.state, 0) + 1
        assert states == {OrderState.POSTED.value: self._begun}, states

    async def _order(self) -> None:
        self._begun += 1
        number, now = self._begun, self._clock.now()
        order, mark = f"{number:032x}", self._mark(self._begun)
        await self._clerk.draft(Draft(order, "transfer", "1.1", "C1001", PAYER.number, "zh", now))
        task = Task(
            "transfer", {"from": PAYER.number, "to": ACCOUNTS[1].number, "amount": Money(1)}
        )
        said = ReadBack(order, TEXT, mark, {"amount": Money(1)}, task, now, Money(1))
        await self._clerk.read_back(said)
        keyed = time.monotonic()
        if self._accounts:
            account = _account(number % self._accounts)
            keyed_right = await self._bank.verify_pin(account, Secret(PAYER.pin), "", "", mark)
            assert keyed_right.result is PinResult.RIGHT, keyed_right
        answer = await self._clerk.authorise(order, mark, now, ())
        self.waits.append(time.monotonic() - keyed)
        assert answer is Authorised.YES, answer

    def _mark(self, number: int) -> str:
        return digest(f"{number:032x}", TEXT)


def _account(number: int) -> str:
    return f"62229{number:05}"


def _open_accounts(bank: Path, count: int) -> None:
    """Give the payer so many accounts with a PIN each."""
    hasher = PinHasher(read_pepper(bank.with_suffix(".pepper")))
    rows = [
        (account, PAYER.customer, hasher.hash(account, PAYER.pin))
        for account in map(_account, range(count))
    ]
    hasher.close()
    with closing(sqlite3.connect(bank)) as database, database:
        database.executemany(
            "INSERT INTO accounts (number, customer, pin_hash) VALUES (?, ?, ?)", rows
        )


TEXT = "transfer 0.01 to the account ending 1002, fee 0.00; press 1 to confirm" * 4


@asynccontextmanager
async def _office(place: Path, url: str, accounts: int) -> AsyncIterator[Office]:
    clock = SystemClock("Asia/Shanghai")
    seed(place / "bank.sqlite")
    if accounts:
        _open_accounts(place / "bank.sqlite", accounts)
    async with AsyncExitStack() as stack:
        bank = await EmbeddedBank.open(place / "bank.sqlite", clock)
        stack.push_async_callback(bank.close)
        notify = await EmbeddedNotify.open(place / "notify.sqlite", clock)
        stack.push_async_callback(notify.close)
        ledger: OrderLedger = (
            await PostgresLedger.open(url) if url else await SqliteLedger.open(place / "l.sqlite")
        )
        stack.push_async_callback(ledger.close)
        clerk = Clerk(OrderBook(ledger, clock), bank, notify)
        await stack.enter_async_context(clerk.running())
        yield Office(place, ledger, bank, clerk, accounts)
