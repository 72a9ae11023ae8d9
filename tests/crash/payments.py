"""`python -m tests.crash.payments`: payments under `kill -9`, at every point, many times.

One ledger and one gateway live through all of it. Afterwards what the gateway has taken, what the
ledger says was paid, and what callers were told are compared, both ways.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import AsyncExitStack, closing
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from ivr.adapters.ledger.sqlite import SqliteLedger
from ivr.adapters.payments.book import Book
from ivr.adapters.payments.embedded import SandboxGateway
from ivr.adapters.payments.reading import Reader
from ivr.app.cashier import Cashier
from ivr.app.orderbook import OrderBook
from ivr.app.outbox import Outbox
from ivr.centre.ledger.verification import verify
from ivr.centre.orders.digest import digest
from ivr.model.secret import Secret
from ivr.model.values import Money
from ivr.ports.cashier import CHARGE, DESK
from ivr.ports.ledger import OrderRecord, Wanted
from ivr.ports.orders import Draft, OrderState, ReadBack, Task
from ivr.ports.payments import Card, MerchantOrder, Payment
from tests.crash.gateways import DyingGateway, LosingGateway, RekeyingGateway, SilentGateway
from tests.crash.harness import Lives, Point, Reaper, live, points
from tests.crash.orders import DyingLedger, Letters, Moment, sent

Tell = Callable[[Any], None]

AMOUNT = Money(101)
DEEDS = ("Drafted", "Heard", "Agreed", "Sent", "authorise", "capture", "Done", "send", "Told")
"""All that is done for a payment and outlives a process: entries of the ledger, what the gateway does,
messages."""
DEEDS_UNHEARD = (
    "Drafted",
    "Heard",
    "Agreed",
    "Sent",
    "authorise",
    "Lost",
    "send",
    "Told",
    "capture",
    "Done",
)
"""The same where the gateway's answer is lost, and it is asked in a later life."""
DEEDS_UNSENT = ("Drafted", "Heard", "Agreed", "Sent", "void", "Refused", "send", "Told")
"""The same where the request is lost: the key is used up, and nothing charged."""


class Forgetful(Cashier):
    """What no cashier may be: it does not take up what was left."""

    async def catch_up(self) -> None:
        return


class Hasty(Cashier):
    """What no cashier may be: what was sent is taken for paid."""

    async def _looked_up(self, record: OrderRecord) -> Payment:
        held = await self._gateway.query(record.draft.id)
        return held or await self._gateway.tokenise(record.draft.id, card())


def card() -> Card:
    return Card(Secret("4242424242424242"), Secret("1230"), Secret("123"))


class Engine:
    """One life of an engine over the files of a folder."""

    def __init__(self, folder: Path, number: int, campaign: Campaign) -> None:
        self.folder = folder
        self.clock = Moment(number)
        self.order, self.bill = f"{number:032x}", f"{number:08d}"
        self._campaign = campaign

    def main(self, point: Point, from_start: bool, tell: Tell) -> None:
        """Be the process."""
        asyncio.run(self.live(point, tell, from_start=from_start))

    async def live(
        self, point: Point | None, tell: Tell, *, from_start: bool = False, work: bool = True
    ) -> None:
        """Take up what was left, and then take a payment, and see to it to its end.

        Dies at the point when it comes to it with its own payment, or, `from_start`, with any.
        """
        reaper = Reaper(point if from_start else None)
        async with AsyncExitStack() as stack:
            ledger = await SqliteLedger.open(self.folder / "ledger.sqlite")
            stack.push_async_callback(ledger.close)
            held = await Book.open(self.folder / "payments.sqlite")
            stack.push_async_callback(held.close)
            async with held.writing():
                await held.put_order(MerchantOrder(self.bill, "M01", AMOUNT))
            gateway = SandboxGateway(held, Reader(b"secret" * 6), asyncio.sleep)
            book = OrderBook(DyingLedger(ledger, reaper), self.clock)
            cashier = self._campaign.cashier(book, self._campaign.gateway(gateway, reaper))
            outbox = Outbox(book, Letters(self.folder / "letters", reaper))
            await cashier.catch_up()
            await outbox.catch_up()
            reaper.point = point
            if work:
                await self._pay(book, cashier, tell)
                await outbox.catch_up()

    async def _pay(self, book: OrderBook, cashier: Cashier, tell: Tell) -> None:
        order, now = self.order, self.clock.now()
        await book.begin(Draft(order, "payment", "1.1", "C1001", "", "zh", now, DESK))
        task = Task(CHARGE, {"order": self.bill, "months": 0, "token": ""})
        mark = digest(order, "payment")
        await book.freeze(ReadBack(order, "payment", mark, {}, task, now, AMOUNT))
        settled = await cashier.pay(order, mark, now, card())
        tell([settled.state.value, order])


class Audit(msgspec.Struct):
    """What the ledger, the gateway and the customer have in the end. `killed` counts by point.

    `lost` are payments that nobody finished, or that a caller was told of and are none; `doubled` more
    than one for an order; `unpaid` those that the ledger calls paid and the gateway never took;
    `unauthorised` what the gateway took and the ledger does not know of; `reserved` what it still holds.
    """

    runs: int
    killed: dict[str, int]
    authorised: int
    paid: int
    refused: int
    lost: list[str]
    doubled: list[str]
    unpaid: list[str]
    unauthorised: list[str]
    reserved: list[str]
    untold: list[str]
    told_twice: list[str]
    faults: list[str]
    cpu_s: float = 0.0
    wall_s: float = 0.0

    @property
    def clean(self) -> bool:
        """Whether every card was charged exactly once or not at all, and everybody told the truth."""
        wrong = (self.lost, self.doubled, self.unpaid, self.unauthorised, self.reserved)
        return not any((*wrong, self.untold, self.told_twice, self.faults))


class Campaign(msgspec.Struct, frozen=True):
    """What is killed, and where."""

    deeds: tuple[str, ...] = DEEDS
    cashier: type[Cashier] = Cashier
    gateway: type[DyingGateway] = DyingGateway


CAMPAIGNS = {
    "payments": Campaign(),
    "silent": Campaign(DEEDS_UNHEARD, gateway=SilentGateway),
    "losing": Campaign(DEEDS_UNSENT, gateway=LosingGateway),
    "forgetful": Campaign(cashier=Forgetful),
    "hasty": Campaign(cashier=Hasty),
    "rekeying": Campaign(gateway=RekeyingGateway),
}
"""By name. The last three must fail: they show that a payment that is lost, made up or unwanted would
be seen."""


def run(folder: Path, times: int, campaign: Campaign) -> Audit:
    """Kill an engine at every point so many times, and compare what is there in the end."""
    lives = Lives(points(campaign.deeds), times)
    told: dict[str, str] = {}
    for number, point, from_start in lives:
        life = live(partial(Engine(folder, number, campaign).main, point, from_start))
        if life.killed:
            lives.died(point)
        told |= {order: state for state, order in life.told}
    # Whatever is left now is taken up by two lives more; nobody kills these.
    for number in (lives.number + 1, lives.number + 2):
        asyncio.run(Engine(folder, number, campaign).live(None, _nobody, work=False))
    return asyncio.run(audit(folder, lives.number, dict(lives.killed), told))


def _nobody(said: Any) -> None:
    """Nobody is told."""


async def audit(folder: Path, runs: int, killed: dict[str, int], told: dict[str, str]) -> Audit:
    """Compare what the ledger, the gateway, the caller and the customer have."""
    ledger = await SqliteLedger.open(folder / "ledger.sqlite")
    records = {one.draft.id: one.state for one in await ledger.select(Wanted())}
    verified = await verify(ledger.contents())
    await ledger.close()
    authorised = {order for order, state in records.items() if state.binding}
    paid = {order for order, state in records.items() if state is OrderState.POSTED}
    refused = {order for order, state in records.items() if state is OrderState.REJECTED}
    with closing(sqlite3.connect(folder / "payments.sqlite")) as gateway:
        held = list(gateway.execute("SELECT key, state, merchant_order FROM payments"))
    taken = Counter(order for _, state, order in held if state == "captured")
    captured = {key for key, state, _ in held if state == "captured"}
    heard = {"posted": paid, "rejected": refused}
    letters = Counter(sent(folder / "letters"))
    wanted = {f"{order}:posted" for order in paid} | {f"{order}:rejected" for order in refused}
    lies = {order for order, state in told.items() if order not in heard.get(state, authorised)}
    return Audit(
        runs=runs,
        killed=killed,
        authorised=len(authorised),
        paid=len(captured),
        refused=len(refused),
        lost=sorted((authorised - paid - refused) | lies),
        doubled=sorted(order for order, count in taken.items() if count > 1),
        unpaid=sorted(paid - captured),
        unauthorised=sorted(captured - paid),
        reserved=sorted(key for key, state, _ in held if state == "authorised"),
        untold=sorted(wanted - letters.keys()),
        told_twice=sorted(key for key, count in letters.items() if count > 1),
        faults=[str(fault) for fault in verified.faults],
    )


def main() -> None:
    """Run the campaign and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=100, help="Kills at each point.")
    parser.add_argument("--campaign", choices=sorted(CAMPAIGNS), default="payments")
    arguments = parser.parse_args()
    began, used = time.monotonic(), os.times()
    with tempfile.TemporaryDirectory(prefix="ivr-crash-") as folder:
        found = run(Path(folder), arguments.times, CAMPAIGNS[arguments.campaign])
    now = os.times()
    found.wall_s = round(time.monotonic() - began, 1)
    found.cpu_s = round(sum(now[:4]) - sum(used[:4]), 1)
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(found), indent=1).decode() + "\n")
    raise SystemExit(0 if found.clean else 1)


if __name__ == "__main__":
    main()
