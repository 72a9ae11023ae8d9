"""The gates: what they refuse, in the order they are passed, and what the ledger keeps of it."""

from __future__ import annotations

import asyncio
import threading
import time
from pathlib import Path

import pytest

from ivr import pins
from ivr.adapters.flowfile import LoadResult, try_load
from ivr.app import gates
from ivr.app.config import Config
from ivr.app.gates import GATES, MOST_FINDINGS, Candidate, Progress, candidate_of, run_gates
from ivr.centre.releases import Gate
from ivr.model.flow import FlowSet
from ivr.model.place import Place
from ivr.model.problem import Problem, Severity
from tests.queues import FILES, add_queues

ROOT = Path(__file__).parents[2]
FLOW = """\
flow: main
numbers: ["95500"]
languages: [en, zh]
start: hello
steps:
  hello: {say: welcome, next: agent}
  agent:
    queue: service
    on: {served: bye, timeout: message, full: message, empty: message, closed: message, overflow: message}
  message:
    record: {into: message}
    on: {done: bye, no_input: bye}
  bye: {hangup: completed}
"""
CALLER = """\
caller: talks with somebody
calls: "95500"
people: {service: {after: 5s, talks: 30s}}
script: [{hears: welcome}]
expects: {ends: completed}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(pins, "MEMORY_KIB", 64)
    (tmp_path / "callers").mkdir()
    add_queues(tmp_path)
    (tmp_path / "callers" / "person.yaml").write_text(CALLER, "utf-8")
    return tmp_path


async def passed(folder: Path, flow: str) -> dict[str, Gate]:
    """Run all the gates on one flow."""
    (folder / "main.yaml").write_text(flow, "utf-8")
    config = Config(flows=folder, prompts=ROOT / "prompts")
    gates = await run_gates(candidate_of(config, folder), lambda name, done, of: None)
    assert [gate.name for gate in gates] == list(GATES)
    return {gate.name: gate for gate in gates}


async def test_good_flows_pass_all_gates(folder: Path) -> None:
    gates = await passed(folder, FLOW)
    assert [gate for gate in gates.values() if not gate.passed] == []
    assert gates["callers"].summary == "1 of 1 as expected"
    assert "states in" in gates["prove"].summary


@pytest.mark.proof
@pytest.mark.timeout(60)
async def test_a_person_out_of_reach_is_refused_by_the_proof(folder: Path) -> None:
    gates = await passed(
        folder, FLOW.replace("served: bye, timeout: message", "served: bye, timeout: bye")
    )
    assert [gate.name for gate in gates.values() if not gate.passed] == ["prove"]
    assert "main.yaml:" in gates["prove"].findings[0]


@pytest.mark.proof
@pytest.mark.timeout(60)
async def test_after_a_refusal_the_rest_is_not_tried(folder: Path) -> None:
    gates = await passed(folder, FLOW.replace("say: welcome", "say: goodbye"))
    assert gates["check"].passed
    assert "was never heard" in gates["callers"].findings[0]
    assert gates["prove"] == Gate("prove", False, "not tried")


async def test_files_that_are_no_flows_are_not_tried_at_all(folder: Path) -> None:
    gates = await passed(folder, "flow: [")
    assert "main.yaml:2:1" in gates["check"].findings[0]
    assert [gate.summary for gate in gates.values()][1:] == ["not tried"] * (len(GATES) - 1)


async def test_a_caller_file_with_a_mistake_is_a_refusal(folder: Path) -> None:
    (folder / "callers" / "bad.yaml").write_text("caller: [", "utf-8")
    gates = await passed(folder, FLOW)
    assert not gates["callers"].passed
    assert "bad.yaml" in gates["callers"].findings[0]


async def test_of_countless_findings_the_ledger_keeps_some(folder: Path) -> None:
    (folder / "main.yaml").write_text(FLOW, "utf-8")
    config = Config(flows=folder, prompts=ROOT / "prompts")
    flows = candidate_of(config, folder).flows
    wrong = Problem("IVR301", Place("main.yaml", 1, 1), "wrong", "", Severity.ERROR)
    candidate = Candidate(config, folder, flows, True, (wrong,) * 500)
    check = (await run_gates(candidate, lambda name, done, of: None))[0]
    assert len(check.findings) == MOST_FINDINGS + 1
    assert check.findings[-1] == f"and {500 - MOST_FINDINGS} more"


def test_what_is_checked_is_what_is_published(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also if somebody saves a file in between."""
    (folder / "main.yaml").write_text(FLOW, "utf-8")

    def loaded_then_edited(folder: Path) -> LoadResult:
        loaded = try_load(folder)
        (folder / "main.yaml").write_text("flow: main\n", "utf-8")
        return loaded

    monkeypatch.setattr(gates, "try_load", loaded_then_edited)
    candidate = candidate_of(Config(flows=folder, prompts=ROOT / "prompts"), folder)
    assert candidate.flows.files == {"main.yaml": FLOW, **FILES}
    assert candidate.problems == ()


async def test_a_proof_that_nobody_wants_any_more_ends(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    began, ended = threading.Event(), threading.Event()

    def long(flows: FlowSet, config: Config, *, progress: Progress) -> None:
        began.set()
        until = time.monotonic() + 5
        try:
            while time.monotonic() < until:
                progress(1, 2)
        except asyncio.CancelledError:
            ended.set()

    monkeypatch.setattr(gates, "prove_flows", long)
    candidate = Candidate(Config(), folder, FlowSet("", {}), True, ())
    proving = asyncio.ensure_future(GATES["prove"](candidate, lambda done, of: None))
    await asyncio.to_thread(began.wait)
    proving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await proving
    assert await asyncio.to_thread(ended.wait, 5)
