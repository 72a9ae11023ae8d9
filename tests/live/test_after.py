"""After real calls: they are found, their story is told, and they run again, here and on other flows."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from ivr.adapters.draw.dot import draw_dot
from ivr.adapters.flowfile import load
from ivr.app.against import against, groups
from ivr.app.config import load_config
from ivr.app.drawing import drawing
from ivr.app.ledger import open_ledger
from ivr.app.replay import replay
from ivr.app.simulation import Chosen
from ivr.app.traffic import traffic_since
from ivr.app.why import why
from ivr.engine.against import Verdict
from ivr.ports.store import CallFilter
from lab.engine import Engine
from lab.site import Lab
from lab.telephone import Telephone
from tests.live.kit import bank
from tests.queues import add_queues

pytestmark = [pytest.mark.asterisk, pytest.mark.timeout(90)]

FLOW = """\
flow: main
numbers: ["95500"]
languages: [en]
start: menu
steps:
  menu:
    menu:
      prompt: [welcome, item-balance, press-1, item-branch-hours, press-2]
      choices: {1: {goto: saved, label: save}, 2: {goto: closed, label: ask}}
    on: {no_input: end, invalid: end}
  saved: {say: message-saved, next: who}
  closed: {say: branch-closed-today, next: who}
  who:
    branch: [{when: "{{ starts(call.ani, '139') }}", then: closed-again}]
    next: end
  closed-again: {say: branch-closed-today, next: end}
  end: {hangup: completed}
"""


async def place(phone: Telephone, engine: Engine, ani: str, key: str, answer: str) -> str:
    """Call, press a key (or hang up without one) and stay to the end; return the call's id."""
    since = len(engine.events)
    call = await phone.call("95500", ani=ani)
    started = await engine.happens("CallStarted", since=since, within=10)
    await call.hears("welcome")
    if key:
        await call.press(key)
        await call.hears(answer)
        await call.ended(within=20)
    else:
        await call.hang_up()
    await engine.happens("CallEnded", since=since, within=10)
    return str(started["call"])


async def test_calls_are_found_told_run_again_and_compared(
    lab: Lab, phone: Telephone, tmp_path: Path
) -> None:
    bank(tmp_path)
    flows = tmp_path / "flows"
    flows.mkdir()
    (flows / "main.yaml").write_text(FLOW, "utf-8")
    add_queues(flows)
    async with Engine(lab, tmp_path, {"flows": str(flows)}) as engine:
        saved = await place(phone, engine, "13800000001", "1", "message-saved")
        asked = await place(phone, engine, "13900000002", "2", "branch-closed-today")
        left = await place(phone, engine, "13800000003", "", "")
    config = load_config(tmp_path / f"onecall-{engine.port}.yaml")

    async with open_ledger(config) as ledger:
        calls = [call async for call in ledger.store.calls(CallFilter())]
        wanted = CallFilter(step="main.closed", number="13900000002")
        found = [call.call_id async for call in ledger.store.calls(wanted)]
    assert [call.call_id for call in calls] == [left, asked, saved]
    assert [call.reason for call in calls] == ["caller", "completed", "completed"]
    assert found == [asked]

    story = [line.text for line in (await why(config, asked, "", "en")).lines]
    assert "the step ended: 2 (ask) → closed" in story
    because = "because {{ starts(call.ani, '139') }} is true (call.ani = 13900000002)"
    assert because in story

    (traffic,) = await traffic_since(config, calls[-1].started)
    menu = traffic.at("main", "menu")
    assert (menu.visits, menu.outcomes) == (3, {"1": 1, "2": 1, "hangup": 1})
    chosen = Chosen(await asyncio.to_thread(load, flows), None)
    assert "3 visits · 33.3% gone" in draw_dot(drawing(chosen, config, "en", traffic))

    for call_id in (saved, asked, left):
        again = await replay(config, call_id)
        assert (again.difference, len(again.digest)) == ("", 64)

    same = await against(config, str(flows), 10)
    assert [one.call_id for one in same.of(Verdict.SAME)] == [left, asked, saved]
    candidate = tmp_path / "candidate"
    candidate.mkdir()
    (candidate / "main.yaml").write_text(FLOW.replace("1: {goto: saved", "1: {goto: end"), "utf-8")
    add_queues(candidate)
    other = await against(config, str(candidate), 10)
    (group,) = groups(other)
    assert group.calls == (saved,)
    assert (group.example.before, group.example.after) == ("main.saved", "main.end")
    assert len(other.of(Verdict.SAME)) == 2
