"""Two nodes on one store, a trial in their ledger, and callers who hear what it says."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from ivr.adapters.store.database import DatabaseStore
from ivr.app.canary import Keeper, Watch
from ivr.app.ledger import DATABASE, Ledger
from ivr.centre.guardrail import Settings
from ivr.centre.releases import State, version_for
from ivr.centre.releases.kinds.canary import EndCanary, Ending, StartCanary
from ivr.centre.releases.kinds.publishing import Publish
from ivr.model.events import CallEnded, CallQueued, CallStarted, Event, StepFailed

MONDAY = datetime(2026, 11, 23, 10, tzinfo=ZoneInfo("Asia/Shanghai"))
QUICK = Settings(alpha=0.2, minimum=4, hours=2)
"""Evidence of 15 : 1 is enough: of pairs, five failing callers beside five others."""
FAILED: tuple[Event, ...] = (StepFailed("main", "pay", "no"), CallEnded("failed"))
ASKED: tuple[Event, ...] = (CallQueued("service", "served"), CallEnded("completed"))
WELL: tuple[Event, ...] = (CallEnded("completed"),)


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.at = MONDAY

    def now(self) -> datetime:
        return self.at


class Node:
    """An engine's share in a trial: its own connection to the store."""

    def __init__(self, store: DatabaseStore, clock: Clock) -> None:
        self.store = store
        self.ledger = Ledger(store, clock)
        self.watch = Watch(store, clock)
        self.keeper = Keeper(self.watch, self.ledger)

    async def keep(self) -> Ending | None:
        return await self.keeper.keep(await self.ledger.state())


class Centre:
    """Two nodes on one store, and callers who hear what the ledger says."""

    def __init__(self, clock: Clock, *nodes: Node) -> None:
        self.clock = clock
        self.one, self.other = nodes
        self.callers = 0

    async def start(self, settings: Settings = QUICK, *, auto_promote: bool = False) -> None:
        """Publish v1, and v2 for half of the callers."""
        ledger = self.one.ledger
        await ledger.append(Publish("v1"), why="first", who="anna", after=State())
        trial = StartCanary(
            "v2", share=0.5, since=self.clock.now(), settings=settings, auto_promote=auto_promote
        )
        await ledger.append(trial, why="try", who="anna", after=await ledger.state())

    async def call(self, version: str, *events: Event, count: int = 1) -> None:
        """Place calls of callers who hear a version, a second apart, on both nodes in turn."""
        state = await self.one.ledger.state()
        while count:
            self.callers += 1
            ani = f"138{self.callers:08d}"
            if version_for(state, ani, "") != version:
                continue
            count -= 1
            self.clock.at += timedelta(seconds=1)
            node = (self.one, self.other)[count % 2]
            for event in (CallStarted("95500", ani, version, "main", "zh"), *events):
                node.store.events.emit(f"call-{ani}", event)
        await self.one.store.flush()
        await self.other.store.flush()

    async def pairs(self, stable: Sequence[Event], canary: Sequence[Event], count: int) -> None:
        """Place so many calls of both sides in turn."""
        for _ in range(count):
            await self.call("v1", *stable)
            await self.call("v2", *canary)

    async def ends(self) -> list[EndCanary]:
        """Return the ends that the ledger has."""
        entries = await self.one.ledger.entries()
        return [entry.act for entry in entries if isinstance(entry.act, EndCanary)]


@asynccontextmanager
async def two_nodes(folder: Path) -> AsyncIterator[Centre]:
    """Open a store twice."""
    clock = Clock()
    stores = [await DatabaseStore.open(folder / DATABASE, clock) for _ in range(2)]
    yield Centre(clock, *(Node(store, clock) for store in stores))
    for store in stores:
        await store.close()
