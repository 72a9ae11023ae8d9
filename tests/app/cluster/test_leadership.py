"""Who leads: on a virtual clock, with pauses, partitions and a keeper that forgets."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.adapters.cluster.memory import MemoryCluster
from ivr.app.cluster.leadership import Leadership, Ports
from ivr.model.errors import PortError
from ivr.ports.cluster import Fenced, Leader, Node, NotLeading, Taken
from tests.app.cluster.virtual import virtually

LASTS_S = 2.0


def now() -> float:
    return asyncio.get_running_loop().time()


class World:
    """What nodes share: the lease's keeper, the database, and who believes now that they lead."""

    def __init__(self) -> None:
        self.keeper = MemoryCluster(now, LASTS_S)
        self.token, self.kept_until = 0, 0.0
        self.lease: object = None
        self.nodes: dict[str, Leadership] = {}
        self.terms: list[tuple[str, int]] = []

    def leading(self) -> list[str]:
        return [name for name, node in self.nodes.items() if node.leads]

    def forget(self) -> None:
        """FLUSHALL."""
        self.keeper._lease, self.keeper._token = None, -1
        self.lease = None

    # The fence, as the database has it.

    async def seen(self) -> int:
        return self.token

    async def show(self, token: int) -> float:
        if token <= self.token:
            raise Fenced(token)
        left = self.kept_until - now()
        self.token, self.kept_until = token, 0.0
        return max(0.0, left)

    async def keep(self, token: int, lasts_s: float) -> bool:
        if token != self.token:
            return False
        self.kept_until = now() + lasts_s
        return True


class Far:
    """The keeper as one node reaches it: late, or not at all; `delays` are used up, one a way."""

    lasts_s = LASTS_S

    def __init__(self, world: World, delays: Iterator[float | None]) -> None:
        self._world = world
        self._delays = delays
        self._lease: object = None
        """The one that this node took: a token may be given twice by a keeper that forgets."""

    async def take(self, node: Node, above: int) -> Taken | None:
        await self._way()
        taken = await self._world.keeper.take(node, above)
        if taken is not None:
            self._lease = self._world.lease = object()
        await self._way()
        return taken

    async def renew(self, token: int) -> bool:
        await self._way()
        renewed = self._world.lease is self._lease and await self._world.keeper.renew(token)
        await self._way()
        return renewed

    async def release(self, token: int) -> None:
        await self._way()
        if self._world.lease is self._lease:
            await self._world.keeper.release(token)

    async def leader(self) -> Leader | None:
        return await self._world.keeper.leader()

    async def _way(self) -> None:
        delay = next(self._delays, 0.0)
        if delay is None:
            raise PortError("cluster", "cut off")
        await asyncio.sleep(delay)


def node(world: World, name: str, delays: Iterable[float | None] = ()) -> Leadership:
    """Return a node's leadership, whose term does nothing but to be counted."""

    @asynccontextmanager
    async def term(token: int) -> AsyncIterator[Ports]:
        world.terms.append((name, token))
        yield {"floor": name}

    made = Leadership(Far(world, iter(delays)), world, Node(name, f"http://{name}"), term, now)
    world.nodes[name] = made
    return made


async def until(true: Callable[[], bool]) -> None:
    while not true():  # noqa: ASYNC110 - its time is virtual
        await asyncio.sleep(0.01)


def test_one_leads_at_once_and_the_other_after_it_has_stopped() -> None:
    async def story() -> None:
        world = World()
        one, other = node(world, "e1"), node(world, "e2")
        async with one.running():
            assert one.port("floor") == "e1"
            async with other.running():
                with pytest.raises(NotLeading):
                    other.port("floor")
                await asyncio.sleep(60)
                assert world.leading() == ["e1"]
            assert world.terms == [("e1", 1)]
        async with other.running():  # a lease that was given back is free at once
            assert other.leads
        assert [token for _, token in world.terms] == [1, 2]

    virtually(story())


def test_a_leader_that_is_cut_off_is_followed_within_three_seconds() -> None:
    async def story() -> None:
        world = World()
        cut: list[float | None] = []
        one, other = node(world, "e1", iter(lambda: cut[0] if cut else 0.0, 1.0)), node(world, "e2")
        async with one.running(), other.running():
            await asyncio.sleep(10)
            world.keep = no_database  # type: ignore[method-assign]
            cut.append(None)
            begun = now()
            while world.leading() != ["e2"]:
                assert len(world.leading()) < 2
                await asyncio.sleep(0.01)
            assert now() - begun < 3.0
            cut.clear()
            await asyncio.sleep(10)
            assert world.leading() == ["e2"]  # who comes back follows

    virtually(story())


async def no_database(token: int, lasts_s: float) -> bool:
    raise PortError("cluster", "the database is away too")


def test_a_leader_leads_on_while_the_keeper_is_away_for_all() -> None:
    async def story() -> None:
        world = World()
        away: list[float | None] = []

        def delays() -> Iterator[float | None]:
            while True:
                yield away[0] if away else 0.0

        one, other = node(world, "e1", delays()), node(world, "e2", delays())
        async with one.running(), other.running():
            away.append(None)
            for _ in range(600):
                await asyncio.sleep(0.1)
                assert world.leading() == ["e1"]
            away.clear()
            world.forget()  # it comes back without its data
            begun = now()
            await until(lambda: not world.leading())
            await until(lambda: bool(world.leading()))
            assert now() - begun < 2 * LASTS_S + 1
            await asyncio.sleep(10)
            assert len(world.leading()) == 1
            assert world.terms[-1][1] > 1

    virtually(story())


def test_what_cannot_be_opened_at_the_start_is_told_and_later_only_logged() -> None:
    async def story() -> None:
        world = World()
        failing: list[PortError] = [PortError("floor", "is damaged")]

        @asynccontextmanager
        async def term(token: int) -> AsyncIterator[Ports]:
            if failing:
                raise failing[0]
            yield {"floor": "e1"}

        one = Leadership(world.keeper, world, Node("e1", ""), term, now)
        with pytest.raises(PortError, match="is damaged"):
            async with one.running():
                pass
        failing.clear()
        async with one.running():
            assert one.port("floor") == "e1"
            failing.append(PortError("floor", "is damaged"))
            one.depose("a test")
            await asyncio.sleep(5)
            with pytest.raises(NotLeading):
                one.port("floor")
            failing.clear()
            await asyncio.sleep(5)
            assert one.port("floor") == "e1"

    virtually(story())


DELAYS = st.lists(st.sampled_from((None, 0.0, 0.1, 0.3, 1.0, 2.1, 9.0)), max_size=25)
STEPS, LONGEST_S = 120, 500.0


@settings(max_examples=40, deadline=None)
@given(DELAYS, DELAYS, DELAYS, st.lists(st.floats(0, 12), max_size=2))
def test_two_never_lead_at_a_time(
    one: list[float | None],
    two: list[float | None],
    three: list[float | None],
    forgotten: list[float],
) -> None:
    """Whatever is late, lost or forgotten: a node that was stopped for a while is one whose answers
    come late."""

    async def story() -> None:
        world = World()
        nodes = [
            node(world, f"e{number}", iter(delays))
            for number, delays in enumerate((one, two, three))
        ]
        running = [asyncio.create_task(_run(each)) for each in nodes]
        for _ in range(STEPS):
            await asyncio.sleep(0.1)
            assert len(world.leading()) <= 1
            if any(now() - 0.1 < at <= now() for at in forgotten):
                world.forget()
        tokens = [token for _, token in world.terms]
        assert tokens == sorted(set(tokens))
        async with asyncio.timeout(LONGEST_S):
            # And somebody does, once nothing is late any more.
            await until(lambda: bool(world.leading()))
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    virtually(story())


@pytest.fixture(autouse=True)
def _quietly() -> Iterator[None]:
    """What goes wrong by the hundred is not to be formatted."""
    log = logging.getLogger("ivr.cluster")
    log.disabled = True
    yield
    log.disabled = False


async def _run(each: Leadership) -> None:
    async with each.running():
        await asyncio.Event().wait()
