"""`python -m tests.crash.racing`: engines in processes of their own at the same orders.

All find the same authorised orders due, and take them up at the same moment; each also places orders
of its own. Afterwards everything is compared as after kills.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import sqlite3
import sys
import tempfile
from collections import Counter
from contextlib import closing
from multiprocessing.synchronize import Barrier
from pathlib import Path

import msgspec

from ivr.adapters.ledger.sqlite import SqliteLedger
from ivr.app.orderbook import OrderBook
from ivr.centre.ledger.acts import Sent
from ivr.centre.ledger.chain import opened
from ivr.centre.orders.digest import digest
from ivr.model.values import Money
from ivr.ports.ledger import Row, Wanted
from ivr.ports.orders import Draft, ReadBack, Task
from tests.crash.orders import AMOUNT, CAMPAIGNS, FROM, TO, Audit, Engine, Moment, audit, make_bank

LATER = 1_000
"""The lives that race: long after what they find was authorised."""


class Race(msgspec.Struct):
    """What came of it: `attempts` counts orders by how often they were handed to the bank, `by` by who
    did it."""

    audit: Audit
    attempts: dict[int, int]
    by: dict[str, int]


def race(folder: Path, engines: int, orders: int) -> Race:
    """Leave so many authorised orders behind, and let engines find them."""
    make_bank(folder)
    asyncio.run(_leave(folder, orders))
    forking = multiprocessing.get_context("fork")
    begin = forking.Barrier(engines)
    racing = [forking.Process(target=_race, args=(folder, n, begin)) for n in range(engines)]
    for process in racing:
        process.start()
    for process in racing:
        process.join()
        if process.exitcode:
            raise RuntimeError("an engine failed; its traceback is above")
    return asyncio.run(_told(folder, asyncio.run(audit(folder, engines, {}, set()))))


def _race(folder: Path, number: int, begin: Barrier) -> None:
    engine = Engine(folder, LATER + number, CAMPAIGNS["orders"])
    engine.clock = Moment(LATER)
    begin.wait()
    asyncio.run(engine.live(None, lambda said: None))
    asyncio.run(engine.live(None, lambda said: None, work=False))


async def _leave(folder: Path, orders: int) -> None:
    """What an engine leaves that dies after many callers have authorised."""
    ledger = await SqliteLedger.open(folder / "ledger.sqlite")
    clock = Moment(0)
    book, now = OrderBook(ledger, clock, by="dead"), clock.now()
    marks = []
    for number in range(1, orders + 1):
        order, amount = f"{number:032x}", Money(AMOUNT)
        mark = digest(order, "transfer")
        task = Task("transfer", {"from": FROM, "to": TO, "amount": amount})
        await book.begin(Draft(order, "transfer", "1.1", "C1001", FROM, "zh", now))
        await book.freeze(ReadBack(order, "transfer", mark, {}, task, now, amount))
        await book.authorise(order, mark, now, ())
        marks.append((mark, "C1001", FROM, round(now.timestamp())))
    await ledger.close()
    with closing(sqlite3.connect(folder / "bank.sqlite")) as bank, bank:
        bank.executemany("INSERT INTO authorisations VALUES (?, ?, ?, ?)", marks)


async def _told(folder: Path, found: Audit) -> Race:
    ledger = await SqliteLedger.open(folder / "ledger.sqlite")
    records = await ledger.select(Wanted())
    entries = [opened(one.entry) async for one in ledger.contents() if isinstance(one, Row)]
    await ledger.close()
    by = Counter(one.by for one in entries if isinstance(one.act, Sent))
    return Race(found, dict(Counter(one.attempts for one in records)), dict(by))


def main() -> None:
    """Race, and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--engines", type=int, default=3)
    parser.add_argument("--orders", type=int, default=60)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="ivr-race-") as folder:
        found = race(Path(folder), arguments.engines, arguments.orders)
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(found), indent=1).decode() + "\n")
    raise SystemExit(0 if found.audit.clean else 1)


if __name__ == "__main__":
    main()
