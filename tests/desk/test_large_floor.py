"""A floor of 500 agents and 1,000 callers who wait, as supervisors see it: at most a second behind the event."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from rich.console import Console

from ivr.adapters.clock import SystemClock
from ivr.app.config import AgentsConfig, load_config
from ivr.app.figures import Figures
from ivr.app.floor.board import FloorBoard
from ivr.app.floor.client import floor_client
from ivr.app.floor.control import Control
from ivr.app.floor.diary import Diary
from ivr.app.floor.floor import RunningFloor
from ivr.app.floor.room import WaitingRoom
from ivr.app.floor.serving import serving_floor
from ivr.app.floor.unmanaged import NoLegs
from ivr.centre.agents import Act
from ivr.centre.kpi import Kpi
from ivr.cli.top import picture
from ivr.desk.offers import Offers
from ivr.desk.wall import Wall
from ivr.desk.watch import PACE_S, Watch
from ivr.http.server import Served
from ivr.model.queues import AgentDocument, QueueDocument, QueuePlan
from ivr.ports.agents import AgentState
from ivr.ports.floor import Floor
from ivr.ports.waiting import Joining
from tests.app.floor.hands import Door
from tests.app.floor.test_client import free_port
from tests.desk.cases_kit import FLOWS
from tests.desk.kit import TEXTS

AGENTS, CALLERS, QUEUES = 500, 1_000, 10
BEHIND_S = 1.0
PLAN = QueuePlan(
    queues={
        f"q{number}": QueueDocument.model_validate({"agents": ["anyone"], "empty": "wait"})
        for number in range(QUEUES)
    },
    agents={str(1000 + number): AgentDocument(name="李娜") for number in range(AGENTS)},
)


@asynccontextmanager
async def served(folder: Path) -> AsyncIterator[tuple[RunningFloor, Any]]:
    """Serve such a floor as an engine does; yield it, and its configuration."""
    (folder / "onecall.yaml").write_text(f"floor: {{port: {free_port()}}}\n", "utf-8")
    config = load_config(folder / "onecall.yaml")
    diary, clock = Diary(folder / "floor.sqlite"), SystemClock("UTC")
    floor = RunningFloor(lambda: PLAN, diary, Kpi(ZoneInfo("UTC")), clock)
    for agent in PLAN.agents:
        floor.act(agent, Act.LOGIN, endpoint=f"agent{agent}")
    room = WaitingRoom(floor, lambda calendar: True)
    calls = (Joining(f"{number}.1", f"q{number % QUEUES}", "zh") for number in range(CALLERS))
    await asyncio.gather(*map(room.join, calls))
    staff: Any = Door()
    control = Control(floor, NoLegs(), staff, lambda: PLAN, AgentsConfig())
    ports = {"floor": Served(Floor, FloorBoard(floor, control))}
    async with serving_floor(config, ports):
        yield floor, config
    await diary.close()


async def test_a_wallboard_and_a_terminal_are_a_second_behind_at_most(tmp_path: Path) -> None:
    """What they are behind is the pace of asking and the work, of the engine and the desk: counted in
    CPU seconds, which other work on the machine does not falsify."""
    async with served(tmp_path) as (floor, config), floor_client(config) as far:
        watch = Watch(far.floor, SystemClock("UTC").now())
        async with watch.running():
            wall = Wall("en", Offers(lambda: FLOWS, TEXTS))
            wall.parts(watch.seen)
            before, began = watch.seen.number, time.process_time()
            floor.act("1007", Act.READY)
            seen = await watch.after(before, 30)
            newer = wall.newer(seen, before)
            assert time.process_time() - began + PACE_S <= BEHIND_S
        assert 'id="agent-1007"' in newer
        assert sum(one.waiting for one in seen.board.queues) == CALLERS
        began = time.process_time()
        floor.act("1008", Act.READY)
        board = await far.floor.changed(seen.board.change, 30_000)
        console = Console(width=120)
        with console.capture() as captured:
            console.print(picture(board, Figures(), 50))
        assert time.process_time() - began <= BEHIND_S
        assert [one.agent for one in board.agents if one.state is AgentState.READY] == [
            "1007",
            "1008",
        ]
        assert "1008" in captured.get()
