"""A ledger in memory, and flows to publish in it."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from ivr.adapters.flowfile import load_files
from ivr.adapters.store.memory import MemoryStore
from ivr.app.ledger import Ledger
from ivr.centre.releases import Act, Entry
from ivr.centre.releases.kinds.publishing import Publish, Schedule
from ivr.model.flow import FlowSet

NINE = datetime(2026, 11, 23, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
FLOW = """\
flow: main
numbers: ["95500"]
languages: [en]
start: hello
steps:
  hello: {say: hello, next: bye}
  bye: {hangup: completed}
"""


def flows(reason: str) -> FlowSet:
    """Return a set of flows that ends calls with a reason."""
    return load_files({"main.yaml": FLOW.replace("completed", reason)})


class Hands:
    """A clock whose hands are moved by the test."""

    def __init__(self) -> None:
        self.time = NINE

    def now(self) -> datetime:
        return self.time

    def later(self, **span: float) -> datetime:
        """Return a time from now on."""
        return self.time + timedelta(**span)


class Desk:
    """Where a test publishes: a store in memory, its ledger and the time."""

    def __init__(self) -> None:
        self.clock = Hands()
        self.store = MemoryStore(self.clock)
        self.ledger = Ledger(self.store, self.clock)

    async def done(self, act: Act, flow_set: FlowSet | None = None) -> Entry:
        """Write down an act."""
        state = await self.ledger.state()
        return await self.ledger.append(act, why="why", who="anna", after=state, flows=flow_set)

    async def publish(self, reason: str) -> FlowSet:
        """Publish flows that end calls with a reason."""
        flow_set = flows(reason)
        await self.done(Publish(flow_set.version), flow_set)
        return flow_set

    async def schedule(self, reason: str, due: datetime) -> FlowSet:
        """Publish flows for later."""
        flow_set = flows(reason)
        await self.done(Schedule(flow_set.version, due=due), flow_set)
        return flow_set
