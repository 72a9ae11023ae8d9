"""Calls on a virtual clock, through small flows."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from ivr.adapters.flowfile.loader import load_files
from ivr.adapters.sim.prompts import SimPrompts
from ivr.adapters.sim.simulation import (
    FALLBACK,
    Incoming,
    Report,
    Simulation,
)
from ivr.adapters.sim.transcript import Kind
from ivr.adapters.store.profiles import MemoryProfiles
from ivr.engine.journal import Raised, decode
from ivr.engine.replay import rerun
from ivr.model.errors import FlowError
from ivr.model.events import CallEnded, HungUp
from ivr.model.limits import Limits
from ivr.model.scripted import ScriptedCaller
from ivr.model.values import Money
from tests.adapters.sim.kit import phone

MONDAY = datetime(2026, 11, 23, 10, tzinfo=ZoneInfo("Asia/Shanghai"))

MAIN = """\
flow: main
numbers: ["95500"]
languages: [en, zh]
start: welcome
steps:
  welcome: {say: welcome, next: menu}
  menu:
    menu: {prompt: main-menu, choices: {1: balance, 2: agent, 3: hours, 4: message, "#": bye}}
    on: {no_input: bye, invalid: bye}
  balance:
    balance: {account: "77"}
    on: {done: tell, unavailable: unavailable}
  tell: {say: [balance-is, {money: "{{ balance }}"}], next: menu}
  unavailable: {say: bank-unavailable, next: menu}
  agent: {queue: service, on: {served: bye, timeout: menu, full: menu, empty: menu, closed: menu, overflow: menu}}
  hours: {hours: office, on: {open: agent, closed: bye, holiday: bye}}
  message: {record: {into: message}, on: {done: menu, no_input: menu}}
  bye: {hangup: completed}
"""
OFFICE = "calendar: office\nzone: Asia/Shanghai\nweek: {mon-fri: ['09:00-17:00']}\n"
BROKEN = """\
flow: broken
languages: [en]
start: tell
steps:
  tell: {say: [{money: "{{ nothing }}"}], next: end}
  end: {hangup: }
"""
FLOWS = load_files({"main.yaml": MAIN, "office.yaml": OFFICE, "broken.yaml": BROKEN})


class Bank:
    """One account."""

    async def balance(self, account: str) -> Money:
        return Money.of("12.30")


def simulation(limits: Limits | None = None) -> Simulation:
    return Simulation(FLOWS, SimPrompts({}), {"bank": Bank()}, start=MONDAY, limits=limits)


def caller(
    *script: object, expects: Mapping[str, Any] | None = None, **more: object
) -> ScriptedCaller:
    body = {"caller": "test", "calls": "95500", "script": script, "expects": expects or {}, **more}
    return ScriptedCaller.model_validate(body)


async def play(*script: object, **more: Any) -> Report:
    return await simulation().play(caller(*script, **more))


BALANCE = (
    {"hears": "main-menu"},
    {"presses": "1"},
    {"hears": "balance-is"},
    {"hears": "main-menu"},
    {"presses": "#"},
)


async def test_a_call_as_expected() -> None:
    report = await play(
        *BALANCE,
        expects={
            "ends": "completed",
            "trail": ["main.welcome", "main.balance", "main.bye"],
            "heard": ["welcome", "balance-is"],
            "not_heard": ["bank-unavailable"],
        },
    )
    assert report.failures == ()
    assert report.ended == "completed"
    assert report.closed
    assert report.events[-1] == CallEnded("completed")
    assert report.trail == (
        "main.welcome",
        "main.menu",
        "main.balance",
        "main.tell",
        "main.menu",
        "main.bye",
    )


async def test_a_call_not_as_expected_says_so() -> None:
    report = await play(
        {"hears": "welcome"},
        {"presses": "#"},
        {"hears": "goodbye"},
        expects={"ends": "caller", "heard": ["balance-is"]},
    )
    assert report.failures == (
        "the prompt `goodbye` was never heard; heard since: nothing",
        "the call ended by `completed`, not by `caller`",
        "the prompt `balance-is` was not heard; in order: welcome",
    )


async def test_the_journal_replays_to_the_same_events() -> None:
    report = await play(*BALANCE)
    again = [moment.event for moment in rerun(FLOWS, report.journal) if moment.event is not None]
    assert again == list(report.events)


async def test_keys_typed_ahead_of_a_slow_bank_are_kept() -> None:
    report = await play(
        {"hears": "welcome"},
        {"presses": "1#"},
        faults={"bank": {"delay": "2s"}},
        expects={"ends": "completed", "not_heard": ["balance-is", "no-input"]},
    )
    assert report.failures == ()
    assert report.ms >= 2000


@pytest.mark.parametrize("fault", [{"fails": True}, {"times_out": True}, {"delay": "4s"}])
async def test_a_bank_that_does_not_answer(fault: dict[str, bool]) -> None:
    report = await play(
        {"hears": "welcome"},
        {"presses": "1"},
        {"hears": "bank-unavailable"},
        "hangs_up",
        faults={"bank": fault},
        expects={"ends": "caller"},
    )
    assert report.failures == ()
    assert any(isinstance(event, HungUp) for event in report.events)


async def test_a_caller_waits_for_a_port_no_longer_than_its_budget() -> None:
    running = Simulation(
        FLOWS, SimPrompts({}), {"bank": Bank()}, start=MONDAY, budgets={"bank": 800}
    )
    report = await running.play(
        caller({"presses": "1"}, "hangs_up", faults={"bank": {"delay": "801ms"}})
    )
    raised = [one for one in decode(report.journal) if isinstance(one, Raised)]
    assert raised[0].problem == "no answer within 800 ms"


async def test_a_port_that_is_made_for_a_call_asks_others_in_the_calls_time() -> None:
    begun: list[datetime] = []
    left: list[int] = []

    @asynccontextmanager
    async def make(ports: Mapping[str, Any]) -> AsyncIterator[Any]:
        begun.append(ports["clock"].now())
        yield ports["core"]
        left.append(ports["clock"].ms)

    running = Simulation(FLOWS, SimPrompts({}), {"core": Bank()}, start=MONDAY, made={"bank": make})
    script = ({"presses": "1"}, {"hears": "balance-is"}, "hangs_up")
    well = await running.play(caller(*script))
    slow = await running.play(caller(*script, faults={"core": {"delay": "2s"}}))
    assert (well.failures, slow.failures) == ((), ())
    assert slow.ms - well.ms == 2_000
    assert (begun, left) == ([MONDAY, MONDAY], [well.ms, slow.ms])
    gone = await running.play(
        caller(
            {"presses": "1"},
            {"hears": "bank-unavailable"},
            "hangs_up",
            faults={"bank": {"fails": True}},
        )
    )
    assert gone.failures == ()


async def test_what_is_remembered_of_customers_is_as_the_script_says() -> None:
    profiles = MemoryProfiles()
    running = Simulation(FLOWS, SimPrompts({}), {"profiles": profiles}, start=MONDAY)
    for entries in (["main.balance"], ["main.hours", "main.balance"]):
        await running.play(
            caller("hangs_up", profiles={"C1": {"entries": entries, "learning": True}})
        )
        kept = await profiles.get("C1")
        assert kept is not None
        assert (kept.entries, kept.learning) == (tuple(entries), True)
    with pytest.raises(FlowError, match="no port `profiles`"):
        await play("hangs_up", profiles={"C1": {}})


@pytest.mark.parametrize(
    ("at", "entered"), [("2026-11-23T16:59:59", True), ("2026-11-23T17:00:00", False)]
)
async def test_the_clock_is_the_banks(at: str, entered: bool) -> None:
    report = await play({"hears": "welcome"}, {"presses": "3"}, at=at)
    assert ("main.agent" in report.trail) == entered


async def test_people_answer() -> None:
    report = await play(
        {"hears": "welcome"},
        {"presses": "2"},
        people={"service": {"after": "20s", "talks": "2m"}},
        expects={"ends": "completed"},
    )
    assert report.failures == ()
    assert 140_000 < report.ms < 150_000


async def test_the_resumed_call_goes_on_at_its_step() -> None:
    whole = await play(*BALANCE)
    assert whole.saves == 6
    for lose_at in range(1, whole.saves + 1):
        report = await simulation().play(caller(*BALANCE), lose_at=lose_at)
        assert report.failures == ()
        assert report.ended == whole.ended
        assert report.trail == whole.trail
        assert report.heard.count("sorry-repeat") == 1
        assert report.closed


async def test_a_step_that_no_handler_takes_is_left_to_the_fallback() -> None:
    report = await simulation().call(phone(), Incoming(flow="broken"))
    assert report.ended == FALLBACK
    assert "`nothing` is not set" in report.problem
    played = await simulation().play(caller(), flow="broken")
    assert played.failures == (f"no handler took it: {report.problem}",)
    expected = caller(expects={"ends": FALLBACK})
    assert (await simulation().play(expected, flow="broken")).failures == ()


async def test_a_call_that_loops_for_ever_ends() -> None:
    report = await simulation(Limits(steps=20)).play(
        caller({"hears": "welcome"}, {"presses": "1" * 100}, expects={"ends": FALLBACK})
    )
    assert report.failures == ()
    assert report.problem.startswith("main.")


async def test_a_number_that_nobody_answers() -> None:
    with pytest.raises(FlowError, match="no flow answers '1'"):
        await simulation().call(phone(), Incoming(dnis="1"))
    with pytest.raises(FlowError, match="no flow is called `x`"):
        await simulation().call(phone(), Incoming(flow="x"))


async def test_a_fault_in_a_port_that_is_not_there() -> None:
    with pytest.raises(FlowError, match="no port `bnak`"):
        await play(faults={"bnak": {"fails": True}})


async def test_another_language() -> None:
    report = await simulation().call(phone("hangs_up"), Incoming(dnis="95500", language="zh"))
    assert report.ended == "caller"
    assert report.moments[-1].kind is Kind.ENDED
