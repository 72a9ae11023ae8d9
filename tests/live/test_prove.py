"""What a proof finds, live: its counter-example is run on a real Asterisk as it was saved."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from ivr.adapters.flowfile import load
from ivr.adapters.sim.callers import dump_caller, load_caller
from ivr.app.config import Config
from ivr.app.proving import prove_flows
from ivr.model.codes import Code
from lab.caller import LiveCaller
from lab.engine import Engine
from lab.installation import REPOSITORY
from lab.site import Lab
from lab.telephone import Telephone
from tests.live.kit import bank
from tests.queues import add_queues

OPEN_SAFE = """\
# Anybody hears what is on an account: nothing in it is wrong by itself.
flow: main
numbers: ["95500"]
languages: [en]
start: menu
on: {error: agent}
steps:
  menu:
    menu: {prompt: main-menu, choices: {1: balance, 0: agent}}
    on: {no_input: agent, invalid: agent}
  balance:
    balance: {account: "6222021001", into: balance}
    on: {done: end, unavailable: agent}
  agent:
    queue: service
    on: {served: end, timeout: message, full: message, empty: message, closed: message, overflow: message}
  message: {record: {into: message}, on: {done: end, no_input: end}}
  end: {hangup: completed}
"""


@pytest.mark.asterisk
async def test_a_counter_example_runs_live_as_it_was_saved(
    lab: Lab, phone: Telephone, tmp_path: Path
) -> None:
    bank(tmp_path)
    folder = tmp_path / "flows"
    folder.mkdir()
    (folder / "main.yaml").write_text(OPEN_SAFE, "utf-8")
    add_queues(folder)
    config = Config(prompts=REPOSITORY / "prompts")
    proof = await asyncio.to_thread(prove_flows, load(folder), config)
    [finding] = proof.findings
    assert (finding.problem.code, finding.keys, finding.shown) == (Code.LEVEL_TOO_LOW, "1", True)
    assert finding.caller is not None
    file = tmp_path / "counter-example.yaml"
    file.write_text(dump_caller(finding.caller), "utf-8")
    caller = load_caller(file)
    assert not caller.simulated_only
    async with Engine(lab, tmp_path, {"flows": str(folder)}) as engine:
        failures = await LiveCaller(phone, engine, caller).run()
    assert failures == ("the step `main.balance` was entered",)
