"""Callers of a node that does not lead: over real HTTP, with real floors on one diary."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest
from starlette.routing import Mount

from ivr.adapters.clock import monotonic_ms
from ivr.adapters.cluster.fence import NoFence
from ivr.adapters.cluster.memory import MemoryCluster
from ivr.app.cluster import reaching, reception
from ivr.app.cluster.leadership import Leadership, Ports
from ivr.app.cluster.reaching import Here, Reach
from ivr.app.cluster.reception import DESK, ROOM, Reception
from ivr.app.cluster.room import Room, RoomDesk
from ivr.app.floor.serving import MOUNT
from ivr.http.server import Served, application
from ivr.http.serving import serving
from ivr.model.floor import Joined
from ivr.model.secret import Secret
from ivr.ports.cluster import Node, Taken
from ivr.ports.errands import Ending, ErrandEnd
from ivr.ports.line import DialStatus
from ivr.ports.waiting import Joining, Leaving, Over, Ring, Turn, Wait
from tests.app.floor.test_room import Hall, Time

TOKEN = Secret("what-the-nodes-have-in-common")
CALLER = Joining("7.1", "service", "zh", ani="13800000001", facts={"segment": "vip"})


def monotonic() -> float:
    return monotonic_ms() / 1000


class Keeper(MemoryCluster):
    """A lease that nobody gets while it is `kept`."""

    kept = False

    async def take(self, node: Node, above: int) -> Taken | None:
        return None if self.kept else await super().take(node, above)


class Station:
    """A node: it may lead, and has callers."""

    def __init__(self, name: str, folder: Path, time: Time, keeper: MemoryCluster) -> None:
        with socket.socket() as found:
            found.bind(("127.0.0.1", 0))
            self.port = found.getsockname()[1]
        self.hall: Hall | None = None
        self.desk: RoomDesk | None = None
        self._folder = folder
        self._time = time
        self._written: list[str] = []
        node = Node(name, f"http://127.0.0.1:{self.port}")
        self.leadership = Leadership(keeper, NoFence(), node, self._term, monotonic)
        self.reach = Reach(keeper, self.leadership, TOKEN)
        self.reception = Reception(self.reach, lambda call_id: ("main.menu",), time)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        leaders = {DESK: Served(Room, Here(self.leadership, DESK))}
        app = application({}, TOKEN, more=[Mount(MOUNT, application(leaders, TOKEN))])
        async with (
            serving(app, self.port),
            self.leadership.running(),
            self.reach.looking(),
            self.reception.listening(),
        ):
            yield
            if self.desk is not None:
                self.desk.let_go()

    @asynccontextmanager
    async def _term(self, token: int) -> AsyncIterator[Ports]:
        hall = Hall(self._folder, self._time)
        self.hall = hall
        try:
            self.desk = RoomDesk(hall.room, self._flush)
            yield {ROOM: hall.room, DESK: self.desk}
        finally:
            hall.floor.doors.wake_all()
            await hall.diary.close()

    async def _flush(self) -> None:
        self._written.append("flushed")


class Two:
    """The first leads; the callers are the other's."""

    def __init__(self, folder: Path) -> None:
        self.time = Time()
        self.keeper = Keeper(monotonic)
        self.one, self.other = (
            Station(name, folder, self.time, self.keeper) for name in ("e1", "e2")
        )
        self.first = AsyncExitStack()

    @property
    def hall(self) -> Hall:
        assert self.one.hall is not None
        return self.one.hall

    async def joins(self, joining: Joining = CALLER) -> Turn:
        return await self.other.reception.join(joining)

    async def told(self, joining: Joining = CALLER) -> Turn:
        """Wait as a session does until there is something other than waiting."""
        async with asyncio.timeout(5):
            while isinstance(turn := await self.joins(joining), Wait):
                await self.other.reception.turn(joining.call_id, 20_000)
        return turn


@pytest.fixture
async def two(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Two]:
    for module in (reaching, reception):
        monkeypatch.setattr(module, "LOOKS_S", 0.02)
    made = Two(tmp_path)
    await made.first.enter_async_context(made.one.running())
    async with made.other.running():
        async with asyncio.timeout(5):
            await made.other.reach.changed.wait()
        yield made
        await made.first.aclose()


async def test_a_caller_of_another_node_waits_and_is_rung_as_soon_as_an_agent_is_there(
    two: Two,
) -> None:
    assert await two.joins() == Wait(1, say=True)
    waiting = asyncio.create_task(two.told())
    two.hall.works("1001")
    turn = await waiting
    assert turn == Ring("1001", "agent1001", 15_000, ("whisper-call", "whisper-vip"), language="zh")
    assert await two.other.reception.whisper("7.1") == turn
    await two.other.reception.talks("7.1", "PJSIP/agent1001-00000001")
    await two.other.reception.rung("7.1", "1001", DialStatus.ANSWERED)
    assert await two.told() == Over(Leaving.SERVED)
    joined = (await two.hall.happened())[0]
    assert isinstance(joined, Joined)
    assert (joined.steps, joined.facts, joined.ani) == (
        ("main.menu",),
        {"segment": "vip"},
        "13800000001",
    )


async def test_who_hangs_up_has_left_before_their_node_writes_the_calls_end(two: Two) -> None:
    await two.joins()
    assert await two.other.reception.leave("7.1", Leaving.ABANDONED) is Leaving.ABANDONED
    assert two.one._written == ["flushed"]
    assert await two.other.reception.leave("7.1", Leaving.ABANDONED) is Leaving.ABANDONED


async def test_what_a_caller_does_alone_is_seen_by_the_leader(two: Two) -> None:
    await two.joins()
    assert await two.other.reception.errand("7.1") is None
    await two.other.reception.errand_over("7.1", Ending("1", ErrandEnd.CANCELLED))
    two.other.reception.keyed("7.1", "pin", 3)
    await asyncio.gather(*two.other.reception._tasks)


async def test_a_caller_hears_music_until_there_is_a_leader_again_and_keeps_their_place(
    two: Two,
) -> None:
    await two.joins()
    await two.joins(Joining("7.2", "service", "zh"))
    entered = two.hall.floor.state.callers["7.1"].since
    two.time.pass_(10)
    two.keeper.kept = True
    await two.first.aclose()
    assert await two.joins() == Wait(0)  # music, and nothing is said
    two.keeper.kept = False
    async with asyncio.timeout(5):
        while not two.other.leadership.leads:
            await two.other.reception.turn("7.1", 20_000)
            await two.joins()
    assert await two.joins() == Wait(1)
    assert two.other.hall is not None
    assert two.other.hall.floor.state.callers["7.1"].since == entered
    two.other.hall.works("1001")
    assert isinstance(await two.joins(), Ring)


async def test_who_comes_while_nobody_leads_has_waited_since_then(two: Two) -> None:
    two.keeper.kept = True
    await two.first.aclose()
    came = two.time.now()
    assert await two.joins() == Wait(0)
    two.time.pass_(2)
    two.keeper.kept = False
    async with asyncio.timeout(5):
        while not two.other.leadership.leads:
            await two.other.reception.turn("7.1", 20_000)
            await two.joins()
    await two.joins()
    assert two.other.hall is not None
    assert two.other.hall.floor.state.callers["7.1"].since == came
