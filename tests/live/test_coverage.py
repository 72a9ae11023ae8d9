"""Every call has its one row, whatever becomes of it: callers who hang up at any moment, agents who do so
first, transfers, engines that are killed and a manager interface that is cut; its row names each agent who
talked with the caller; and what callers have answered before any of that is kept.

ONECALL_COVERAGE_CALLS says how many call (`make coverage-proof`: 2,000).
"""

from __future__ import annotations

import asyncio
import os
from collections import Counter, defaultdict
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import pytest

from ivr.adapters.clock import SystemClock
from ivr.adapters.store.covered import BEGINNING
from ivr.adapters.store.database import DatabaseStore
from ivr.app.ledger import DATABASE
from ivr.app.surveys.verifying import Proof
from ivr.model.errors import PortError
from ivr.ports.agents import AgentState
from ivr.ports.coverage import CoverageRow, How
from lab.phone_call import CallFailed, NotHeard, PhoneCall
from lab.proxy import Wire
from lab.site import HOTLINE, Lab
from lab.telephone import Telephone
from tests.live.floor_kit import Floor, Seat
from tests.live.kit import ZONE
from tests.live.test_floor_load import ami

CALLS = int(os.environ.get("ONECALL_COVERAGE_CALLS", "60"))
MANY = CALLS >= 250
"""Enough for what is rare to happen: a kill between two answers of a caller."""
A_SECOND = 4.0
"""How many call within one."""
AGENTS = [str(number) for number in range(1001, 1009)]
GONE_S = 3
TROUBLES = (("cut", 6.0), ("kill", 20.0)) if MANY else (("cut", 3.0), ("kill", 6.0))
"""What happens, again and again, and how long after the one before; an engine is gone for a while."""
DEAD_S, CUT_S = 1.0, 1.0
WITHIN_S = 60.0
"""How long anything may take; callers mostly leave before."""
SAID = (("satisfied", "12345", "survey-solved"), ("solved", "12#", "survey-thanks"))
"""The questions, their keys, and what is heard next."""
pytestmark = [
    pytest.mark.asterisk,
    pytest.mark.alone,
    pytest.mark.timeout(180 + CALLS),
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


class Keyed(NamedTuple):
    """An answer that was heard: the next thing followed it. `at` is in loop seconds."""

    ani: str
    question: str
    key: str
    at: float


class Crowd:
    """Callers and agents: the same for the same seed."""

    def __init__(self, floor: Floor, seed: int) -> None:
        self.chance = Random(seed)
        self.floor = floor
        self.calls: dict[str, PhoneCall] = {}
        self.keyed: list[Keyed] = []
        self.talked: dict[str, list[str]] = defaultdict(list)
        """The agents who picked up for each caller, in order."""
        self.over = asyncio.Event()

    async def caller(self, number: int) -> None:
        """Call, key something, and hang up at any moment, or never."""
        chance = Random(f"{number} of the crowd")
        ani = f"139{number:08d}"
        self.calls[ani] = call = await self.floor.telephone.call(HOTLINE, ani=ani, wait=False)
        patience = chance.choice((chance.uniform(0.1, 3), chance.uniform(3, 12), 25.0))
        # Who meets no engine, or a dead one, is not asked.
        with suppress(TimeoutError, CallFailed, NotHeard):
            await call.answered(WITHIN_S)
            async with asyncio.timeout(patience):
                await self._keys(ani, call, chance)
        if call.cause is None:
            await call.hang_up()

    async def _keys(self, ani: str, call: PhoneCall, chance: Random) -> None:
        await call.hears("main-menu", WITHIN_S)
        await call.press(chance.choice("1112"))
        await call.hears("survey-satisfied", WITHIN_S)
        for question, keys, then in SAID:
            key, before = chance.choice(keys), len(call.heard)
            await call.press(key)
            await call.hears(then, WITHIN_S)
            # A key that went to an engine as it died is asked for again, and nobody answers then.
            if not any(one.is_called(f"survey-{question}") for one in call.heard[before:]):
                at = asyncio.get_running_loop().time()
                self.keyed.append(Keyed(ani, question, key.replace("#", ""), at))
        await call.ended(WITHIN_S)

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
            await leg.ended(WITHIN_S)
            return
        with suppress(CallFailed):
            await seat.phone.pick_up(leg)
            self.talked[leg.caller].append(seat.agent)
            with suppress(TimeoutError):
                await leg.ended(self.chance.uniform(0.3, 1.5))
            if what > 0.8 and leg.cause is None:
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
        self.killed: list[float] = []
        """When, in loop seconds."""
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
        self.killed.append(asyncio.get_running_loop().time())
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
            began = loop.time()
            async with asyncio.TaskGroup() as work:
                for seat in seats:
                    work.create_task(crowd.agent(seat))
                work.create_task(trouble.go_on(crowd.over))
                await everybody(crowd)
                crowd.over.set()
            await floor.empty(within=WITHIN_S)
            rows = await covered(floor, answered(crowd))
            took = loop.time() - began
            answers = await proven(floor)
    cut_short = survived(crowd, trouble)
    sent_on = [row for row in rows if len(row.legs) > 1]
    for what, worth in (
        ("calls", len(rows)),
        ("seconds", round(took, 1)),
        ("troubles", dict(trouble.happened)),
        ("rows", dict(Counter(row.reason or row.how.value for row in rows))),
        ("hung up first", dict(Counter(row.ended for row in rows))),
        ("ended by", dict(Counter(row.outcome for row in rows))),
        ("talked with several agents", len(sent_on)),
        ("answers", len(answers)),
        ("answers followed by a kill in the same call", cut_short),
    ):
        record_testsuite_property(what, worth)
    numbers = {row.ani: row.call_id for row in rows}
    lost = [one for one in crowd.keyed if answers.get((numbers[one.ani], one.question)) != one.key]
    assert lost == []
    assert crowd.keyed
    for row in rows:
        assert in_order([leg.agent for leg in row.legs], crowd.talked[row.ani]), row
    assert any(len({leg.agent for leg in row.legs}) > 1 for row in sent_on)
    assert trouble.happened["kill"] > 0
    assert cut_short > 0 or not MANY
    assert {row.how for row in rows} == {How.IN_CALL, How.INELIGIBLE}
    assert {"agent", "caller"} <= {row.ended for row in rows}


async def everybody(crowd: Crowd) -> None:
    """Have all callers call, one after another, and wait until the last is gone."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    async with asyncio.TaskGroup() as callers:
        for number in range(CALLS):
            await asyncio.sleep(max(0.0, began + number / A_SECOND - loop.time()))
            callers.create_task(crowd.caller(number))


def answered(crowd: Crowd) -> set[str]:
    """Return the numbers whose calls Asterisk answered."""
    return {ani for ani, call in crowd.calls.items() if call.answered_on_wire is not None}


def survived(crowd: Crowd, trouble: Trouble) -> int:
    """Return how many answers had been heard in calls whose engine was killed later."""

    def killed_after(one: Keyed) -> bool:
        ended = crowd.calls[one.ani].ended_at or one.at
        return any(one.at < at < ended for at in trouble.killed)

    return sum(map(killed_after, crowd.keyed))


def in_order(some: list[str], of: list[str]) -> bool:
    """Whether these are among those, in their order."""
    rest = iter(of)
    return all(one in rest for one in some)


async def covered(floor: Floor, anis: set[str]) -> list[CoverageRow]:
    """Wait until every call has its row: of those without an end, the engine finds out. No row is one
    too many."""
    store = await DatabaseStore.open(floor.engine.folder / DATABASE, SystemClock(ZONE))
    try:
        with suppress(TimeoutError):
            async with asyncio.timeout(GONE_S + WITHIN_S):
                while await store.coverage.count() < len(anis):  # noqa: ASYNC110 - another process's write
                    await asyncio.sleep(0.2)
        found = [row async for row in store.coverage.rows(BEGINNING)]
    finally:
        await store.close()
    by = Counter(row.ani for row in found)
    assert set(by) == anis, set(by) ^ anis
    assert set(by.values()) == {1}, [ani for ani, count in by.items() if count > 1]
    return found


async def proven(floor: Floor) -> dict[tuple[str, str], str]:
    """Prove the ledger; return the answers that it has, by call and question."""
    store = await DatabaseStore.open(floor.engine.folder / DATABASE, SystemClock(ZONE))
    try:
        verdict = await Proof(store).verdict()
        assert verdict.fault is None, verdict
        assert verdict.compared == verdict.rows
        asked = [one async for one in store.coverage.asked(BEGINNING)]
    finally:
        await store.close()
    return {(one.call_id, name): answer for one in asked for name, answer in one.answers.items()}
