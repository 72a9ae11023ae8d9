"""Callers who order, ask and hang up at any moment, while engines are killed, the manager interface is cut and the
store is locked by somebody else; and then the books: nothing is lost, nothing is there twice, nothing is left behind.

ONECALL_SOAK_CALLS says how many call (`make soak`: 1,000). In the first half the first engine is killed again and
again, and the second takes its calls; in the second half it lives, and its memory is watched.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
import sys
from collections import Counter
from contextlib import closing, suppress
from pathlib import Path
from random import Random

import pytest
from rich.console import Console
from rich.table import Table

from ivr.app.ledger import DATABASE
from lab.engine import Engine
from lab.phone_call import CallFailed, Gone, NotHeard, PhoneCall
from lab.proxy import Wire
from lab.site import HOTLINE, Lab
from lab.telephone import Telephone
from tests.live.kit import bank, flows
from tests.live.test_floor_load import ami

CALLS = int(os.environ.get("ONECALL_SOAK_CALLS", "12"))
OURS = "137"
"""How our callers' numbers begin: Asterisk's own records know of those of earlier tests, too."""
AT_ONCE = 12
"""Calls at the same time: what the lab's telephone can listen to beside all else on two cores."""
PATIENCE_S = 75.0
"""How long a caller listens; the longest call takes less."""
SETTLED_S = 60.0
"""How long anything may be left behind after the last call."""
APART_S, DEAD_S, CUT_S, LOCKED_S = 4.0, 0.5, 1.0, 1.5
GROWTH = 0.05
"""Of the engine's memory, from a quarter of its life to the end."""
ENOUGH = 500
"""Calls from which on growth is told from caches that fill."""

pytestmark = [
    pytest.mark.asterisk,
    pytest.mark.alone,
    pytest.mark.timeout(240 + 10 * CALLS),
]

_IN = {"welcome": "2", "enter-account": "6222021004#", "enter-pin": "862075#"}
_ERRANDS = {
    "balance": {**_IN, "main-menu": "1", "anything-else": "#"},
    "transfer": {
        **_IN,
        "main-menu": "5",
        "orders-menu": "1",
        "transfers-menu": "1",
        "from-which-account": "1",
        "to-whom": "1",
        "enter-amount": "1#",
        "order-confirm": "1",
        "order-pin": "862075#",
        "anything-else": "#",
    },
}
"""What a caller presses after each prompt, whenever it is heard."""
_SURVEY = {"survey-satisfied": "5", "survey-solved": "1", "survey-recommend": "9"}


class Crowd:
    """Callers, the same for the same number."""

    def __init__(self, telephone: Telephone) -> None:
        self._telephone = telephone
        self._turns = asyncio.Semaphore(AT_ONCE)
        self.calls: list[PhoneCall] = []
        self.told: Counter[str] = Counter()
        """What callers heard of their orders, before they hung up or Asterisk did."""
        self.over = 0

    async def caller(self, number: int) -> None:
        """Call, and do an errand to its end, or hang up in the middle of it."""
        chance = Random(f"{number} of the soak")
        async with self._turns:
            call = await self._telephone.call(HOTLINE, ani=f"{OURS}{number:08d}", wait=False)
            self.calls.append(call)
            errand = _ERRANDS[chance.choice(tuple(_ERRANDS))]
            patience = chance.choice((PATIENCE_S, PATIENCE_S, chance.uniform(1, 40)))
            with suppress(TimeoutError, CallFailed, Gone, NotHeard):
                await call.answered(PATIENCE_S)
                async with asyncio.timeout(patience):
                    await self._do(call, errand | _SURVEY)
            if call.cause is None:
                await call.hang_up()
            self.over += 1

    async def _do(self, call: PhoneCall, keys: dict[str, str]) -> None:
        known = [*keys, "order-posted", "order-unknown"]
        while True:
            heard = await call.hears_one_of(known, PATIENCE_S)
            name = next(one for one in known if heard.is_called(one))
            if name in keys:
                await call.press(keys[name])
            else:
                self.told[name] += 1


class Trouble:
    """Kills, cuts and locks, in turn, until it is over; kills in the first half of the calls only."""

    def __init__(self, crowd: Crowd, mortal: Engine, wire: Wire) -> None:
        self.happened: Counter[str] = Counter()
        self.memory: list[int] = []
        """Of the engine since its last beginning, KiB."""
        self._crowd = crowd
        self._mortal = mortal
        self._wire = wire

    async def go_on(self, over: asyncio.Event) -> None:
        """Make trouble every few seconds; at the end all is whole."""
        while True:
            for what in ("kill", "cut", "lock"):
                with suppress(TimeoutError):
                    async with asyncio.timeout(APART_S):
                        await over.wait()
                if over.is_set():
                    return
                self.memory.append(resident(self._mortal))
                if what == "kill" and self._crowd.over > CALLS / 2:
                    continue
                await getattr(self, f"_{what}")()
                self.happened[what] += 1

    async def _kill(self) -> None:
        self.memory = []
        self._mortal.kill()
        await self._mortal.gone()
        await asyncio.sleep(DEAD_S)
        await self._mortal.start()

    async def _cut(self) -> None:
        self._wire.cut()
        await asyncio.sleep(CUT_S)
        self._wire.mend()

    async def _lock(self) -> None:
        """Somebody else writes to the store for a while: a backup tool, a slow disk."""
        with closing(sqlite3.connect(self._mortal.folder / DATABASE, isolation_level=None)) as held:
            held.execute("PRAGMA busy_timeout=5000")
            held.execute("BEGIN IMMEDIATE")
            await asyncio.sleep(LOCKED_S)
            held.execute("ROLLBACK")


def resident(engine: Engine) -> int:
    """Return the memory of an engine, in KiB."""
    lines = Path(f"/proc/{engine.pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:"))


def one(file: Path, sql: str) -> int:
    """Return the number that a query finds in a database."""
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
        (found,) = database.execute(sql).fetchone()
        return int(found)


async def command(config: Path, *words: str) -> int:
    """Run a command of OneCall; return its exit status."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "ivr", *words, "-c", str(config)),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    return await process.wait()


async def losses(crowd: Crowd, engine: Engine, lab: Lab) -> dict[str, int]:
    """Return what is lost, doubled or left behind, by what it is."""
    state, config = engine.folder, engine.folder / f"onecall-{engine.port}.yaml"
    answered = sum(call.answered_on_wire is not None for call in crowd.calls)
    store, orders = state / DATABASE, state / "ledger.sqlite"
    posted = one(orders, "SELECT count(*) FROM orders WHERE state = 'posted'")
    booked = one(state / "bank.sqlite", "SELECT count(*) FROM postings WHERE reason = ''")
    return {
        "calls without a coverage row": abs(
            answered - one(store, f"SELECT count(*) FROM coverage WHERE ani LIKE '%{OURS}________'")
        ),
        "sessions left open": one(store, "SELECT count(*) FROM sessions"),
        "channels stuck": len(await asyncio.to_thread(lab.exchange.channels)),
        "orders posted here and not at the bank, or there and not here": abs(posted - booked),
        "orders without an end": one(
            orders,
            "SELECT count(*) FROM orders WHERE state IN ('authorised', 'posting', 'unknown')",
        ),
        "orders told and not posted": max(0, crowd.told["order-posted"] - posted),
        "orders that the bank's books contradict": await command(
            config, "reconcile", "--day", "today"
        ),
        "orders whose evidence is broken": await command(config, "orders", "verify"),
        "surveys whose ledger is broken": await command(config, "survey", "verify"),
    }


async def settled(crowd: Crowd, engine: Engine, lab: Lab) -> dict[str, int]:
    """Return the losses once there are none, or what is left of them after a while."""
    loop = asyncio.get_running_loop()
    until = loop.time() + SETTLED_S
    while any((found := await losses(crowd, engine, lab)).values()):
        if loop.time() > until:
            break
        await asyncio.sleep(1)  # books of another process tell nobody
    return found


async def test_nothing_is_lost_doubled_or_left_behind(
    patient_lab: Lab, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lab, loop, folder = patient_lab, asyncio.get_running_loop(), tmp_path / "engine"
    bank(folder)
    async with Wire(lab.ports.ami) as wire, Telephone(lab, mute=True) as telephone:
        settings = {
            "flows": str(flows(tmp_path)),
            "ami": ami(lab, wire.port),
            "coverage": {"gone": "3s"},
        }
        mortal = Engine(lab, folder, settings)
        async with mortal, Engine(lab, folder, settings, lab.ports.agi_second):
            crowd, over = Crowd(telephone), asyncio.Event()
            trouble = Trouble(crowd, mortal, wire)
            began = loop.time()
            async with asyncio.TaskGroup() as work:
                work.create_task(trouble.go_on(over))
                async with asyncio.TaskGroup() as callers:
                    for number in range(CALLS):
                        callers.create_task(crowd.caller(number))
                over.set()
            took = loop.time() - began
            found = await settled(crowd, mortal, lab)
            trouble.memory.append(resident(mortal))
    with capsys.disabled():
        show(crowd, trouble, found, took)
    assert not any(found.values()), found
    assert crowd.told["order-posted"] > 0
    assert trouble.happened["kill"] > 0
    early, late = growing(trouble)
    assert CALLS < ENOUGH or late <= early * (1 + GROWTH)


def growing(trouble: Trouble) -> tuple[int, int]:
    """Return the engine's memory after a quarter of its life, and at the end."""
    return trouble.memory[len(trouble.memory) // 4], trouble.memory[-1]


def show(crowd: Crowd, trouble: Trouble, found: dict[str, int], took: float) -> None:
    """Print the ledger of losses."""
    early, late = growing(trouble)
    table = Table("soak", "", title=f"{len(crowd.calls)} calls in {took:.0f} s")
    for what, count in trouble.happened.items():
        table.add_row(f"times: {what}", str(count))
    for what, count in crowd.told.items():
        table.add_row(f"callers heard: {what}", str(count))
    for what, count in found.items():
        table.add_row(what, f"[red]{count}[/]" if count else "0")
    table.add_row("engine's memory, MiB", f"{early / 1024:.1f} then {late / 1024:.1f}")
    console = Console()
    console.print()
    console.print(table)
