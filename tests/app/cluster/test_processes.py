"""Two real engines on one Redis and one PostgreSQL: a leader that is stopped past its lease, and goes on."""

from __future__ import annotations

import asyncio
import json
import shutil
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from ivr.adapters.clock import SystemClock
from ivr.adapters.staff.demo import PEOPLE, seed
from ivr.adapters.staff.embedded import PEPPER, EmbeddedStaff
from ivr.app.cluster.room import LeadersRoom
from ivr.app.config import load_config
from ivr.app.floor.client import Far, floor_client
from ivr.app.floor.diary import DATABASE, read_diary
from ivr.app.floor.serving import MOUNT
from ivr.app.places import place
from ivr.app.staff import FILE
from ivr.http.client import Unreached
from ivr.model.errors import PortError
from ivr.model.floor import AgentChanged
from ivr.model.secret import Secret
from ivr.ports.agents import AgentState
from ivr.ports.backend import Settings
from lab.postgres import Cluster
from lab.redis import redis_server

ROOT = Path(__file__).parents[3]
ZONE = "Asia/Shanghai"
TOKEN = "what-all-nodes-of-this-test-have-in-common"
FOLLOWED_S = 3.0
STARTS_S = 25.0
(PIN,) = (pin for person, (pin, _) in PEOPLE.items() if person.agent == "1001")

pytestmark = [pytest.mark.proof, pytest.mark.timeout(90)]


class Node:
    """An engine of its own process and state folder."""

    def __init__(self, name: str, folder: Path, shared: dict[str, Any]) -> None:
        self.name = name
        self.folder = folder / name
        self.folder.mkdir()
        agi, floor = _free_port(), _free_port()
        self.address = f"http://127.0.0.1:{floor}"
        self.file = self.folder / "onecall.yaml"
        said = {
            "flows": str(ROOT / "flows"),
            "prompts": str(ROOT / "prompts"),
            "state": str(self.folder),
            "agi": {"port": agi},
            "floor": {"port": floor},
            "database": shared["database"],
            "cluster": {"node": name, **shared["cluster"]},
        }
        self.file.write_text(json.dumps(said), "utf-8")
        self.config = load_config(self.file)
        self.far: Far

    @asynccontextmanager
    async def running(self) -> AsyncIterator[asyncio.subprocess.Process]:
        log = (self.folder / "log").open("wb")
        command = [sys.executable, "-m", "ivr", "serve", "-c", str(self.file), "--drain", "0"]
        process = await asyncio.create_subprocess_exec(
            *command, cwd=ROOT, stdout=asyncio.subprocess.PIPE, stderr=log, start_new_session=True
        )
        try:
            assert process.stdout is not None
            async with asyncio.timeout(STARTS_S):
                assert (await process.stdout.readline()).startswith(b"listening"), self.log
            async with floor_client(self.config) as self.far:
                yield process
        finally:
            process.send_signal(signal.SIGCONT)
            process.kill()
            await process.wait()
            log.close()

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text("utf-8")

    async def leads(self) -> bool:
        return (await self.far.operations.status()).leader


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


@asynccontextmanager
async def two(folder: Path, postgres: Cluster, redis: str) -> AsyncIterator[tuple[Node, Node]]:
    """Two nodes, not running, that share what nodes share: the staff is there."""
    shared = {
        "database": {"url_file": _secret(folder / "database", postgres.database())},
        "cluster": {
            "secret_file": _secret(folder / "nodes", TOKEN),
            "redis": {"url_file": _secret(folder / "redis", redis)},
        },
    }
    one, other = (Node(name, folder, shared) for name in ("e1", "e2"))
    staff = await EmbeddedStaff.open(
        place(one.config, FILE), SystemClock(ZONE), one.folder / PEPPER
    )
    await seed(staff)
    await staff.close()
    shutil.copy(one.folder / PEPPER, other.folder / PEPPER)
    yield one, other


def _secret(file: Path, text: str) -> str:
    file.touch(0o600)
    file.write_text(text, "utf-8")
    return str(file)


async def within(seconds: float, true: Callable[[], Any]) -> float:
    """Wait until something is true; return how long that took."""
    loop = asyncio.get_running_loop()
    begun = loop.time()
    async with asyncio.timeout(seconds):
        while not await true():  # noqa: ASYNC110 - a process tells nobody
            await asyncio.sleep(0.02)
    return loop.time() - begun


async def test_a_leader_that_was_stopped_past_its_lease_writes_nothing_and_follows(
    tmp_path: Path, postgres: Cluster
) -> None:
    with redis_server() as redis:
        async with AsyncExitStack() as stack:
            one, other = await stack.enter_async_context(two(tmp_path, postgres, redis.url))
            first = await stack.enter_async_context(one.running())
            await stack.enter_async_context(other.running())
            await _story(one, other, first)


async def _story(one: Node, other: Node, first: asyncio.subprocess.Process) -> None:
    assert (await one.leads(), await other.leads()) == (True, False)
    status = await other.far.operations.status()
    assert (status.nodes, status.led_by) == (("e1", "e2"), "e1")
    # The one that follows passes on what is the leader's.
    done = await other.far.agents.login("1001", Secret(PIN), "agent1001")
    assert done.refused is None
    assert (await _state(one), await _state(other)) == (AgentState.PAUSED, AgentState.PAUSED)

    first.send_signal(signal.SIGSTOP)
    took = await within(FOLLOWED_S, other.leads)
    # What was known is known, and goes on.
    assert await _state(other) is AgentState.PAUSED
    assert (await other.far.agents.ready("1001")).refused is None

    # The stopped one is asked to do something as the leader that it was, and finds it when it goes on.
    late = asyncio.create_task(_late(one))
    await asyncio.sleep(0.2)
    first.send_signal(signal.SIGCONT)
    with pytest.raises(Unreached):
        await late
    await within(FOLLOWED_S, lambda: _follows(one))
    assert (await one.leads(), await other.leads()) == (False, True)
    assert await _state(one) is AgentState.READY  # by asking who leads
    assert [act.act for act in _acts(one)] == ["login", "ready"]  # one of each node
    assert "e1 leads no more" in one.log
    assert took < FOLLOWED_S


async def _state(node: Node) -> AgentState:
    board = await node.far.floor.board()
    (state,) = (agent.state for agent in board.agents if agent.agent == "1001")
    return state


async def _follows(node: Node) -> bool:
    try:
        return not await node.leads()
    except PortError:
        return False


async def _late(node: Node) -> None:
    settings = Settings(
        file=Path(), url=node.address + MOUNT, token=Secret(TOKEN), budget_ms=20_000
    )
    room = await LeadersRoom.opened(settings)
    try:
        await room.talks("1.1", "PJSIP/agent1001-00000001")
    finally:
        await room.close()


def _acts(node: Node) -> list[AgentChanged]:
    told = read_diary(place(node.config, DATABASE), ZoneInfo(ZONE))
    return [one.event for one in told if isinstance(one.event, AgentChanged)]
