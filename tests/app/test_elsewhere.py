"""A call that goes on at another engine: the first, cut off or frozen meanwhile, leaves it alone."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from ivr.adapters.clock import SystemClock
from ivr.adapters.flowfile import load_files
from ivr.app import calls
from ivr.app.ledger import Ledger
from ivr.centre.releases import State
from ivr.centre.releases.kinds.publishing import Publish
from ivr.model.events import CallEnded, CallResumed, Event
from tests.adapters.agi.peer import Peer, environment
from tests.app.test_publishes_under_load import FLOW, Node, answers, two_nodes

CALL = "1.1"


async def at_the_menu(node: Node) -> Peer:
    """Answer whatever the engine says until it waits for a key."""
    peer = Peer(*await asyncio.open_connection(*node.server.address))
    peer.writer.write(environment(uniqueid=CALL))
    while not (command := await peer.command()).startswith("WAIT FOR DIGIT"):
        peer.say(*answers(command))
    await node.store.flush()
    return peer


async def goes_on(peer: Peer) -> None:
    """Press the key, and hear the call to its end."""
    peer.say("200 result=49")
    while command := await peer.command():
        peer.say(*answers(command))
    await peer.close()


async def events(node: Node) -> list[Event]:
    await node.store.flush()
    return [one.event for one in await node.store.read_events(CALL)]


@pytest.mark.parametrize("elsewhere", [True, False])
async def test_an_engine_asks_who_has_a_call_before_it_ends_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, elsewhere: bool
) -> None:
    monkeypatch.setattr(calls, "MOVED_S", 0.01)
    async with two_nodes(tmp_path) as (first, second):
        flows = load_files({"main.yaml": FLOW.format(0)})
        ledger = Ledger(first.store, SystemClock("Asia/Shanghai"))
        await ledger.append(Publish(flows.version), why="", who="", after=State(), flows=flows)
        for node in (first, second):
            await node.published.look()
            await node.server.start()
        cut_off = await at_the_menu(first)
        caller = await at_the_menu(second) if elsewhere else None
        await cut_off.close()
        async with asyncio.timeout(5):
            while first.server.calls:  # noqa: ASYNC110 - a counter tells it
                await asyncio.sleep(0.01)
        happened = await events(first)
        assert any(isinstance(one, CallEnded) for one in happened) is not elsewhere
        kept = await second.store.sessions.load(CALL)
        assert (kept is not None) is elsewhere
        if caller is not None and kept is not None:
            assert kept.resumed == 1
            await goes_on(caller)
            happened = await events(second)
            assert [one for one in happened if isinstance(one, CallEnded | CallResumed)] == [
                CallResumed("main", "ask"),
                CallEnded("completed"),
            ]
            assert await second.store.sessions.load(CALL) is None
