"""What live tests of agents share: a hotline where everybody waits for an agent, and its floor."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from ivr.adapters.clock import SystemClock
from ivr.adapters.staff.demo import PEOPLE, seed
from ivr.adapters.staff.embedded import PEPPER, EmbeddedStaff
from ivr.app.config import Config, load_config
from ivr.app.floor.client import Far, floor_client
from ivr.app.staff import FILE
from ivr.model.secret import Secret
from ivr.ports.agents import AgentState, AgentView, Done
from ivr.ports.floor import Board, CallerView
from lab.engine import Engine
from lab.heard import UNKNOWN
from lab.phone_call import PhoneCall
from lab.site import HOTLINE, Lab
from lab.telephone import Desk, Telephone
from tests.live.kit import ZONE, bank, flows

MAIN = """\
flow: main
numbers: ["95500"]
languages: [en]
start: agent

steps:
  agent:
    queue: {name: service}
    on:
      served: done
      timeout: done
      full: done
      empty: done
      closed: done
      overflow: done
      errand: alone
  alone:
    assist: {}
    on: {done: agent, refused: agent}
  done: {say: goodbye, next: end}
  end: {hangup: completed}
"""
QUEUES = """\
queues:
  service:
    agents: [anyone]
    wrap_up: {time: 5m}
    rna: {ring: 5s}
  loans:
    agents: ["{{ loans >= 50 }}"]
    wrap_up: {time: 5m}
"""
NAMING = ("campaign*", "survey*", "taxonomy.yaml", "cases.yaml", "complaints.yaml")
"""Files of the demo that name its queues."""
WITHIN = 15.0
"""How long anything may take on a busy machine, in seconds; nothing waits that long by itself."""
PINS = {person.agent: pin for person, (pin, _) in PEOPLE.items()}


class Seat:
    """An agent at a telephone."""

    def __init__(self, floor: Floor, agent: str) -> None:
        self.agent = agent
        self.phone: Desk = floor.telephone.desk(f"agent{agent}")
        self._floor = floor

    async def at_work(self) -> None:
        """Log in, and be ready."""
        pin, phone = Secret(PINS[self.agent]), self.phone.endpoint
        assert (await self._floor.far.agents.login(self.agent, pin, phone)).refused is None
        assert (await self._floor.far.agents.ready(self.agent)).refused is None

    async def takes(self, within: float = WITHIN) -> PhoneCall:
        """Pick up the next call."""
        call = await self.phone.rings(within)
        await self.phone.pick_up(call)
        return call

    async def is_(self, state: AgentState, within: float = WITHIN) -> AgentView:
        """Wait until the agent does this."""

        def stands(board: Board) -> AgentView | None:
            return next((one for one in board.agents if one.agent == self.agent), None)

        board = await self._floor.shows(
            lambda board: (one := stands(board)) is not None and one.state is state, within
        )
        view = stands(board)
        assert view is not None
        return view


class Floor:
    """A running engine and its floor."""

    far: Far
    config: Config

    def __init__(
        self,
        lab: Lab,
        telephone: Telephone,
        folder: Path,
        settings: Mapping[str, Any] | None = None,
    ) -> None:
        self.lab = lab
        self.telephone = telephone
        self.engine = Engine(
            lab,
            folder / "engine",
            {"flows": str(self._flows(folder)), "bank": {"file": str(bank(folder))},
             "agents": {"endpoints": [f"agent{agent}" for agent in PINS if agent],
                        "branches": {"101": "Local/8001@transfer"}, "ring": "4s"},
             **(settings or {})},
        )  # fmt: skip

    async def __aenter__(self) -> Self:
        state = self.engine.folder
        state.mkdir(parents=True)
        staff = await EmbeddedStaff.open(state / FILE, SystemClock(ZONE), state / PEPPER)
        await seed(staff)
        await staff.close()
        await self.engine.start()
        self.config = load_config(state / f"onecall-{self.engine.port}.yaml")
        self._client = floor_client(self.config)
        self.far = await self._client.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._client.__aexit__(kind, error, trace)
        await self.engine.stop()

    async def calls(self) -> PhoneCall:
        """Have somebody call the hotline."""
        return await self.telephone.call(HOTLINE)

    async def shows(self, wanted: Callable[[Board], bool], within: float = WITHIN) -> Board:
        """Wait until the board is as wanted; fails with how it is instead."""
        loop = asyncio.get_running_loop()
        until = loop.time() + within
        board = await self.far.floor.board()
        while not wanted(board):
            left = until - loop.time()
            assert left > 0, f"after {within} s: {board.agents}, {board.callers}"
            board = await self.far.floor.changed(board.change, int(left * 1000))
        return board

    async def caller(self, state: str, call_id: str = "", within: float = WITHIN) -> CallerView:
        """Wait until a caller, or the only one, is in a state."""

        def seen(board: Board) -> list[CallerView]:
            return [one for one in board.callers if call_id in ("", one.call_id)]

        board = await self.shows(
            lambda board: [one.state for one in seen(board)] == [state], within
        )
        return seen(board)[0]

    async def gone(self, call_id: str, within: float = WITHIN) -> None:
        """Wait until a caller is not on the floor any more."""
        await self.shows(lambda board: all(one.call_id != call_id for one in board.callers), within)

    async def empty(self, within: float = WITHIN) -> None:
        """Wait until nobody is on the floor, and Asterisk has no channel."""
        await self.shows(lambda board: not board.callers, within)
        async with asyncio.timeout(within):
            while await asyncio.to_thread(self.lab.exchange.channels):  # noqa: ASYNC110  # it tells nobody
                await asyncio.sleep(0.02)

    @staticmethod
    def _flows(folder: Path) -> Path:
        silence = "      wrong_factor: wrong-code\n"
        quick = silence + "      timeout: 4s\n      interdigit: 15s\n      tries: 1\n"
        copy = flows(folder, {"authenticate.yaml": {silence: quick}})
        (copy / "main.yaml").write_text(MAIN, "utf-8")
        (copy / "queues.yaml").write_text(QUEUES, "utf-8")
        for pattern in NAMING:
            for path in copy.glob(pattern):
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        return copy


async def hears_words(call: PhoneCall) -> None:
    """Wait until a telephone hears what lab agents say. ChanSpy mixes: what comes of it is that recording
    bit for bit, or nearly."""
    ways = [asyncio.create_task(call.hears(name, within=WITHIN)) for name in ("agent", UNKNOWN)]
    try:
        await next(asyncio.as_completed(ways))
    finally:
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)


def granted(done: Done) -> AgentView:
    """Return how an agent stands after a wish that was granted."""
    assert done.refused is None, done
    assert done.view is not None
    return done.view


@asynccontextmanager
async def floor_of(lab: Lab, telephone: Telephone, folder: Path) -> AsyncIterator[Floor]:
    """Run a hotline where everybody waits for an agent."""
    async with Floor(lab, telephone, folder) as floor:
        yield floor
