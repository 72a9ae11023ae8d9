"""A campaign's day: the engine's own dialling over its own databases, with seeded customers and agents on a
clock that jumps from event to event. Progressive pacing beside predictive: who is dropped, and how busy
agents are.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from bench.processes import Noise
from bench.report import Column, Report, Sample, Target, tenth, whole
from ivr.adapters.callbacks.ringings import DatabaseRingings
from ivr.adapters.campaigns.lists import DatabaseCampaigns
from ivr.app.callbacks.guard import Guard
from ivr.app.campaigns.calls import CampaignCalls
from ivr.app.campaigns.dialling import Dialling
from ivr.app.campaigns.ending import Ending
from ivr.app.campaigns.lines import Lines
from ivr.app.campaigns.rules import Plan
from ivr.centre.campaigns.pacing import bearable
from ivr.centre.dialling import Numbers
from ivr.model.campaigns import CampaignDocument, Mode
from ivr.ports.campaigns import Contact, Heard, Listed, Running
from ivr.ports.dialler import Dialled, Outgoing
from ivr.ports.notify import Notice

BEGINS = datetime(2026, 11, 23, 9, tzinfo=UTC)
NAME = "day"
AGENTS = tuple(str(1001 + one) for one in range(8))
RING_S = 25
ANSWERS, PRESSES = 0.4, 0.85
"""Of a hundred telephones so many are answered, and of those so many by somebody who presses 1."""
TALK_S, WRAP_S = 90.0, 15.0
COLUMNS = (
    Column("telephones\nrung", "calls", whole),
    Column("answered", "answered", whole),
    Column("with an\nagent", "talked", whole),
    Column("dropped", "drops", whole),
    Column("dropped, worst\nof 24 h, %", "worst", tenth),
    Column("agents\ntalk %", "busy", tenth),
)


class Size(msgspec.Struct, frozen=True):
    """How long the day is."""

    rounds: int = 1
    hours: float = 2.5


QUICK = Size(hours=0.2)


def steps(size: Size) -> int:
    """Return how many steps a run has."""
    return 2 * size.rounds


def measure(size: Size, progress: Callable[[str], None]) -> Report:
    """Have a day with each pacing."""
    samples: list[Sample] = []
    for number in range(1, size.rounds + 1):
        for mode in (Mode.PROGRESSIVE, Mode.PREDICTIVE):
            progress(mode.value)
            noise, began = Noise(), time.monotonic()
            figures = asyncio.run(day(mode, size.hours, seed=number))
            figures["seconds"] = time.monotonic() - began
            samples.append(Sample(mode.value, number, noise.cores(), figures))
    report = Report("campaign: a day of eight agents", samples, [], [])
    for one in samples:
        text = f"{one.engine}: at most {one.figures['worst']:.2f} % dropped, wanted ≤ 3 %"
        report.targets.append(Target("C1", text, one.figures["worst"] <= 3))
    report.notes.append(
        "the share of drops is looked at after each drop, of the 24 hours until then"
    )
    return report


async def day(mode: Mode, hours: float, seed: int) -> dict[str, float]:
    """Have a day; return what came of it."""
    with tempfile.TemporaryDirectory(prefix="bench-campaign-") as folder:
        world = World(random.Random(seed), BEGINS + timedelta(hours=hours))
        plan = Plan(_campaign(mode), "*65")
        store = await DatabaseCampaigns.open(Path(folder) / "campaigns.sqlite", world)
        ringings = await DatabaseRingings.open(Path(folder) / "callbacks.sqlite", ZoneInfo("UTC"))
        numbers = Numbers(allow=("1",), country="86")
        world.guard = Guard(world, ringings, world, numbers, 99)
        rules, lines = One(plan), Lines()
        ending = Ending(store, world, rules, lines, world, world)
        world.store, world.lines, world.ending = store, lines, ending
        world.calls = CampaignCalls(store, world, rules, lines, ending, world)
        world.dialling = Dialling(
            store, world.guard, world, rules, lines, ending, world.hang_up, world.no_surveys, world
        )
        world.guard.on_hung_up(world.dialling.hung_up)
        people = [Listed(f"139{number:08d}") for number in range(int(hours * 1000))]
        await store.take_in(plan.document, people, numbers.telephone, "bench")
        await store.run(NAME, Running.RUNNING, "bench")
        await world.passes()
        tally = await store.tally(NAME)
        await world.dialling.stop()
        await store.close()
        await ringings.close()
    busy = 100 * world.talking_s / (hours * 3600 * len(AGENTS))
    counts = {name: float(getattr(tally, name)) for name in ("calls", "answered", "drops")}
    return {**counts, "talked": float(world.talks), "worst": world.worst, "busy": busy}


def _campaign(mode: Mode) -> CampaignDocument:
    return CampaignDocument.model_validate(
        {
            "campaign": NAME,
            "kind": "reminder",
            "talks": "talks",
            "queue": "service",
            "languages": ["zh"],
            "hours": "contact",
            "attempts": 1,
            "ring": f"{RING_S}s",
            "pacing": {"mode": mode.value, "most": 60, "agents": len(AGENTS)},
            "outcomes": {"promised": {}},
        }
    )


class One:
    """The Rules port: one campaign, at any hour."""

    longest_ring = timedelta(seconds=60)

    def __init__(self, of: Plan) -> None:
        self.of = of

    def plans(self) -> Iterator[Plan]:
        """Yield it."""
        yield self.of

    def plan(self, name: str) -> Plan | None:
        """Return it by its name."""
        return self.of if name == self.of.name else None

    def opens(self, plan: Plan, contact: Contact, now: datetime) -> datetime | None:
        """Return when somebody may be called: now."""
        return now


class World:
    """The clock, the telephones, the customers and the agents: the ports Clock, Dialler, Agents, Notify."""

    guard: Guard
    store: DatabaseCampaigns
    lines: Lines
    ending: Ending
    calls: CampaignCalls
    dialling: Dialling

    def __init__(self, draw: random.Random, ends: datetime) -> None:
        self._draw = draw
        self._ends = ends
        self._at = BEGINS
        self._events: list[tuple[datetime, int, Callable[[], object]]] = []
        self._number = itertools.count()
        self._ringing: dict[str, asyncio.Future[Dialled]] = {}
        self._rings = asyncio.Event()
        self._there: set[str] = set()
        self._free = list(AGENTS)
        self._kept: dict[str, str] = {}
        self.talks, self.talking_s, self.worst = 0, 0.0, 0.0

    # ------------------------------------------------------------------ time

    def now(self) -> datetime:
        """Return the time of the day."""
        return self._at

    def _in(self, seconds: float, happens: Callable[[], object]) -> None:
        at = self._at + timedelta(seconds=seconds)
        heapq.heappush(self._events, (at, next(self._number), happens))

    async def passes(self) -> None:
        """Have the day go by: after each event the engine looks, as it does every quarter of a second."""
        while self._at < self._ends:
            await self.dialling.look()
            while sum(line.dialling for line in self.lines) > len(self._ringing):
                self._rings.clear()
                await self._rings.wait()
            self._at, _, happens = heapq.heappop(self._events)
            done = happens()
            if asyncio.iscoroutine(done):
                await done
            await self.guard.stop()
            await self.ending.stop()

    # ------------------------------------------------------------------ telephones

    def allows(self, number: str) -> bool:
        """All may be dialled."""
        return True

    async def dial(self, outgoing: Outgoing) -> Dialled:
        """Ring, and say what comes of it."""
        end: asyncio.Future[Dialled] = asyncio.get_running_loop().create_future()
        self._ringing[outgoing.id] = end
        self._there.add(outgoing.id)
        if self._draw.random() < ANSWERS:
            self._in(self._draw.uniform(4, 20), lambda: self._answers(outgoing.id))
        else:
            self._in(RING_S, lambda: self._ends_ringing(outgoing.id, Dialled.NO_ANSWER))
        self._rings.set()
        return await end

    async def live(self) -> frozenset[str]:
        """Return the channels."""
        return frozenset(self._there)

    async def hang_up(self, attempt: str) -> None:
        """Nobody stops the campaign."""

    async def no_surveys(self, number: str, customer: str) -> bool:
        """Nobody has opted out."""
        return False

    async def send(self, notice: Notice) -> bool:
        """No message is sent."""
        return True

    async def _ends_ringing(self, attempt: str, how: Dialled) -> None:
        if how is not Dialled.ANSWERED:
            self._there.discard(attempt)
        self._ringing.pop(attempt).set_result(how)
        line = self.lines.get(attempt)
        while line is not None and line.dialling:  # what came of it is being taken down  # noqa: ASYNC110
            await asyncio.sleep(0)

    async def _answers(self, attempt: str) -> None:
        await self._ends_ringing(attempt, Dialled.ANSWERED)
        called = await self.calls.called(attempt)
        if called is None or called.dropped:
            tally = await self.store.tally(NAME)
            self.worst = max(self.worst, 100 * tally.drops / (tally.drops + tally.talked or 1))
            assert bearable(tally.drops, tally.talked), tally
            self._in(6, lambda: self._gone(attempt))
        elif self._draw.random() < PRESSES:
            self._in(9, lambda: self._talks(attempt))
        else:
            self._in(12, lambda: self._gone(attempt))

    async def _talks(self, attempt: str) -> None:
        await self.calls.heard(attempt, Heard.RIGHT)
        self.calls.bridged(attempt)
        seconds = self._draw.expovariate(1 / TALK_S)
        self.talks += 1
        self.talking_s += seconds
        self._in(seconds, lambda: self._gone(attempt))

    def _gone(self, attempt: str) -> None:
        self._there.discard(attempt)
        line = self.lines.get(attempt)
        if line is not None and line.talks:
            agent = self._kept.pop(attempt)
            self._in(WRAP_S, lambda: self._free.append(agent))
        self.guard.hung_up(attempt)

    # ------------------------------------------------------------------ agents

    def free(self, queue: str) -> tuple[str, ...]:
        """Return who is free."""
        return tuple(self._free)

    def keep(self, agent: str, call_id: str, queue: str) -> bool:
        """Keep an agent for a call."""
        self._free.remove(agent)
        self._kept[call_id] = agent
        return True

    def release(self, agent: str, call_id: str) -> None:
        """Let an agent go."""
        if agent and self._kept.get(call_id) == agent:
            del self._kept[call_id]
            self._free.append(agent)

    def kept(self, call_id: str) -> str:
        """Return who is kept for a call."""
        return self._kept.get(call_id, "")
