"""Many calls at once on two Asterisks and two engines, while every part is killed in turn; and then the books: no
order is lost or there twice, every answered call has its one coverage row, and no channel is left.

It takes minutes: `make cluster-proof`, and no other run, collects it. ONECALL_CLUSTER_CALLS says how many are on the
line (200). A dozen of them order, ask and answer
surveys; the others hold the line.
"""

from __future__ import annotations

import asyncio
import os
import re
import time
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest
from rich.console import Console
from rich.table import Table

from lab.cluster import ASTERISKS, NODES, Cluster
from lab.engine import Engine, Event
from lab.errors import LabError
from lab.parts import Part, parts
from lab.phone_call import CallFailed, PhoneCall
from lab.site import HOTLINE
from lab.telephone import Telephone
from tests.live.cluster_kit import empty
from tests.live.kit import ALWAYS, bank, flows, hours
from tests.live.test_soak import Crowd, command, one

CALLS = int(os.environ.get("ONECALL_CLUSTER_CALLS", "16"))
ORDERING = min(12, CALLS // 4)
MANY = CALLS >= 100
KILLED = (
    ("kamailio", "redis", "postgres", "e1", "ast1", "e2", "ast2")
    if MANY
    else ("postgres", "e1", "ast2")
)
A_SECOND = 8.0
"""How many call within one."""
DEAD_S, APART_S = 1.0, 12.0 if MANY else 3.0
RESUMED_S, NEXT_LEADER_S = 1.0, 3.0
SETTLED_S = 60.0
LEADS = re.compile(r"leads \(token (\d+)\)")
pytestmark = [
    pytest.mark.asterisk,
    pytest.mark.alone,
    pytest.mark.timeout(300 + CALLS),
]


class Line:
    """Callers who hold the line, and call again when it is cut."""

    def __init__(self, lines: Telephone) -> None:
        self.lines = lines
        self.over = asyncio.Event()
        self.calls: dict[str, PhoneCall] = {}
        """Who is on the line, by number."""
        self.cut = 0
        self.refused = 0

    async def hold(self, number: int) -> None:
        """Be on the line until it is over."""
        ended = asyncio.create_task(self.over.wait())
        while not self.over.is_set():
            try:
                ani = f"137{number:08d}"
                self.calls[ani] = call = await self.lines.hold(HOTLINE, ani)
            except (CallFailed, TimeoutError):
                self.refused += 1
                await asyncio.sleep(1)
                continue
            gone = asyncio.create_task(call.ended(SETTLED_S * 60))
            await asyncio.wait({ended, gone}, return_when=asyncio.FIRST_COMPLETED)
            if call.cause is None:
                await call.hang_up()
            else:
                self.cut += 1
            await asyncio.gather(gone, return_exceptions=True)
        ended.cancel()


class Clockwork:
    """Kills each part and starts it again; what came of it."""

    parts: dict[str, Part]
    engines: list[Engine]

    def __init__(self, site: Cluster, line: Line) -> None:
        self.resumed: list[float] = []
        """How long each call was without an engine that had one before, s."""
        self.leaderless: list[float] = []
        self.on_the_line: dict[str, tuple[int, int]] = {}
        """Calls before each kill, and after it."""
        self._site = site
        self._line = line
        self._killed_at = 0.0
        self._where: dict[str, str] = {}

    def on_event(self, line: Event) -> None:
        """An engine tells something."""
        if line["event"]["type"] == "CallStarted":
            self._where[line["event"]["ani"]] = line["call"].partition("-")[0]
        if line["event"]["type"] == "CallResumed" and self._killed_at:
            self.resumed.append(time.monotonic() - self._killed_at)

    async def kill(self, name: str) -> None:
        """Kill a part, and start it again after a second; of the leader, wait for the next one."""
        before, leader = await self._held(), self._leader()
        killed = time.monotonic()
        self._killed_at = killed if name in NODES else 0.0
        await self.parts[name].kill()
        if name == NODES[leader[1]]:
            while self._leader() == leader:
                if time.monotonic() > killed + 3 * NEXT_LEADER_S:
                    break
                await asyncio.sleep(0.02)  # a log tells nobody that it has grown
            self.leaderless.append(time.monotonic() - killed)
        await asyncio.sleep(max(0.0, killed + DEAD_S - time.monotonic()))
        self._killed_at = 0.0
        self.on_the_line[name] = before, await self._held()
        await self.parts[name].start()
        if name in ASTERISKS:
            await self._call_again(name)

    async def _held(self) -> int:
        return len(await asyncio.to_thread(self._site.channels))

    async def _call_again(self, name: str) -> None:
        """Whoever was on an Asterisk that is gone hears nothing any more, and hangs up."""
        gone = [one for ani, one in self._line.calls.items() if self._where.get(ani) == name]
        for call in gone:
            if call.cause is None:
                await call.hang_up()

    def _leader(self) -> tuple[int, int]:
        """Return the greatest token, and the number of the engine that leads with it."""
        return max(
            (int(token), number)
            for number, engine in enumerate(self.engines)
            for token in LEADS.findall(engine.log.read_text("utf-8")) or ["0"]
        )


def stored(site: Cluster, sql: str) -> int:
    """Return the number that a query finds in OneCall's own database."""
    with psycopg.connect(site.database_url) as database:
        found = database.execute(sql).fetchone()
    assert found is not None
    return int(found[0])


def posted(site: Cluster) -> int:
    """Return how many orders were posted."""
    return stored(site, "SELECT count(*) FROM public.orders WHERE state = 'posted'")


async def losses(site: Cluster, lines: Telephone, crowd: Crowd, engine: Engine) -> dict[str, int]:
    """Return what is lost, doubled or left behind, by what it is."""
    config = engine.folder / f"onecall-{engine.port}.yaml"
    answered = sum(call.answered_on_wire is not None for call in lines.calls)
    booked = one(site.bank / "bank.sqlite", "SELECT count(*) FROM postings WHERE reason = ''")
    covered = stored(site, "SELECT count(*) FROM store.coverage")
    open_orders = "state IN ('authorised', 'posting', 'unknown')"
    return {
        "calls without a coverage row": max(0, answered - covered),
        "coverage rows too many": max(0, covered - answered),
        "sessions left open": stored(site, "SELECT count(*) FROM store.sessions"),
        "orders posted here and not at the bank, or there and not here": abs(posted(site) - booked),
        "orders without an end": stored(
            site, f"SELECT count(*) FROM public.orders WHERE {open_orders}"
        ),
        "orders told and not posted": max(0, crowd.told["order-posted"] - posted(site)),
        "orders that the bank's books contradict": await command(
            config, "reconcile", "--day", "today"
        ),
        "orders whose evidence is broken": await command(config, "orders", "verify"),
        "surveys whose ledger is broken": await command(config, "survey", "verify"),
    }


async def settled(site: Cluster, lines: Telephone, crowd: Crowd, engine: Engine) -> dict[str, int]:
    """Return the losses once there are none, or what is left of them after a while."""
    until = time.monotonic() + SETTLED_S
    while any((found := await losses(site, lines, crowd, engine)).values()):
        if time.monotonic() > until:
            break
        await asyncio.sleep(1)  # books of another process tell nobody
    return found


async def test_every_part_is_killed_in_turn_and_nothing_is_lost(
    site: Cluster, lines: Telephone, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    site.begin(tmp_path)
    bank(site.bank)
    settings = {
        "flows": str(flows(tmp_path, {"service.yaml": hours(ALWAYS)})),
        "coverage": {"gone": "3s"},
    }
    lines.mute = True
    line, crowd = Line(lines), Crowd(lines)
    work = Clockwork(site, line)
    engines = [site.engine(node, settings, work.on_event) for node in NODES]
    work.engines, work.parts = engines, parts(site, engines)
    try:
        for engine in engines:
            await engine.start()
        began = time.monotonic()
        ordering = asyncio.create_task(order(crowd, line.over))
        async with asyncio.TaskGroup() as callers:
            for number in range(CALLS - ORDERING):
                callers.create_task(line.hold(number))
                await asyncio.sleep(1 / A_SECOND)
            for name in KILLED:
                await asyncio.sleep(APART_S)
                await work.kill(name)
            await asyncio.sleep(APART_S)
            line.over.set()
            await ordering
        await empty(site)
        took = time.monotonic() - began
        found = await settled(site, lines, crowd, engines[0])
    finally:
        for engine in engines:
            await engine.stop()
    with capsys.disabled():
        show(work, line, crowd, {"orders posted": posted(site)} | found, took)
    assert not any(found.values()), found
    assert posted(site) > 0
    assert work.resumed
    assert max(work.resumed) <= RESUMED_S
    assert max(work.leaderless) <= NEXT_LEADER_S
    for name, (before, after) in work.on_the_line.items():
        assert name in ASTERISKS or after >= before - ORDERING, name


async def order(crowd: Crowd, over: asyncio.Event) -> None:
    """Have some people order, one call after another each, until it is over."""

    async def again(first: int) -> None:
        number = first
        while not over.is_set():
            with suppress(LabError, TimeoutError):
                await crowd.caller(number)
            number += ORDERING

    await asyncio.gather(*(again(number) for number in range(ORDERING)))


def show(work: Clockwork, line: Line, crowd: Crowd, found: dict[str, int], took: float) -> None:
    """Print what was killed, and the ledger of losses."""
    table = Table(
        "cluster", "", title=f"{len(line.lines.calls)} calls in {took:.0f} s, {CALLS} at once"
    )
    for name, (before, after) in work.on_the_line.items():
        table.add_row(f"{name} killed: channels before, a second after", f"{before}, {after}")
    table.add_row("calls that went on at the other engine", str(len(work.resumed)))
    table.add_row("the longest without an engine, s", f"{max(work.resumed, default=0):.2f}")
    table.add_row("until the next leader, s", ", ".join(f"{one:.2f}" for one in work.leaderless))
    table.add_row("calls not answered, and placed again", str(line.refused))
    for what, count in crowd.told.items():
        table.add_row(f"callers heard: {what}", str(count))
    for what, count in found.items():
        table.add_row(what, str(count))
    console = Console()
    console.print()
    console.print(table)
