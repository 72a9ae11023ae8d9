"""The demo hotline in the simulator: every scripted caller, cut off and hung up everywhere."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime
from itertools import dropwhile
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from ivr import pins
from ivr.adapters.cases.memory import MemoryCases
from ivr.adapters.clock import SystemClock
from ivr.adapters.flowfile.loader import load
from ivr.adapters.sim.callers import load_caller
from ivr.adapters.sim.phone import Deed, Happening, Listening, Phone, ScriptedPhone
from ivr.adapters.sim.simulation import Incoming, Report, Simulation
from ivr.adapters.store.profiles import MemoryProfiles
from ivr.app.cases.simulated import simulated_cases
from ivr.app.config import Config
from ivr.app.demo import seed
from ivr.app.simulation import choose, demo_ports, first_number, prompts_of, rehearsing, simulation
from ivr.engine.replay import rerun
from ivr.model.errors import FlowError
from ivr.model.events import CallResumed, HungUp, StepEntered
from ivr.model.prompt import Recording

ROOT = Path(__file__).parents[2]
CALLERS = sorted((ROOT / "flows" / "callers").glob("*.yaml"))
ZONE = "Asia/Shanghai"
MONDAY = datetime(2026, 11, 23, 10, tzinfo=ZoneInfo(ZONE))
FLOWS = load(ROOT / "flows")
PROMPTS = prompts_of(ROOT / "prompts")
CONFIG = Config().resolved(ROOT)

LOCKED_OUT = "6222021007"
"""The account whose PIN the callers get wrong."""

CHANGING = (
    *("order-", "pay-", "refund", "change-pin", "assist-", "staff-"),
    *("callback-promised", "called-back", "confirm-call", "offer-refused"),
)
UNCHANGING = [file for file in CALLERS if not file.stem.startswith(CHANGING)]
"""Callers who leave the bank and the agents as they are, so that the next call may find them so. What
becomes of orders and payments at every moment is tried elsewhere (test_hanging_up.py, test_payments.py)."""

each_caller = pytest.mark.parametrize("file", CALLERS, ids=lambda file: file.stem)
each_unchanging = pytest.mark.parametrize("file", UNCHANGING, ids=lambda file: file.stem)


@pytest.fixture(scope="module")
def bank_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo bank, its PINs hashed cheaply: a hash says how it is checked."""
    file = tmp_path_factory.mktemp("bank") / "bank.sqlite"
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(pins, "MEMORY_KIB", 64)
        seed(file)
    return file


class Demo:
    """The demo hotline, with nobody locked out and nothing remembered whenever a call begins."""

    def __init__(self, ports: dict[str, Any]) -> None:
        self._ports = ports

    async def simulation(self) -> Simulation:
        await self._ports["bank"].unlock(LOCKED_OUT, "test", "a new call")
        ports = {**self._ports, "profiles": MemoryProfiles()}
        made = {"cases": simulated_cases(MemoryCases(), FLOWS)}
        return Simulation(FLOWS, PROMPTS, ports, start=MONDAY, made=made, budgets={"profiles": 800})


@asynccontextmanager
async def demo(file: Path) -> AsyncIterator[Demo]:
    async with demo_ports(file.parent, SystemClock(ZONE)) as ports:
        yield Demo(ports)


def test_there_are_callers() -> None:
    assert CALLERS


@pytest.fixture(scope="module")
def begin() -> Iterator[Callable[[], AbstractAsyncContextManager[Simulation]]]:
    """Begins a call to a hotline of its own."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(pins, "MEMORY_KIB", 64)
        with rehearsing(FLOWS, CONFIG, MONDAY) as begin:
            yield begin


@each_caller
async def test_a_caller(
    file: Path, begin: Callable[[], AbstractAsyncContextManager[Simulation]]
) -> None:
    async with begin() as running:
        report = await running.play(load_caller(file))
    assert report.failures == ()
    assert report.closed
    again = [moment.event for moment in rerun(FLOWS, report.journal) if moment.event is not None]
    assert again == [one for one in report.events if not one.told_aside]


@pytest.mark.proof
@each_unchanging
async def test_a_caller_whose_engine_is_lost_at_each_step_comes_to_the_same_end(
    file: Path, bank_file: Path
) -> None:
    caller = load_caller(file)
    async with demo(bank_file) as hotline:
        whole = await (await hotline.simulation()).play(caller)
        for lose_at in range(1, whole.saves + 1):
            report = await (await hotline.simulation()).play(caller, lose_at=lose_at)
            where = f"lost at visit {lose_at} of {whole.saves}"
            assert report.ended == whole.ended, where
            assert report.trail == whole.trail, where
            there = lose_at <= _visits_with_the_caller(whole)
            resumed = next(one for one in report.events if isinstance(one, CallResumed))
            node = FLOWS.flows[resumed.flow].steps[resumed.step]
            repeated = there and not node.step.conversation
            assert report.heard.count("sorry-repeat") == repeated, where
            assert report.closed, where


def _visits_with_the_caller(report: Report) -> int:
    """Return how many visits of steps began before the caller hung up: a step that stays has several,
    all of them before."""
    gone = dropwhile(lambda event: not isinstance(event, HungUp), report.events)
    return report.saves - sum(isinstance(event, StepEntered) for event in gone)


@pytest.mark.proof
@each_unchanging
async def test_a_caller_who_hangs_up_at_each_prompt_is_let_go(
    file: Path, bank_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(secrets, "randbelow", lambda below: below // 2)  # the same case number
    caller = load_caller(file)
    async with demo(bank_file) as hotline:
        whole = await (await hotline.simulation()).play(caller)
        for prompt in range(len(whole.heard)):
            phone = HangsUpAt(ScriptedPhone(caller.script), prompt)
            incoming = Incoming(
                dnis=caller.calls,
                ani=caller.ani,
                at=caller.at,
                faults=caller.faults,
                people=caller.people,
                profiles=tuple(one.profile(name) for name, one in caller.profiles.items()),
            )
            report = await (await hotline.simulation()).call(phone, incoming)
            assert report.ended == "caller", whole.heard[prompt]
            assert report.heard == whole.heard[: prompt + 1]
            assert report.closed


class HangsUpAt:
    """A caller who hangs up a moment after the given recording began."""

    def __init__(self, phone: Phone, prompt: int) -> None:
        self._phone = phone
        self._left = prompt
        self._leaves_ms: int | None = None

    def began(self, recording: Recording, at_ms: int) -> None:
        self._phone.began(recording, at_ms)
        if self._left == 0:
            self._leaves_ms = at_ms + 1
        self._left -= 1

    def next(self, now_ms: int, until_ms: int, listening: Listening) -> Happening | None:
        if self._leaves_ms is not None and self._leaves_ms <= until_ms:
            return Happening(self._leaves_ms, Deed.HANGUP)
        return self._phone.next(now_ms, until_ms, listening)


async def test_a_simulation_has_a_bank_of_its_own() -> None:
    caller = load_caller(ROOT / "flows" / "callers" / "balance-en.yaml")
    async with simulation(FLOWS, CONFIG, MONDAY) as running:
        assert (await running.play(caller)).failures == ()


def test_choosing_flows() -> None:
    assert choose(str(ROOT / "flows"), CONFIG).flow is None
    assert choose("branches", CONFIG).flow == "branches"
    assert choose(str(ROOT / "flows" / "voicemail.yaml"), CONFIG).flow == "voicemail"
    assert first_number(choose("main", CONFIG).flows) == "95500"
    with pytest.raises(
        FlowError, match=r"there is no flow `nobody`.*authenticate, .*branches, .*main"
    ):
        choose("nobody", CONFIG)


def test_a_file_outside_the_flows_folder_is_loaded_with_its_neighbours(tmp_path: Path) -> None:
    (tmp_path / "one.yaml").write_text(
        "flow: one\nlanguages: [en]\nstart: end\nsteps:\n  end: {hangup: }\n"
    )
    chosen = choose(str(tmp_path / "one.yaml"), CONFIG)
    assert chosen.flow == "one"
    with pytest.raises(FlowError, match="no flow has `numbers`"):
        first_number(chosen.flows)


async def test_without_prompts_their_ids_are_heard(tmp_path: Path, bank_file: Path) -> None:
    prompts = prompts_of(tmp_path / "nowhere")
    phone = ScriptedPhone(load_caller(CALLERS[0]).script[:1])
    async with demo_ports(bank_file.parent, SystemClock(ZONE)) as ports:
        running = Simulation(FLOWS, prompts, ports, start=MONDAY)
        report = await running.call(phone, Incoming(dnis="95500"))
    assert report.heard[0] == "welcome"
