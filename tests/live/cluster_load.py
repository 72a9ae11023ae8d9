"""Many callers of a cluster: most hold the line, a dozen order, ask and answer surveys; and then the books."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import psycopg
from rich.console import Console
from rich.table import Table

from lab.cluster import NODES, Cluster
from lab.engine import Engine, Event
from lab.errors import LabError
from lab.phone_call import CallFailed, PhoneCall
from lab.site import HOTLINE
from lab.telephone import Telephone
from tests.live.cluster_kit import empty
from tests.live.kit import ALWAYS, bank, flows, hours
from tests.live.test_soak import Crowd, command, one

CALLS = int(os.environ.get("ONECALL_CLUSTER_CALLS", "16"))
"""How many are on the line."""
ORDERING = min(12, CALLS // 4)
HOLDS = "136"
"""How the numbers begin of callers who hold the line: those who order end their calls themselves."""
A_SECOND = 8.0
"""How many call within one."""
SETTLED_S = 60.0


class Line:
    """Callers who hold the line, and call again when it is cut, or when they have held it for `turn_s`."""

    def __init__(self, lines: Telephone, turn_s: float | None = None) -> None:
        self.lines = lines
        self._turn_s = turn_s
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
                ani = f"{HOLDS}{number:08d}"
                self.calls[ani] = call = await self.lines.hold(HOTLINE, ani)
            except (CallFailed, TimeoutError):
                self.refused += 1
                await asyncio.sleep(1)
                continue
            gone = asyncio.create_task(call.ended(SETTLED_S * 60))
            await asyncio.wait(
                {ended, gone}, timeout=self._turn_s, return_when=asyncio.FIRST_COMPLETED
            )
            if call.cause is None:
                await call.hang_up()
            else:
                self.cut += 1
            await asyncio.gather(gone, return_exceptions=True)
        ended.cancel()


class Load:
    """Both engines of a site with CALLS people on the line, and what is left when they are gone. `turn_s`: so long
    everybody holds the line, and calls again; `drain_s`: so long an engine that is stopped waits for its calls."""

    def __init__(
        self,
        site: Cluster,
        lines: Telephone,
        folder: Path,
        on_event: Callable[[Event], None],
        *,
        turn_s: float | None = None,
        drain_s: float = 0,
    ) -> None:
        site.begin(folder)
        bank(site.bank)
        settings = {
            "flows": str(flows(folder, {"service.yaml": hours(ALWAYS)})),
            "coverage": {"gone": "3s"},
        }
        lines.mute = True
        self.site = site
        self.line, self.crowd = Line(lines, turn_s), Crowd(lines)
        self.engines = [site.engine(node, settings, on_event, drain_s) for node in NODES]
        self.found: dict[str, int] = {}
        """What was lost, doubled or left behind, by what it is; known at the end."""
        self.took_s = 0.0

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Have them all on the line; at the end, wait until nobody is, and look at the books."""
        began = time.monotonic()
        try:
            for engine in self.engines:
                await engine.start()
            async with asyncio.TaskGroup() as callers:
                callers.create_task(order(self.crowd, self.line.over))
                for number in range(CALLS - ORDERING):
                    callers.create_task(self.line.hold(number))
                    await asyncio.sleep(1 / A_SECOND)
                yield
                self.line.over.set()
            await empty(self.site)
            self.took_s = time.monotonic() - began
            self.found = await self._settled()
        finally:
            for engine in self.engines:
                await engine.stop()

    def show(self, rows: Mapping[str, object]) -> None:
        """Print what happened, and the ledger of losses."""
        calls = len(self.line.lines.calls)
        title = f"{calls} calls in {self.took_s:.0f} s, {CALLS} at once"
        table = Table("cluster", "", title=title)
        told = {f"callers heard: {what}": count for what, count in self.crowd.told.items()}
        ours = {
            "calls not answered, and placed again": self.line.refused,
            "orders posted": posted(self.site),
        }
        for what, said in {**rows, **ours, **told, **self.found}.items():
            table.add_row(what, str(said))
        console = Console()
        console.print()
        console.print(table)

    async def _settled(self) -> dict[str, int]:
        """Return the losses once there are none, or what is left of them after a while."""
        until = time.monotonic() + SETTLED_S
        while any((found := await self._losses()).values()):
            if time.monotonic() > until:
                break
            await asyncio.sleep(1)  # books of another process tell nobody
        return found

    async def _losses(self) -> dict[str, int]:
        engine = self.engines[0]
        return await losses(self.site, self.line.lines, self.crowd, engine)


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


async def order(crowd: Crowd, over: asyncio.Event) -> None:
    """Have some people order, one call after another each, until it is over."""

    async def again(first: int) -> None:
        number = first
        while not over.is_set():
            with suppress(LabError, TimeoutError):
                await crowd.caller(number)
            number += ORDERING

    await asyncio.gather(*(again(number) for number in range(ORDERING)))
