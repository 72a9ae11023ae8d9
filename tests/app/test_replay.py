"""Replaying stored calls."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from typer.testing import CliRunner

from ivr import pins
from ivr.adapters.clock import SystemClock
from ivr.adapters.flowfile import load
from ivr.adapters.sim.callers import load_caller
from ivr.adapters.sim.simulation import Simulation
from ivr.adapters.store.database import DatabaseStore
from ivr.app.against import against
from ivr.app.config import Config, load_config
from ivr.app.demo import seed
from ivr.app.ledger import Ledger, ReleaseError
from ivr.app.replay import NoSuchCall, replay
from ivr.app.simulation import demo_ports, prompts_of
from ivr.app.why import why
from ivr.centre.releases import State
from ivr.centre.releases.kinds.publishing import Publish
from ivr.cli.main import app
from ivr.engine.against import Verdict
from ivr.engine.journal import JournalError

ROOT = Path(__file__).parents[2]
ZONE = "Asia/Shanghai"
MONDAY = datetime(2026, 11, 23, 10, tzinfo=ZoneInfo(ZONE))
FLOWS = load(ROOT / "flows")
CALL = "1700000000.7"


@pytest.fixture
async def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Config:
    """A state folder in which one call is stored: a balance in English."""
    monkeypatch.setattr(pins, "MEMORY_KIB", 64)
    file = tmp_path / "onecall.yaml"
    file.write_text("state: .\n", "utf-8")
    seed(tmp_path / "bank.sqlite")
    clock = SystemClock(ZONE)
    async with demo_ports(tmp_path, clock) as ports:
        simulated = Simulation(FLOWS, prompts_of(ROOT / "prompts"), ports, start=MONDAY)
        report = await simulated.play(load_caller(ROOT / "flows" / "callers" / "balance-en.yaml"))
    store = await DatabaseStore.open(tmp_path / "onecall.sqlite", clock)
    act = Publish(FLOWS.version)
    await Ledger(store, clock).append(act, why="", who="", after=State(), flows=FLOWS)
    for event in report.events:
        store.events.emit(CALL, event)
    for entry in report.journal:
        store.journal.append(CALL, entry)
    await store.close()
    return load_config(file)


async def test_a_stored_call_runs_again_to_the_same_events(config: Config) -> None:
    replayed = await replay(config, CALL)
    assert replayed.difference == ""
    assert type(replayed.events[-1].event).__name__ == "CallEnded"
    assert (len(replayed.digest), replayed.commands > 10) == (64, True)
    assert (await replay(config, CALL)).digest == replayed.digest


async def test_a_call_that_was_tampered_with_is_told_of(config: Config) -> None:
    store = await DatabaseStore.open(config.state / "onecall.sqlite", SystemClock(ZONE))
    entries = await store.journal.read(CALL)
    store.events.emit("2.2", (await store.read_events(CALL))[0].event)
    for entry in entries:
        store.journal.append("2.2", entry.replace(b'"2"', b'"1"'))
    await store.close()
    assert (await replay(config, "2.2")).difference


async def test_a_call_that_is_not_there_says_so(config: Config) -> None:
    with pytest.raises(NoSuchCall, match=r"9\.9"):
        await replay(config, "9.9")


async def test_flows_that_are_not_kept_say_so(config: Config) -> None:
    (config.state / "onecall.sqlite").rename(config.state / "old")
    old = await DatabaseStore.open(config.state / "old", SystemClock(ZONE))
    entries = await old.journal.read(CALL)
    await old.close()
    store = await DatabaseStore.open(config.state / "onecall.sqlite", SystemClock(ZONE))
    for entry in entries:
        store.journal.append(CALL, entry)
    await store.close()
    with pytest.raises(ReleaseError, match="not kept"):
        await replay(config, CALL)


def test_the_command_shows_the_call_and_its_exit_status(config: Config) -> None:
    arguments = ["replay", "-c", str(config.state / "onecall.yaml")]
    same = CliRunner().invoke(app, [*arguments, CALL])
    assert same.exit_code == 0
    assert "CallStarted" in same.output
    assert "byte-identical when run again: " in same.output
    none = CliRunner().invoke(app, [*arguments, "9.9"])
    assert none.exit_code == 2
    assert "9.9" in none.output


def shop_candidate(folder: Path, old: str, new: str) -> Path:
    """A copy of the demo's flows with one text replaced."""
    other = folder / "candidate"
    shutil.copytree(ROOT / "flows", other)
    main = other / "main.yaml"
    text = main.read_text("utf-8")
    assert old in text
    main.write_text(text.replace(old, new), "utf-8")
    return other


async def test_on_the_same_flows_a_call_ends_where_it_did(config: Config) -> None:
    for candidate in (str(ROOT / "flows"), "1", FLOWS.version[:8]):
        tally = await against(config, candidate, 10)
        assert [one.call_id for one in tally.of(Verdict.SAME)] == [CALL], candidate
        assert (tally.rerouted, tally.version) == (0, FLOWS.version)


def test_calls_that_would_end_elsewhere_are_told(config: Config, tmp_path: Path) -> None:
    candidate = shop_candidate(tmp_path, "goto: balance", "goto: agent-hours")
    arguments = ["replay", "-c", str(config.state / "onecall.yaml"), "--against", str(candidate)]
    told = CliRunner().invoke(app, arguments)
    assert told.exit_code == 1, told.output
    assert "1 call that ended in main.balance (completed) would end in main.agent" in told.output
    assert "instead of main.balance comes main.agent-hours; for example 1700000000.7" in told.output
    result = json.loads(CliRunner().invoke(app, [*arguments, "--json"]).stdout)
    assert result["elsewhere"][0]["calls"] == [CALL]
    assert (result["calls"], result["same"], result["unknown"]) == (1, 0, [])


def test_a_candidate_that_is_none_says_so(config: Config) -> None:
    arguments = ["replay", "-c", str(config.state / "onecall.yaml"), "--against"]
    for candidate, problem in (("nowhere", "is no folder and no version"), ("99", "no entry 99")):
        result = CliRunner().invoke(app, [*arguments, candidate])
        assert result.exit_code == 2
        assert problem in result.stderr
    assert CliRunner().invoke(app, ["replay"]).exit_code == 2


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE journal SET entries = x'00'",
        "UPDATE journal SET entries = CAST(replace(CAST(entries AS TEXT), "
        "'\"status\":', '\"stated\":') AS BLOB)",
    ],
    ids=["no entry", "no answer of this OneCall"],
)
async def test_a_journal_that_cannot_be_read_is_told(config: Config, damage: str) -> None:
    with closing(sqlite3.connect(config.state / "onecall.sqlite")) as database, database:
        database.execute(damage)
    with pytest.raises(JournalError, match="cannot be read"):
        await replay(config, CALL)
    told = await why(config, CALL, "", "en")
    assert any("told by its events alone" in line.text for line in told.lines)
    [compared] = (await against(config, "1", 10)).calls
    assert "cannot be read" in compared.unknown
