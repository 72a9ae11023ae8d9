"""A thousand publishes and rollbacks while callers call: nobody hears two versions.

Two nodes with a connection each to one SQLite store, and callers whose calls outlast many publishes.
Each version's prompts bear its name.
"""

from __future__ import annotations

import asyncio
import gc
import random
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from ivr.adapters.agi.server import AgiServer, ServerSettings
from ivr.adapters.clock import SystemClock
from ivr.adapters.flowfile import load_files
from ivr.adapters.store.database import DatabaseStore
from ivr.adapters.window.granting import GrantingWindow
from ivr.app.calls import Calls, Services
from ivr.app.flows import MOST_SETS, Published
from ivr.app.ledger import Ledger
from ivr.centre.releases import Act, State, faults, fold
from ivr.centre.releases.kinds.publishing import Publish, Rollback
from ivr.model.events import CallEnded, CallStarted
from ivr.model.flow import FlowSet
from ivr.model.limits import Limits
from ivr.model.prompt import Audible, Prompted, Recording
from tests.adapters.agi.peer import LINE, Peer, environment

VERSIONS = 40
CALLERS = 6
"""At once, on each node."""
LAGGARD = 7
"""The second node looks at the ledger after so many entries only."""

FLOW = """\
flow: main
numbers: ["95500"]
languages: [en]
start: hello
steps:
  hello: {{say: v{0}-hello, next: ask}}
  ask:
    menu: {{prompt: v{0}-ask, choices: {{1: {{goto: bye, label: bye}}}}}}
    on: {{no_input: bye, invalid: bye}}
  bye: {{say: v{0}-bye, next: end}}
  end: {{hangup: completed}}
"""
SAID = ("hello", "ask", "bye")


class Prompts:
    """Every prompt has a recording."""

    def render(self, items: Iterable[Audible], language: str) -> tuple[Recording, ...]:
        ids = [item.id for item in items if isinstance(item, Prompted)]
        return tuple(Recording(one, one, f"/prompts/{one}", 10) for one in ids)


class Chosen(Published):
    """Remembers which version each new call got, and after which entry of the ledger."""

    def __init__(self, store: DatabaseStore, clock: SystemClock) -> None:
        super().__init__(store, clock)
        self.choices: list[tuple[int, str]] = []

    def for_call(self, ani: str, call_id: str) -> FlowSet:
        flows = super().for_call(ani, call_id)
        self.choices.append((self.state.number, flows.version))
        return flows


class Node:
    """An engine: its own connection to the store, the flows it follows, and its callers."""

    def __init__(self, store: DatabaseStore, clock: SystemClock, name: int) -> None:
        self.store = store
        self.published = Chosen(store, clock)
        self.heard: dict[str, list[str]] = {}
        self._name = name
        calls = Calls(
            Services(
                published=self.published,
                prompts=Prompts(),
                sessions=store.sessions,
                events=store.events,
                journal=store.journal,
                clock=clock,
                ports={"waiting": None, "window": GrantingWindow()},
                line=LINE,
                limits=Limits(),
            )
        )
        self.server = AgiServer(calls.handle, ServerSettings(port=0))

    async def caller(self, publisher: Publisher, over: asyncio.Event) -> None:
        """Call again and again; before each answer to a prompt, let some entries be written."""
        while not over.is_set():
            call_id = f"{self._name}.{len(self.heard)}"
            heard = self.heard[call_id] = []
            peer = Peer(*await asyncio.open_connection(*self.server.address))
            peer.writer.write(environment(uniqueid=call_id))
            while command := await peer.command():
                if command.startswith("STREAM FILE"):
                    heard.append(command.split()[2].removeprefix("/prompts/"))
                    await publisher.goes_on(len(heard))
                peer.say(*answers(command))
            await peer.close()


def answers(command: str) -> list[str]:
    """Return what Asterisk says to a command, with the key 1 pressed wherever one is waited for."""
    if command.startswith("STREAM FILE"):
        return ["200 result=0 endpos=80"]
    if command.startswith("WAIT FOR DIGIT"):
        return ["200 result=49"]
    return ["200 result=1", "HANGUP"] if command == "HANGUP" else ["200 result=1"]


class Publisher:
    """Publishes and rolls back, as a seed has it."""

    def __init__(
        self, ledger: Ledger, sets: Sequence[FlowSet], nodes: Sequence[Node], total: int
    ) -> None:
        self.in_force: list[str] = [""]
        """The version in force after each entry."""
        self._total = total
        self._ledger = ledger
        self._sets = sets
        self._nodes = nodes
        self._chance = random.Random(95500)
        self._state = State()
        self._news = asyncio.Condition()

    async def goes_on(self, by: int) -> None:
        """Wait until `by` further entries are written, or the last one is."""
        until = min(self._total, self._state.number + by)
        async with self._news:
            await self._news.wait_for(lambda: self._state.number >= until)

    async def publish(self, until: int) -> None:
        """Write entries; the first node looks after each, the second after some."""
        for number in range(self._state.number + 1, until + 1):
            await self._write(self._act())
            await self._nodes[0].published.look()
            if number % LAGGARD == 1 or number == self._total:
                await self._nodes[1].published.look()
            async with self._news:
                self._news.notify_all()

    def _act(self) -> tuple[Act, FlowSet | None]:
        """Return what to do: now and then back to a release that was in force before."""
        if len(self._state.history) > 1 and self._chance.random() < 0.4:
            back = self._chance.choice(self._state.history[-4:-1])
            return Rollback(back.number, back.version), None
        flows = self._chance.choice(self._sets)
        return Publish(flows.version), flows

    async def _write(self, act: tuple[Act, FlowSet | None]) -> None:
        entry = await self._ledger.append(
            act[0], why="load", who="test", after=self._state, flows=act[1]
        )
        self._state = fold([entry], self._state)
        assert self._state.in_force is not None
        self.in_force.append(self._state.in_force.version)


@asynccontextmanager
async def two_nodes(folder: Path) -> AsyncIterator[list[Node]]:
    clock = SystemClock("Asia/Shanghai")
    nodes = [
        Node(await DatabaseStore.open(folder / "onecall.sqlite", clock), clock, n) for n in (1, 2)
    ]
    try:
        yield nodes
    finally:
        for node in nodes:
            await node.server.stop()
            await node.store.close()


@pytest.mark.timeout(120)
@pytest.mark.parametrize("publishes", [50, pytest.param(1_000, marks=pytest.mark.proof)])
async def test_publishes_under_load_mix_nothing_up(publishes: int, tmp_path: Path) -> None:
    sets = [load_files({"main.yaml": FLOW.format(n)}) for n in range(VERSIONS)]
    names = {flows.version: f"v{n}" for n, flows in enumerate(sets)}
    before = held()
    async with two_nodes(tmp_path) as nodes:
        ledger = Ledger(nodes[0].store, SystemClock("Asia/Shanghai"))
        publisher = Publisher(ledger, sets, nodes, publishes)
        await publisher.publish(1)
        over = asyncio.Event()
        async with asyncio.TaskGroup() as tasks:
            for node in nodes:
                await node.server.start()
                for _ in range(CALLERS):
                    tasks.create_task(node.caller(publisher, over))
            await publisher.publish(publishes)
            over.set()
        assert not faults(await ledger.sealed())
        assert len(await ledger.entries()) == publishes
        for node in nodes:
            assert len(node.heard) > publishes // 10
            await nothing_is_mixed(node, names)
            switches_in_order(node, publisher)
            assert node.published.state.number == publishes
        assert held() - before <= MOST_SETS * len(nodes)


def held() -> int:
    """Return how many sets of flows are in memory."""
    gc.collect()
    return sum(isinstance(one, FlowSet) for one in gc.get_objects())


async def nothing_is_mixed(node: Node, names: dict[str, str]) -> None:
    """Every call heard the version that its first event names, from start to end."""
    await node.store.flush()
    for call_id, heard in node.heard.items():
        events = [one.event for one in await node.store.read_events(call_id)]
        (started,) = (event for event in events if isinstance(event, CallStarted))
        assert heard == [f"{names[started.version]}-{said}" for said in SAID]
        assert events[-1] == CallEnded("completed")


def switches_in_order(node: Node, publisher: Publisher) -> None:
    """New calls follow the ledger: never back to an earlier entry, always what it put in force."""
    numbers = [number for number, _ in node.published.choices]
    assert numbers == sorted(numbers)
    assert len(set(numbers)) > len(publisher.in_force) // (2 * LAGGARD)
    assert all(publisher.in_force[number] == version for number, version in node.published.choices)
