"""Every call has its one row, whatever becomes of it: callers who hang up at any moment, agents who do so
first, transfers, engines that are killed and a manager interface that is cut; and what callers have
answered before any of that is kept.

ONECALL_COVERAGE_CALLS says how many call (`make coverage-proof`: 2,000).
"""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from ivr.adapters.clock import SystemClock
from ivr.adapters.store.covered import BEGINNING
from ivr.adapters.store.sqlite import SqliteStore
from ivr.app.ledger import DATABASE
from ivr.app.surveys.verifying import Proof
from ivr.model.errors import PortError
from ivr.model.events import DigitsCollected, PromptPlayed, SurveyAnswered
from ivr.ports.agents import AgentState
from ivr.ports.coverage import CoverageRow, How
from lab.engine import Event
from lab.phone_call import CallFailed, NotHeard, PhoneCall
from lab.proxy import Wire
from lab.site import HOTLINE, Lab
from lab.telephone import Telephone
from tests.live.floor_kit import Floor, Seat
from tests.live.kit import ZONE
from tests.live.test_floor_load import ami

CALLS = int(os.environ.get("ONECALL_COVERAGE_CALLS", "60"))
A_SECOND = 3.0
"""How many call within one."""
AGENTS = [str(number) for number in range(1001, 1009)]
GONE_S = 3
TROUBLES = (("cut", 6.0), ("kill", 10.0))
"""What happens, again and again, and how long after the one before; an engine is gone for a while."""
DEAD_S, CUT_S = 1.0, 1.0
pytestmark = [
    pytest.mark.asterisk,
    pytest.mark.alone,
    pytest.mark.timeout(90 + 2 * CALLS),
    # A caller who hangs up before there is sound leaves the lab a socket for the collector.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

MAIN = """\
flow: main
numbers: ["95500"]
languages: [zh]
start: ask
steps:
  ask:
    menu:
      prompt: main-menu
      choices:
        1: {goto: agent, label: agent}
        2: {goto: rate, label: done}
      timeout: 3s
      tries: 1
    on: {no_input: agent, invalid: agent}
  agent:
    queue: {name: service}
    on:
      served: rate
      timeout: rate
      full: rate
      empty: rate
      closed: rate
      overflow: rate
  rate: {survey: {}, next: end}
  end: {hangup: completed}
"""
QUEUES = """\
queues:
  service:
    agents: [anyone]
    empty: wait
    wrap_up: {time: 300ms}
    rna: {ring: 1s, skip: 500ms, pause_after: 3}
    announce: {every: 60s}
  loans: {agents: [anyone], empty: wait, wrap_up: {time: 300ms}, rna: {ring: 1s, skip: 500ms}}
"""
RULES = "survey_rules: {shortest: 1s, later: {by: []}}\n"
SURVEY = """\
survey: {name}
kind: {kind}
languages: [zh]
intro: survey-intro
timeout: 1s
questions:
  satisfied: {{ask: survey-satisfied, answer: scale, measures: csat}}
  solved: {{ask: survey-solved, answer: yes_no, measures: fcr}}
"""


class Crowd:
    """Callers and agents: the same for the same seed."""

    def __init__(self, floor: Floor, seed: int) -> None:
        self.chance = Random(seed)
        self.floor = floor
        self.calls: dict[str, PhoneCall] = {}
        self.over = asyncio.Event()

    async def caller(self, number: int) -> None:
        """Call, key something, and hang up at any moment, or never."""
        chance = Random(f"{number} of the crowd")
        ani = f"139{number:08d}"
        with suppress(CallFailed):
            call = await self.floor.telephone.call(HOTLINE, ani=ani)
            self.calls[ani] = call
            patience = chance.choice((chance.uniform(0.1, 3), chance.uniform(3, 12), 25.0))
            leaves = asyncio.get_running_loop().time() + patience
            # Who meets no engine, or a dead one, is not asked.
            with suppress(TimeoutError, CallFailed, NotHeard):
                async with asyncio.timeout_at(leaves):
                    await self._keys(call, chance)
            if call.cause is None:
                await call.hang_up()
            with suppress(TimeoutError):
                await call.ended(30)  # whoever stays is found when the floor must be empty

    async def _keys(self, call: PhoneCall, chance: Random) -> None:
        await call.hears("main-menu", 20)
        await call.press(chance.choice("1112"))
        await call.hears("survey-satisfied", 60)
        await call.press(chance.choice("12345"))
        await call.hears("survey-solved", 20)
        await call.press(chance.choice("12#"))
        await call.ended(30)

    async def agent(self, seat: Seat) -> None:
        """Take calls, miss some, send some on, and hang up first now and then."""
        while not self.over.is_set():
            with suppress(TimeoutError):
                await self._serve(seat, await seat.phone.rings(0.5))
            with suppress(PortError):
                await self._ready(seat)

    async def _serve(self, seat: Seat, leg: PhoneCall) -> None:
        what = self.chance.random()
        if what < 0.1:
            await leg.ended(30)
            return
        with suppress(CallFailed):
            await seat.phone.pick_up(leg)
            with suppress(TimeoutError):
                await leg.ended(self.chance.uniform(0.5, 2.5))
            if what > 0.8:
                with suppress(PortError):
                    await self.floor.far.agents.transfer(seat.agent, "queue:loans")
            if leg.cause is None:
                await leg.hang_up()

    async def _ready(self, seat: Seat) -> None:
        views = {view.agent: view for view in await self.floor.far.agents.views()}
        if views[seat.agent].state is AgentState.PAUSED:
            await self.floor.far.agents.ready(seat.agent)


class Trouble:
    """Cuts the manager interface and kills the engine, in turn, until it is over."""

    def __init__(self, floor: Floor, wire: Wire) -> None:
        self.happened: Counter[str] = Counter()
        self._floor = floor
        self._wire = wire

    async def go_on(self, over: asyncio.Event) -> None:
        """Make trouble; at the end there is an engine, and it has its wire."""
        while not over.is_set():
            for what, after in TROUBLES:
                with suppress(TimeoutError):
                    async with asyncio.timeout(after):
                        await over.wait()
                if over.is_set():
                    return
                await getattr(self, f"_{what}")()
                self.happened[what] += 1

    async def _cut(self) -> None:
        self._wire.cut()
        await asyncio.sleep(CUT_S)
        self._wire.mend()

    async def _kill(self) -> None:
        engine = self._floor.engine
        engine.kill()
        await engine.gone()
        await asyncio.sleep(DEAD_S)
        await engine.start()


def flows(folder: Path) -> None:
    """Have the hotline ask everybody, in short."""
    flows = folder / "flows"
    for path in (*flows.glob("surveys/*.yaml"), *flows.glob("survey*.yaml")):
        path.unlink()
    (flows / "surveys").mkdir(exist_ok=True)
    for name, kind in (("after-agent", "agent"), ("self-service", "self_service")):
        (flows / "surveys" / f"{name}.yaml").write_text(SURVEY.format(name=name, kind=kind))
    for name, text in (("main", MAIN), ("queues", QUEUES), ("survey_rules", RULES)):
        (flows / f"{name}.yaml").write_text(text, "utf-8")


async def test_every_call_has_its_one_row_and_every_answer_is_kept(
    patient_lab: Lab, tmp_path: Path, record_testsuite_property: Any
) -> None:
    loop = asyncio.get_running_loop()
    async with Wire(patient_lab.ports.ami) as wire, Telephone(patient_lab, mute=True) as phone:
        settings = {"ami": ami(patient_lab, wire.port), "coverage": {"gone": f"{GONE_S}s"}}
        floor = Floor(patient_lab, phone, tmp_path, settings)
        flows(tmp_path)
        async with floor:
            crowd, trouble = Crowd(floor, 20261122), Trouble(floor, wire)
            seats = [Seat(floor, agent) for agent in AGENTS]
            for seat in seats:
                await seat.at_work()
            agents = [asyncio.create_task(crowd.agent(seat)) for seat in seats]
            troubled = asyncio.create_task(trouble.go_on(crowd.over))
            began = loop.time()
            callers = []
            for number in range(CALLS):
                await asyncio.sleep(max(0.0, began + number / A_SECOND - loop.time()))
                callers.append(asyncio.create_task(crowd.caller(number)))
            await asyncio.gather(*callers)
            crowd.over.set()
            await asyncio.gather(troubled, *agents)
            await floor.empty(within=30)
            rows = await covered(floor, answered(crowd))
            took = loop.time() - began
            answers = await proven(floor)
    for what, worth in (
        ("calls", len(answered(crowd))),
        ("seconds", round(took, 1)),
        ("troubles", dict(trouble.happened)),
        ("rows", dict(Counter(row.reason or row.how.value for row in rows))),
        ("hung up first", dict(Counter(row.ended for row in rows))),
        ("ended by", dict(Counter(row.outcome for row in rows))),
        ("answers", answers),
    ):
        record_testsuite_property(what, worth)
    assert trouble.happened["kill"] > 0
    assert {row.how for row in rows} == {How.IN_CALL, How.INELIGIBLE}
    assert {"agent", "caller"} <= {row.ended for row in rows}
    assert answers > 0


def answered(crowd: Crowd) -> set[str]:
    """Return the numbers whose calls Asterisk answered."""
    return {ani for ani, call in crowd.calls.items() if call.answered_on_wire is not None}


async def covered(floor: Floor, anis: set[str]) -> list[CoverageRow]:
    """Wait until every call has its row: of those without an end, the engine finds out. No row is one
    too many."""
    store = await SqliteStore.open(floor.engine.folder / DATABASE, SystemClock(ZONE))
    try:
        async with asyncio.timeout(GONE_S + 30):
            while True:
                found = [row async for row in store.coverage.rows(BEGINNING)]
                if anis <= {row.ani for row in found}:
                    break
                # Another process writes it.
                await asyncio.sleep(0.2)
        by = Counter(row.ani for row in found)
        assert set(by) == anis, set(by) ^ anis
        assert set(by.values()) == {1}, [ani for ani, count in by.items() if count > 1]
        return found
    finally:
        await store.close()


async def proven(floor: Floor) -> int:
    """Prove the ledger; return how many answers it has: all to which something followed are among them."""
    store = await SqliteStore.open(floor.engine.folder / DATABASE, SystemClock(ZONE))
    try:
        verdict = await Proof(store).verdict()
        assert verdict.fault is None, verdict
        assert verdict.compared == verdict.rows
        asked = [one async for one in store.coverage.asked(BEGINNING - timedelta(days=1))]
        kept = {
            (one.call_id, name): answer for one in asked for name, answer in one.answers.items()
        }
        heard = followed(floor.engine.events)
        assert heard <= set(kept), heard - set(kept)
        return len(kept)
    finally:
        await store.close()


def followed(feed: list[Event]) -> set[tuple[str, str]]:
    """Return the answers (call, question) after which the caller heard the next thing: whatever was
    killed then, they had been kept before."""
    waiting: dict[str, str] = {}
    found = set()
    for line in feed:
        call, event = line["call"], line["event"]
        if call in waiting and event["type"] in (PromptPlayed.__name__, DigitsCollected.__name__):
            found.add((call, waiting.pop(call)))
        if event["type"] == SurveyAnswered.__name__:
            waiting[call] = event["question"]
    return found
