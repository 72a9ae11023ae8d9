"""Many calls at once on two Asterisks and two engines, while every part is killed in turn, and while engines are
restarted and flows published; and then the books: no order is lost or there twice, every answered call has its one
coverage row, and no channel is left.

It takes minutes: `make cluster-proof`, and no other run, collects it. ONECALL_CLUSTER_CALLS says how many are on the
line (200). A dozen of them order, ask and answer surveys; the others hold the line.
"""

from __future__ import annotations

import asyncio
import dataclasses
import re
import signal
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from ivr.adapters.clock import SystemClock
from ivr.adapters.flowfile import load_files
from ivr.adapters.store.database import DatabaseStore
from ivr.app.ledger import Ledger
from ivr.centre.releases.kinds.publishing import Publish
from ivr.database import Server
from ivr.model.secret import Secret
from lab.cluster import ASTERISKS, NODES, Cluster
from lab.engine import Engine, Event
from lab.fixtures import TEST_TIMING
from lab.parts import Part, parts
from lab.telephone import Telephone
from tests.live.cluster_load import CALLS, HOLDS, Line, Load, posted
from tests.live.conftest import several_nodes
from tests.live.kit import ZONE
from tests.live.test_cluster_rolling import ivr

MANY = CALLS >= 100
KILLED = (
    ("kamailio", "redis", "postgres", "e1", "ast1", "e2", "ast2")
    if MANY
    else ("kamailio", "postgres", "e1", "ast2")
)
DEAD_S, APART_S = 1.0, 12.0 if MANY else 3.0
RESUMED_S, NEXT_LEADER_S = 1.0, 3.0
TURN_S, DRAIN_S = 20.0, 120.0
SWITCHED_S = 10.0
"""How long all engines may take to have a release: they look twice a second."""
RENAMED = {"in-english": "into-english", "agent-hours": "hours-of-agents"}
"""Steps of the second release that are called otherwise in the first: most calls come by one of them."""
LEADS = re.compile(r"leads \(token (\d+)\)")
pytestmark = [
    pytest.mark.asterisk,
    pytest.mark.alone,
    pytest.mark.timeout(600 + CALLS),
]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """One whose calls may last: elsewhere each ends after two minutes."""
    with several_nodes(tmp_path_factory, dataclasses.replace(TEST_TIMING, call_seconds=3600)) as it:
        yield it


class Clockwork:
    """Kills each part and starts it again; what came of it."""

    engines: list[Engine]
    parts: dict[str, Part]
    site: Cluster
    line: Line

    def __init__(self) -> None:
        self.resumed: list[float] = []
        """How long each call was without an engine that had one before, s."""
        self.leaderless: list[float] = []
        self.held: dict[str, tuple[int, int]] = {}
        """How many held the line before each kill, and how many of their calls were gone a second after."""
        self._killed_at = 0.0
        self._where: dict[str, str] = {}

    def works_on(self, load: Load) -> None:
        """Have this as what is killed."""
        self.site, self.line, self.engines = load.site, load.line, load.engines
        self.parts = parts(load.site, load.engines)

    def rows(self) -> dict[str, object]:
        """Return what came of it, by what it is."""
        held = {
            f"{name} killed: held the line, gone a second after": f"{before}, {gone}"
            for name, (before, gone) in self.held.items()
        }
        return held | {
            "calls that went on at the other engine": len(self.resumed),
            "the longest without an engine, s": f"{max(self.resumed, default=0):.2f}",
            "until the next leader, s": ", ".join(f"{one:.2f}" for one in self.leaderless),
        }

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
        self.held[name] = len(before), len(before - await self._held())
        await self.parts[name].start()
        if name in ASTERISKS:
            await self._call_again(name)

    async def _held(self) -> set[str]:
        """Return the channels of callers who hold the line."""
        calls = await asyncio.to_thread(self.site.callers)
        return {channel for channel, ani in calls.items() if ani.startswith(HOLDS)}

    async def _call_again(self, name: str) -> None:
        """Whoever was on an Asterisk that is gone hears nothing any more, and hangs up."""
        gone = [one for ani, one in self.line.calls.items() if self._where.get(ani) == name]
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


async def test_every_part_is_killed_in_turn_and_nothing_is_lost(
    site: Cluster, lines: Telephone, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    work = Clockwork()
    load = Load(site, lines, tmp_path, work.on_event)
    work.works_on(load)
    async with load.running():
        for name in KILLED:
            await asyncio.sleep(APART_S)
            await work.kill(name)
        await asyncio.sleep(APART_S)
    with capsys.disabled():
        load.show(work.rows())
    assert not any(load.found.values()), load.found
    assert posted(site) > 0
    assert work.resumed
    assert max(work.resumed) <= RESUMED_S
    assert max(work.leaderless) <= NEXT_LEADER_S
    for name, (before, gone) in work.held.items():
        assert name in ASTERISKS or not gone, f"{name}: {gone} of {before}"


class Steps:
    """The steps of each call, and the release that it began with."""

    def __init__(self) -> None:
        self.version: dict[str, str] = {}
        self.resumed = 0
        self._entered: defaultdict[str, set[str]] = defaultdict(set)

    def on_event(self, line: Event) -> None:
        """An engine tells something."""
        event = line["event"]
        if event["type"] == "CallStarted":
            self.version[line["call"]] = event["version"]
        elif event["type"] == "CallResumed":
            self.resumed += 1
        elif event["type"] == "StepEntered" and event["flow"] == "main":
            self._entered[line["call"]].add(event["step"])

    def mixed(self, old: str) -> list[str]:
        """Return the calls that were in a step of the release that is not theirs."""
        return [
            call
            for call, steps in self._entered.items()
            if steps & set(RENAMED.values() if self.version[call] == old else RENAMED)
        ]

    def telling(self, version: str) -> int:
        """Return how many calls were in a step that only their release has."""
        return sum(
            bool(steps & {*RENAMED, *RENAMED.values()})
            for call, steps in self._entered.items()
            if self.version[call] == version
        )


async def test_engines_are_restarted_and_flows_published_and_nobody_notices(
    site: Cluster, lines: Telephone, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    steps = Steps()
    load = Load(site, lines, tmp_path, steps.on_event, turn_s=TURN_S, drain_s=DRAIN_S)
    restarts = []
    async with load.running():
        for engine in load.engines:
            restarts.append(await restarted(engine))
        old, new, switched_s = await published(load)
        await asyncio.sleep(TURN_S)
        restarts.append(await restarted(load.engines[0]))
    rows = {
        "engines restarted, s until each took calls again": ", ".join(f"{s:.0f}" for s in restarts),
        "until both engines had the release, s": f"{switched_s:.2f}",
        "calls on the first release, and on the second": ", ".join(
            str(steps.telling(version)) for version in (old, new)
        ),
        "calls that mixed the two": len(steps.mixed(old)),
        "calls that were cut": load.line.cut,
        "calls that had to change their engine": steps.resumed,
    }
    with capsys.disabled():
        load.show(rows)
    assert not any(load.found.values()), load.found
    assert posted(site) > 0
    assert (steps.mixed(old), load.line.cut, load.line.refused, steps.resumed) == ([], 0, 0, 0)
    assert steps.telling(old)
    assert steps.telling(new)


async def restarted(engine: Engine) -> float:
    """Drain an engine, wait until its calls are over, and start it again; return how long that took, s."""
    began = time.monotonic()
    await ivr(engine, "drain")
    engine.signal(signal.SIGTERM)
    assert await engine.gone() == 0
    await engine.stop()
    await engine.start()
    return time.monotonic() - began


async def published(load: Load) -> tuple[str, str, float]:
    """Publish flows whose steps are called otherwise; return the versions before and after, and how long the
    engines took to have it, s."""
    clock = SystemClock(ZONE)
    store = await DatabaseStore.open(Server(Secret(load.site.database_url)), clock)
    ledger = Ledger(store, clock)
    state = await ledger.state()
    assert state.in_force is not None
    old = await ledger.flows(state.in_force.number)
    text = old.files["main.yaml"]
    for name, other in RENAMED.items():
        text = re.sub(rf"\b{name}\b", other, text)
    new = load_files({**old.files, "main.yaml": text})
    began = time.monotonic()
    await ledger.append(Publish(new.version), why="", who="test", after=state, flows=new)
    for engine in load.engines:
        await engine.says("release 2 (", within=SWITCHED_S)
    switched_s = time.monotonic() - began
    await store.close()
    return old.version, new.version, switched_s
