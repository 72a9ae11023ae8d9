"""Thirty publishes and rollbacks while ten real calls are up: nobody hears two versions.

A thousand of them, without Asterisk, are in tests/app/test_publishes_under_load.py.
"""

from __future__ import annotations

import asyncio
import random
import signal
from pathlib import Path

import pytest

from ivr.adapters.clock import SystemClock
from ivr.adapters.flowfile import load_files
from ivr.adapters.store.database import DatabaseStore
from ivr.app.ledger import DATABASE, Ledger
from ivr.centre.releases import faults
from ivr.centre.releases.kinds.publishing import Publish, Rollback
from lab.engine import Engine
from lab.heard import UNKNOWN
from lab.site import Lab
from lab.telephone import PhoneCall, Telephone
from tests.live.kit import ZONE, bank, bare
from tests.queues import FILES, add_queues

pytestmark = [pytest.mark.asterisk, pytest.mark.timeout(60)]

VERSIONS = [
    ("item-balance", "about-recent"),
    ("item-funds", "about-today"),
    ("item-message", "about-yesterday"),
    ("item-branch-hours", "no-input"),
]
"""What each asks, and tells."""
SETS = [load_files({"main.yaml": bare(*said), **FILES}) for said in VERSIONS]
PUBLISHES = 30
CALLS = 10


async def test_publishes_under_real_calls(lab: Lab, phone: Telephone, tmp_path: Path) -> None:
    bank(tmp_path)
    (tmp_path / "flows").mkdir()
    (tmp_path / "flows" / "main.yaml").write_text(bare(*VERSIONS[0]), "utf-8")
    add_queues(tmp_path / "flows")
    chance = random.Random(95500)
    up: list[tuple[PhoneCall, str, str]] = []
    async with Engine(lab, tmp_path, {"flows": str(tmp_path / "flows")}) as engine:
        clock = SystemClock(ZONE)
        store = await DatabaseStore.open(tmp_path / DATABASE, clock)
        ledger = Ledger(store, clock)
        for number in range(PUBLISHES):
            version = await another(ledger, chance)
            engine.signal(signal.SIGHUP)
            state = await ledger.state()
            assert state.in_force is not None
            await engine.says(
                f"looked at ledger and prompts: entry {state.number}, release", within=10
            )
            if number % (PUBLISHES // CALLS) == 0:
                ani = f"138{number:08d}"
                up.append((await phone.call("95500", ani=ani), ani, version))
                # It has its version from here on; the next one is published after that.
                await engine.happens("CallStarted", ani=ani)
        assert not faults(await ledger.sealed())
        await store.close()
        await asyncio.gather(*(to_its_end(call, version) for call, _, version in up))
        started = {
            line["event"]["ani"]: line["event"]["version"]
            for line in engine.events
            if line["event"]["type"] == "CallStarted"
        }
        assert started == {ani: version for _, ani, version in up}


async def another(ledger: Ledger, chance: random.Random) -> str:
    """Publish another version, or roll back to one; return the version that is in force then."""
    state = await ledger.state()
    assert state.in_force is not None
    if len(state.history) > 1 and chance.random() < 0.4:
        back = chance.choice(state.history[-4:-1])
        await ledger.append(Rollback(back.number, back.version), why="", who="test", after=state)
        return back.version
    flows = chance.choice([one for one in SETS if one.version != state.in_force.version])
    await ledger.append(Publish(flows.version), why="", who="test", after=state, flows=flows)
    return flows.version


async def to_its_end(call: PhoneCall, version: str) -> None:
    """Hear what the version asked when the call began, and what it tells after all the publishes."""
    asks, tells = VERSIONS[[one.version for one in SETS].index(version)]
    await call.hears(asks, within=10)
    await call.press("2")
    await call.hears(tells, within=10)
    await call.ended(10)
    names = [heard.name.removeprefix("en/") for heard in call.heard if heard.name != UNKNOWN]
    assert names == [asks, tells]
