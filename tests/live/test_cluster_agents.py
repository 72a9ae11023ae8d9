"""One floor for two Asterisks and two engines: agents registered at the proxy, callers anywhere, a leader who dies,
and a database and a Redis that go away meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from ivr.ports.agents import AgentState
from lab.cluster import ASTERISKS, Cluster
from lab.phone_call import PhoneCall
from lab.telephone import Telephone
from tests.live.cluster_kit import WITHIN_S, Nodes, placed
from tests.live.floor_kit import Seat

pytestmark = [pytest.mark.asterisk, pytest.mark.timeout(240)]
NEXT_LEADER_S = 3.0
QUEUES = """\
queues:
  service:
    agents: [anyone]
    empty: wait
    wrap_up: {time: 200ms}
    rna: {ring: 9s, skip: 300ms, pause_after: 3}
    announce: {every: 60s}
"""


def hotline(site: Cluster, lines: Telephone, folder: Path) -> Nodes:
    """Return a hotline, not started, where everybody waits for an agent, whose rest between calls is short."""
    nodes = Nodes(site, lines, folder)
    (folder / "flows" / "queues.yaml").write_text(QUEUES, "utf-8")
    return nodes


async def waiting(nodes: Nodes, number: int) -> tuple[str, PhoneCall]:
    """Call, and hear that there are others; return which Asterisk took the call."""
    name, call = await placed(nodes.site, nodes.telephone, f"1390000000{number}")
    await call.hears("music", within=WITHIN_S)
    return name, call


async def served(seat: Seat, call: PhoneCall, ani: str) -> None:
    """The agent talks with this caller next."""
    leg = await seat.takes()
    assert leg.caller == ani
    await seat.is_(AgentState.TALKING)
    await leg.hang_up()
    await call.hears("goodbye", within=WITHIN_S)
    await call.ended()


async def test_who_came_first_is_served_first_on_whichever_asterisk(
    site: Cluster, lines: Telephone, tmp_path: Path
) -> None:
    async with hotline(site, lines, tmp_path) as nodes:
        callers = [await waiting(nodes, number) for number in range(4)]
        assert {name for name, _ in callers} == {*ASTERISKS}
        seat = Seat(nodes, "1001")
        await seat.at_work()
        for number, (_, call) in enumerate(callers):
            await served(seat, call, f"1390000000{number}")
        code = await lines.call("*13", line="agent1001")
        await code.hears("staff-reasons", within=WITHIN_S)
        await code.press("1")
        await seat.is_(AgentState.PAUSED)
        await code.hang_up()
        await nodes.empty()


async def test_the_next_leader_goes_on_where_the_last_one_was_killed(
    site: Cluster,
    lines: Telephone,
    tmp_path: Path,
    record_testsuite_property: Callable[[str, object], None],
) -> None:
    loop = asyncio.get_running_loop()
    async with hotline(site, lines, tmp_path) as nodes:
        first, second = Seat(nodes, "1001"), Seat(nodes, "1002")
        _, talks = await waiting(nodes, 0)
        await first.at_work()
        leg = await first.takes()
        await first.is_(AgentState.TALKING)
        await second.at_work()
        await nodes.far.agents.pause("1002", "")
        callers = [await waiting(nodes, number) for number in (1, 2)]
        leads = await nodes.leader()
        nodes.ask(1 - leads)
        nodes.engines[leads].kill()
        killed = loop.time()
        await nodes.far.agents.ready("1002")
        ringing = await second.phone.rings(within=WITHIN_S)
        took = loop.time() - killed
        record_testsuite_property("next match after the leader was killed, s", round(took, 2))
        assert took <= NEXT_LEADER_S
        assert ringing.caller == "13900000001"
        await second.phone.pick_up(ringing)
        await second.is_(AgentState.TALKING)
        await ringing.hang_up()
        await callers[0][1].hears("goodbye", within=WITHIN_S)
        await served(second, callers[1][1], "13900000002")
        assert (await first.is_(AgentState.TALKING)).agent == "1001"
        await leg.hang_up()
        await talks.hears("goodbye", within=WITHIN_S)
        await nodes.empty()


async def test_a_redis_that_dies_or_forgets_and_a_database_that_restarts_cost_no_call(
    site: Cluster, lines: Telephone, tmp_path: Path
) -> None:
    async with hotline(site, lines, tmp_path) as nodes:
        seat = Seat(nodes, "1001")
        callers = [await waiting(nodes, number) for number in range(4)]
        await seat.at_work()
        await served(seat, callers[0][1], "13900000000")
        site.redis.kill()
        await served(seat, callers[1][1], "13900000001")
        site.redis.start()
        await served(seat, callers[2][1], "13900000002")
        await asyncio.to_thread(site.postgres.restart)
        await served(seat, callers[3][1], "13900000003")
        site.redis.forget()
        _, call = await waiting(nodes, 4)
        await served(seat, call, "13900000004")
        await nodes.empty()
