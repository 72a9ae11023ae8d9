"""A release that is tried on half of the callers, with real calls on the line."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from ivr.adapters.clock import SystemClock
from ivr.adapters.store.database import DatabaseStore
from ivr.app.ledger import DATABASE, Ledger
from ivr.centre.canary import Canary
from ivr.centre.releases import Entry, State
from lab.engine import Engine
from lab.installation import REPOSITORY
from lab.site import Lab
from lab.telephone import PhoneCall, Telephone
from tests.live.kit import ZONE, bank, bare
from tests.queues import add_queues

pytestmark = [pytest.mark.asterisk, pytest.mark.timeout(60)]

STABLE = bare("item-balance", "about-recent")
HARMLESS = bare("item-funds", "about-today")
HARMFUL = HARMLESS.replace("1: {goto: done", "1: {goto: agent")
QUICK = {"alpha": 0.5, "minimum": 4}
"""Evidence of 6 : 1 is enough: four callers who all ask for an agent, beside five who do not."""
WITHIN = 2.0


class Site:
    """A hotline whose flows are tried: its folder, its commands, its ledger."""

    def __init__(self, folder: Path, lab: Lab) -> None:
        bank(folder)
        self.folder = folder
        self.flows = folder / "flows"
        self.flows.mkdir()
        self.settings = {"flows": str(self.flows), "canary": QUICK}
        self._config = folder / f"onecall-{lab.ports.agi}.yaml"
        self.edit(STABLE)

    def edit(self, flow: str) -> None:
        """Change the flows folder, as an administrator does."""
        (self.flows / "main.yaml").write_text(flow, "utf-8")
        add_queues(self.flows)

    async def start(self, *arguments: str) -> asyncio.subprocess.Process:
        """Start a command."""
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "ivr", *arguments, "-c", str(self._config)),
            cwd=REPOSITORY,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )

    async def ivr(self, *arguments: str) -> str:
        """Run a command; return what it said."""
        said, _ = await (await self.start(*arguments)).communicate()
        return said.decode()

    async def ledger(self) -> tuple[State, list[Entry]]:
        """Return what the ledger says, and its entries."""
        clock = SystemClock(ZONE)
        store = await DatabaseStore.open(self.folder / DATABASE, clock)
        ledger = Ledger(store, clock)
        read = await ledger.state(), await ledger.entries()
        await store.close()
        return read

    async def tries(self, flow: str, *engines: Engine) -> Canary:
        """Publish a canary for half of the callers, and wait until the engines know."""
        self.edit(flow)
        # These flows are too bare for the gates: nobody is there at their end.
        said = await self.ivr("publish", "--canary", "50%", "--force", "-m", "try")
        assert "canary 50 % of callers" in said, said
        state, _ = await self.ledger()
        assert state.canary is not None
        for engine in engines:
            await engine.says(f"canary {state.canary.number} is heard by 50 % of callers")
        return state.canary


async def shown(
    watching: asyncio.subprocess.Process, expected: Callable[[dict[str, Any]], bool]
) -> None:
    """Read what `ivr canary status --watch --json` shows until it is what is expected."""
    assert watching.stdout is not None
    async for line in watching.stdout:
        if expected(json.loads(line)):
            return
    raise AssertionError("the canary ended before that was shown")


def callers(trial: Canary, *, on_it: bool, count: int) -> list[str]:
    """Return numbers that hear the canary, or that do not, as the pure function has it."""
    numbers = (f"138{number:08d}" for number in range(10_000))
    return [one for one in numbers if trial.takes(one, "") is on_it][:count]


async def served(phone: Telephone, ani: str, prompt: str) -> None:
    """Call, hear a version's own prompt, press 1, and be hung up on."""
    call = await phone.call("95500", ani=ani)
    await call.hears(prompt, within=10)
    await call.press("1")
    await call.ended(15)


async def all_served(phone: Telephone, anis: Sequence[str], prompt: str) -> None:
    """Have several callers served at the same time."""
    async with asyncio.TaskGroup() as calling:
        for ani in anis:
            calling.create_task(served(phone, ani, prompt))


async def told(call: PhoneCall, asks: str, tells: str) -> None:
    """Press 2 in a call that was held, and hear what only its own version says."""
    await call.hears(asks, within=10)
    await call.press("2")
    await call.hears(tells, within=10)
    await call.ended(15)


async def test_a_harmful_canary_is_taken_back_by_itself(
    lab: Lab, phone: Telephone, tmp_path: Path
) -> None:
    """It sends everybody who presses 1 to an agent. Two nodes; a caller of each side is on the line."""
    site = Site(tmp_path, lab)
    async with (
        Engine(lab, tmp_path, site.settings) as engine,
        Engine(lab, tmp_path, site.settings, port=lab.ports.agi_second) as other,
    ):
        trial = await site.tries(HARMFUL, engine, other)
        holds, *on_it = callers(trial, on_it=True, count=5)
        stays, last, *beside = callers(trial, on_it=False, count=6)
        watching = await site.start("canary", "status", "--watch", "--json")
        await shown(watching, lambda seen: seen["canary"]["state"] == "watching")
        on_the_canary = await phone.call("95500", ani=holds)
        on_the_stable = await phone.call("95500", ani=stays)
        await all_served(phone, beside, "item-balance")
        await all_served(phone, on_it, "item-funds")
        await shown(watching, lambda seen: seen["canary"]["metrics"][0]["canary"]["hits"] == 4)
        # The others of the canary wait for one to be compared with: the call that makes it evident.
        await served(phone, last, "item-balance")
        evident = asyncio.get_running_loop().time()
        for node in (engine, other):
            await node.says(f"canary {trial.number} is over", within=10)
        assert asyncio.get_running_loop().time() - evident <= WITHIN

        state, entries = await site.ledger()
        assert state.canary is None
        ends = [entry for entry in entries if entry.number > trial.number]
        assert [entry.act.words for entry in ends] == [f"canary {trial.number} rolled back"]
        assert ends[0].why.startswith("zero-out")
        await shown(watching, lambda seen: "rolled back" in (seen["ended"] or {}).get("words", ""))
        assert await watching.wait() == 1
        await asyncio.gather(
            served(phone, on_it[0], "item-balance"),
            told(on_the_canary, "item-funds", "about-today"),
            told(on_the_stable, "item-balance", "about-recent"),
        )


async def test_a_harmless_canary_stays_until_a_person_promotes_it(
    lab: Lab, phone: Telephone, tmp_path: Path
) -> None:
    site = Site(tmp_path, lab)
    async with Engine(lab, tmp_path, site.settings) as engine:
        trial = await site.tries(HARMLESS, engine)
        stays, *beside = callers(trial, on_it=False, count=5)
        held = await phone.call("95500", ani=stays)
        await asyncio.gather(
            all_served(phone, beside, "item-balance"),
            all_served(phone, callers(trial, on_it=True, count=4), "item-funds"),
        )
        canary = json.loads(await site.ivr("canary", "status", "--json"))["canary"]
        assert canary["state"] == "watching"
        zero_out = canary["metrics"][0]
        assert (zero_out["canary"]["calls"], zero_out["stable"]["calls"]) == (4, 4)
        assert zero_out["canary"]["hits"] == zero_out["stable"]["hits"] == 0
        said = await site.ivr("canary", "promote", "-m", "no harm in eight calls")
        assert f"canary {trial.number} promoted" in said
        await engine.says(f"canary {trial.number} is over")
        await asyncio.gather(
            served(phone, beside[0], "item-funds"), told(held, "item-balance", "about-recent")
        )
