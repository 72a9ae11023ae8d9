"""Traffic from a store that calls have written."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ivr.adapters.flowfile import load
from ivr.adapters.store.database import DatabaseStore
from ivr.adapters.store.memory import MemoryStore
from ivr.app import traffic as module
from ivr.app.config import Config
from ivr.app.traffic import counted, traffic_since
from ivr.centre.traffic import Traffic
from ivr.model.events import CallEnded
from tests.app.calls_kit import Ticking, keep_calls

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
FLOW = """\
flow: shop
numbers: ["100"]
languages: [en]
start: menu
steps:
  menu:
    menu: {prompt: main-menu, choices: {1: hours, 2: end}}
    on: {no_input: end, invalid: end}
  hours: {subflow: hours, on: {done: menu}}
  end: {hangup: completed}
"""
HOURS = """\
flow: hours
languages: [en]
start: tell
returns: {done: {}}
steps: {tell: {say: hours, next: back}, back: {return: done}}
"""


async def test_what_callers_did(tmp_path: Path) -> None:
    flows, state = tmp_path / "flows", tmp_path / "var"
    flows.mkdir()
    state.mkdir()
    (flows / "shop.yaml").write_text(FLOW)
    (flows / "hours.yaml").write_text(HOURS)
    await keep_calls(state, flows, ["12", "2", "1"], NOON)
    config = Config(state=state)

    (traffic,) = await traffic_since(config, NOON)
    version = load(flows).version
    assert traffic.versions == {version: 3}
    assert traffic.at("shop", "menu").visits == 5
    assert traffic.at("shop", "menu").outcomes == {"1": 2, "2": 2, "hangup": 1}
    assert traffic.at("hours", "tell").outcomes == {"done": 2}
    assert traffic.at("shop", "hours").outcomes == {"done": 2}
    assert traffic.at("shop", "menu").drop_off == 0.2
    (later,) = await traffic_since(config, NOON + timedelta(days=1))
    assert later.calls == 0

    store = await DatabaseStore.open(state / "onecall.sqlite", Ticking(NOON))
    both = await counted(store, NOON, [version, "another"])
    await store.close()
    assert [one.calls for one in both] == [3, 0]


async def test_how_far_it_has_come_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_OFTEN", 2)
    store = MemoryStore(Ticking(NOON))
    for number in range(5):
        store.events.emit(f"call-{number}", CallEnded("done"))
    told: list[datetime] = []
    await counted(store, NOON, [None], told.append)
    assert told == [NOON + timedelta(seconds=2), NOON + timedelta(seconds=4)]


def test_where_no_engine_has_run_there_is_no_traffic_and_no_new_file(tmp_path: Path) -> None:
    assert asyncio.run(traffic_since(Config(state=tmp_path), NOON)) == [Traffic()]
    assert list(tmp_path.iterdir()) == []
