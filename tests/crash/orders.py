"""`python -m tests.crash.orders`: orders under `kill -9`, at every point, many times.

One ledger and one bank live through all of it. Afterwards the ledger, the bank's entries, and what
callers were told are compared, both ways.
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
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack, closing
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import msgspec
from msgspec.structs import replace

from ivr import pins
from ivr.adapters.bank.demo import seed
from ivr.adapters.bank.embedded import EmbeddedBank
from ivr.adapters.ledger.sqlite import SqliteLedger
from ivr.app.clerk import Clerk
from ivr.app.orderbook import OrderBook
from ivr.centre.ledger.chain import opened
from ivr.centre.ledger.verification import verify
from ivr.centre.orders.digest import digest
from ivr.model.errors import PortTimeout
from ivr.model.secret import Secret
from ivr.model.values import Money
from ivr.ports.ledger import Change, Decide, Decision, Standing, Wanted
from ivr.ports.notify import Notice
from ivr.ports.orders import Allowance, Authorised, Draft, OrderState, ReadBack, Task
from ivr.ports.posting import Posted, Posting, Postings
from tests.crash.harness import Lives, Point, Reaper, live, points

T = TypeVar("T")
Tell = Callable[[Any], None]

START = datetime(2026, 11, 23, 8, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
APART = timedelta(seconds=31)
"""From one life to the next: longer than a lease."""
DEEDS = ("Drafted", "Heard", "Agreed", "Sent", "post", "Done", "send", "Told")
"""All that is done for an order and outlives a process: entries of the ledger, postings, messages."""
DEEDS_WITHOUT_AN_ANSWER = (
    "Drafted",
    "Heard",
    "Agreed",
    "Sent",
    "post",
    "Lost",
    "send",
    "Told",
    "Done",
)
"""The same where the bank's answer is lost, and what came of it is asked in a later life."""
AMOUNT = 101
FROM, TO, PIN = "6222021001", "6222021002", "408297"


class DyingLedger:
    """A ledger whose process dies around a write: before it is within the open transaction."""

    def __init__(self, ledger: SqliteLedger, reaper: Reaper) -> None:
        self._ledger = ledger
        self._reaper = reaper

    def __getattr__(self, name: str) -> Any:
        return getattr(self._ledger, name)

    async def change(self, order: str, decide: Decide[T], limits: Sequence[Allowance] = ()) -> T:
        deeds: list[str] = []

        def watched(standing: Standing) -> Decision[T]:
            decision = decide(standing)
            deeds.extend(_deeds(decision.change))
            for deed in deeds:
                self._reaper.before(deed)
            return decision

        answer = await self._ledger.change(order, watched, limits)
        for deed in deeds:
            self._reaper.after(deed)
        return answer


def _deeds(change: Change | None) -> list[str]:
    return [type(opened(entry).act).__name__ for entry in change.entries] if change else []


class DyingBank:
    """A bank whose caller dies before it asks, or after the bank has done it."""

    def __init__(self, bank: Postings, reaper: Reaper) -> None:
        self._bank = bank
        self._reaper = reaper

    def __getattr__(self, name: str) -> Any:
        return getattr(self._bank, name)

    async def post(self, posting: Posting) -> Posted:
        self._reaper.before("post")
        posted = await self._bank.post(posting)
        self._reaper.after("post")
        return posted


class Letters:
    """Implements Notify on a file: a key is sent once. Its sender dies before or after."""

    def __init__(self, file: Path, reaper: Reaper) -> None:
        self._file = file
        self._reaper = reaper

    async def send(self, notice: Notice) -> bool:
        self._reaper.before("send")
        if notice.key not in sent(self._file):
            with self._file.open("a") as file:
                file.write(f"{notice.key}\n")
        self._reaper.after("send")
        return True


def sent(file: Path) -> list[str]:
    return file.read_text().split() if file.exists() else []


class Moment:
    """A clock that stands at a time of this life."""

    def __init__(self, number: int) -> None:
        self._now = START + number * APART

    def now(self) -> datetime:
        return self._now


class Engine:
    """One life of an engine over the files of a folder."""

    def __init__(self, folder: Path, number: int, campaign: Campaign) -> None:
        self.folder = folder
        self.number = number
        self.clock = Moment(number)
        self._clerk = campaign.clerk
        self._bank = campaign.bank

    def order(self) -> str:
        return f"{self.number:032x}"

    def main(self, point: Point, from_start: bool, tell: Tell) -> None:
        """Be the process."""
        asyncio.run(self.live(point, tell, from_start=from_start))

    async def live(
        self, point: Point | None, tell: Tell, *, from_start: bool = False, work: bool = True
    ) -> None:
        """Take up what was left, and then place an order, and see to it to its end.

        Dies at the point when it comes to it with its own order, or, `from_start`, with any.
        """
        reaper = Reaper(point if from_start else None)
        async with AsyncExitStack() as stack:
            ledger = await SqliteLedger.open(self.folder / "ledger.sqlite")
            stack.push_async_callback(ledger.close)
            bank = await EmbeddedBank.open(self.folder / "bank.sqlite", self.clock)
            stack.push_async_callback(bank.close)
            clerk = self._clerk(
                OrderBook(DyingLedger(ledger, reaper), self.clock, by=f"life {self.number}"),
                self._bank(bank, reaper),
                Letters(self.folder / "letters", reaper),
            )
            await clerk.catch_up()
            reaper.point = point
            if work:
                await self._order(clerk, bank, tell)
                await clerk.catch_up()

    async def _order(self, clerk: Clerk, bank: EmbeddedBank, tell: Tell) -> None:
        order, now = self.order(), self.clock.now()
        await clerk.draft(Draft(order, "transfer", "1.1", "C1001", FROM, "zh", now))
        task = Task("transfer", {"from": FROM, "to": TO, "amount": Money(AMOUNT)})
        mark = digest(order, "transfer")
        amount = Money(AMOUNT)
        await clerk.read_back(
            ReadBack(order, "transfer", mark, {"amount": amount}, task, now, amount)
        )
        await bank.verify_pin(FROM, Secret(PIN), "", "", mark)
        if await clerk.authorise(order, mark, now, ()) is Authorised.YES:
            tell(["accepted", order])
        settled = await clerk.settle(order, 5_000)
        tell([settled.state.value, order])


class SilentBank(DyingBank):
    """A bank that does what it is asked and never says so; in a later life it can be asked."""

    async def post(self, posting: Posting) -> Posted:
        await super().post(posting)
        self.silent = True
        raise PortTimeout("bank", 3_000)

    async def query(self, key: str) -> Posted | None:
        if getattr(self, "silent", False):
            raise PortTimeout("bank", 3_000)
        return await self._bank.query(key)


class RekeyingBank(DyingBank):
    """What no clerk may do: every posting has a key of its own, so that the bank cannot know it again."""

    def __init__(self, bank: EmbeddedBank, reaper: Reaper) -> None:
        super().__init__(bank, reaper)
        self._identity = bank

    async def query(self, key: str) -> Posted | None:
        return None

    async def post(self, posting: Posting) -> Posted:
        mark = digest(os.urandom(8).hex(), "again")
        await self._identity.verify_pin(FROM, Secret(PIN), "", "", mark)
        posted = await super().post(replace(posting, key=mark[:32], digest=mark))
        return replace(posted, key=posting.key)


class Forgetful(Clerk):
    """What no clerk may be: it does not take up what was left."""

    async def catch_up(self) -> None:
        await self._outbox.catch_up()


class Audit(msgspec.Struct):
    """What the ledger, the bank and the customer have in the end. `killed` counts by point; `lost`
    and `doubled` are ids of orders, `unauthorised` those of postings that nobody wanted."""

    runs: int
    killed: dict[str, int]
    accepted: int
    authorised: int
    posted: int
    lost: list[str]
    doubled: list[str]
    unauthorised: list[str]
    untold: list[str]
    told_twice: list[str]
    faults: list[str]
    moved: int
    cpu_s: float = 0.0
    wall_s: float = 0.0

    @property
    def clean(self) -> bool:
        """Whether every order was done exactly once, and told of exactly once."""
        wrong = (self.lost, self.doubled, self.unauthorised, self.untold, self.told_twice)
        return not any((*wrong, self.faults)) and self.moved == AMOUNT * self.authorised


class Campaign(msgspec.Struct, frozen=True):
    """What is killed, and where."""

    deeds: tuple[str, ...] = DEEDS
    clerk: type[Clerk] = Clerk
    bank: type[DyingBank] = DyingBank


CAMPAIGNS = {
    "orders": Campaign(),
    "silent": Campaign(DEEDS_WITHOUT_AN_ANSWER, bank=SilentBank),
    "forgetful": Campaign(clerk=Forgetful),
    "rekeying": Campaign(bank=RekeyingBank),
}
"""By name. The last two must fail: they show that a lost and a doubled order would be seen."""


def run(folder: Path, times: int, campaign: Campaign) -> Audit:
    """Kill an engine at every point so many times, and compare what is there in the end."""
    make_bank(folder)
    lives = Lives(points(campaign.deeds), times)
    accepted: set[str] = set()
    for number, point, from_start in lives:
        engine = Engine(folder, number, campaign)
        life = live(partial(engine.main, point, from_start))
        if life.killed:
            lives.died(point)
        accepted |= {order for what, order in life.told if what == "accepted"}
    # Whatever is left now is taken up by two lives more; nobody kills these.
    for number in (lives.number + 1, lives.number + 2):
        asyncio.run(Engine(folder, number, campaign).live(None, _nobody, work=False))
    return asyncio.run(audit(folder, lives.number, dict(lives.killed), accepted))


def _nobody(said: Any) -> None:
    """Nobody is told."""


def make_bank(folder: Path) -> None:
    """Make a bank whose PINs are hashed cheaply, here and in all lives: PINs are not what is tried."""
    pins.MEMORY_KIB = 64
    seed(folder / "bank.sqlite")
    with closing(sqlite3.connect(folder / "bank.sqlite")) as bank:
        (folder / "before").write_text(str(balance(bank)))


def balance(bank: sqlite3.Connection) -> int:
    found = bank.execute("SELECT balance FROM books WHERE number = ?", (TO,)).fetchone()
    return int(found[0])


async def audit(folder: Path, runs: int, killed: dict[str, int], accepted: set[str]) -> Audit:
    """Compare what the ledger, the bank and the customer have."""
    ledger = await SqliteLedger.open(folder / "ledger.sqlite")
    records = await ledger.select(Wanted())
    verified = await verify(ledger.contents())
    await ledger.close()
    authorised = {one.draft.id for one in records if one.state.binding}
    done = {one.draft.id for one in records if one.state is OrderState.POSTED}
    with closing(sqlite3.connect(folder / "bank.sqlite")) as bank:
        postings = [key for (key,) in bank.execute("SELECT key FROM postings WHERE reason = ''")]
        moved = balance(bank) - int((folder / "before").read_text())
    letters = Counter(sent(folder / "letters"))
    wanted = {f"{order}:posted" for order in authorised}
    times = Counter(postings)
    return Audit(
        runs=runs,
        killed=killed,
        accepted=len(accepted),
        authorised=len(authorised),
        posted=len(postings),
        lost=sorted((accepted | authorised) - (times.keys() & done)),
        doubled=sorted(key for key, count in times.items() if count > 1),
        unauthorised=sorted(times.keys() - authorised),
        untold=sorted(wanted - letters.keys()),
        told_twice=sorted(key for key, count in letters.items() if count > 1),
        faults=[str(fault) for fault in verified.faults],
        moved=moved,
    )


def main() -> None:
    """Run the campaign and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=100, help="Kills at each point.")
    parser.add_argument("--campaign", choices=sorted(CAMPAIGNS), default="orders")
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
