"""The story of a call."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from contextlib import closing
from datetime import timedelta
from functools import cache
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from ivr import pins
from ivr.app.replay import NoSuchCall
from ivr.app.why import Kind, why
from ivr.centre.releases.kinds.canary import StartCanary
from ivr.cli.main import app
from tests.app.recorded_kit import FLOWS, MONDAY, keep

CALLS = {
    "1.1": "balance-en",
    "1.2": "wrong-pin",
    "1.3": "holiday",
    "1.4": "bank-down",
    "1.5": "message",
    "1.6": "own-menu-learnt",
}


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state folder with six calls."""
    folder = tmp_path_factory.mktemp("why")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(pins, "MEMORY_KIB", 64)
        asyncio.run(keep(folder, CALLS))
    return folder


@cache
def run(state: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["why", *arguments, "-c", str(state / "onecall.yaml")])


def told(state: Path, *arguments: str) -> list[tuple[str, str]]:
    """The lines of a story: kind and text."""
    result = run(state, *arguments, "--json")
    assert result.exit_code == 0, result.output
    return [(line["kind"], line["text"]) for line in json.loads(result.stdout)["lines"]]


def test_what_was_heard_keyed_and_decided(state: Path) -> None:
    lines = told(state, "1.1")
    texts = [text for _, text in lines]
    assert ("step", "step main.menu (menu)") in lines
    assert any("For your account balance, press one." in text for text in texts)
    assert any(text.endswith("\npressed: 6222021004") for text in texts)
    assert "the step ended: 1 (balance) → balance" in texts
    assert any(text.startswith("heard: Your available balance is") for text in texts)
    ports = [text for kind, text in lines if kind == "port"]
    assert any(text.startswith('bank answered GetBalance: ["money",') for text in ports)
    assert texts[-1] == "the call is over: completed"


def test_no_key_of_a_secret_is_told(state: Path) -> None:
    said = json.dumps(told(state, "1.1"))
    assert "862075" not in said
    assert "pressed: \\u2022" in said


def test_why_authentication_came_in_between(state: Path) -> None:
    reasons = [text for kind, text in told(state, "1.1") if kind == "because"]
    assert reasons == [
        "because nobody is identified, so it is the standard menu",
        "it needs auth level 2, the caller has 0: authentication first",
    ]


def test_silent_steps_say_why(state: Path) -> None:
    lines = told(state, "1.3")
    place = lines.index(("event", "the step ended: holiday → agents-holiday"))
    kind, because = lines[place + 1]
    assert kind == "because"
    assert "2026-10-01 10:00" in because
    assert "(a holiday)" in because


def test_why_a_menu_was_the_callers_own_and_in_this_order(state: Path) -> None:
    texts = [text for _, text in told(state, "1.6")]
    assert any(
        "branch-hours (used 6 times) went from key 2 to 1, balance (used 1 times) to 2" in text
        for text in texts
    )
    learnt = "the caller's own entry, moved to this key by how often it is used"
    reasons = next(text for text in texts if text.startswith("because 1 branch-hours"))
    assert f"1 branch-hours: {learnt}; 2 balance: {learnt}" in reasons
    assert "not offered: promoted-1: there is no such open matter of the last 72 hours" in reasons


def test_a_port_that_failed_is_told(state: Path) -> None:
    ports = [text for kind, text in told(state, "1.4") if kind == "port"]
    assert [one.partition(": ")[0] for one in ports] == [
        "bank failed at Identify",
        "bank failed at VerifyPin",
        "knowledge failed at GetBranch",
    ]


def test_what_a_caller_heard_who_hung_up(state: Path) -> None:
    texts = [text for _, text in told(state, "1.3")]
    place = texts.index("the caller hung up in the step voicemail.invite")
    assert texts[place - 1].startswith("heard, until they hung up: ")


def test_the_story_is_told_in_chinese(state: Path) -> None:
    texts = [text for _, text in told(state, "1.1", "--language", "zh")]
    assert "步骤结束，结果：1（balance） → balance" in texts
    assert texts[0].endswith("为第 1 号发布")


def test_the_release_is_named(state: Path) -> None:
    kind, text = told(state, "1.1")[0]
    assert kind == Kind.NOTE
    assert text.endswith("is release 1")


def test_a_call_is_found_by_its_caller_or_as_the_last(state: Path) -> None:
    assert run(state, "last").output.startswith("1.6, 2026-11-23")
    assert run(state, "last", "--ani", "13800001111").exit_code == 2


async def test_a_call_without_journal_is_told_by_its_events(tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(pins, "MEMORY_KIB", 64)
        config = await keep(tmp_path, {"2.1": "balance-en"})
    with closing(sqlite3.connect(tmp_path / "onecall.sqlite")) as database, database:
        database.execute("DELETE FROM journal")
    texts = [line.text for line in (await why(config, "2.1", "", "en")).lines]
    assert any("told by its events alone" in text for text in texts)
    assert any("press one" in text for text in texts)
    assert any(text.endswith("\npressed: •") for text in texts)
    assert texts[-1] == "the call is over: completed"


async def test_a_call_is_told_beside_a_broken_ledger(tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(pins, "MEMORY_KIB", 64)
        config = await keep(tmp_path, {"2.1": "branch-hours"})
    with closing(sqlite3.connect(tmp_path / "onecall.sqlite")) as database, database:
        database.execute("INSERT INTO releases VALUES (2, 'no hash', x'00')")
    texts = [line.text for line in (await why(config, "2.1", "", "en")).lines]
    assert texts[0].startswith("the ledger is broken")
    assert not any("told by its events alone" in text for text in texts)
    assert texts[-1] == "the call is over: caller"


async def test_a_call_whose_engine_died_is_told_to_its_end(tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(pins, "MEMORY_KIB", 64)
        config = await keep(tmp_path, {"2.1": "branch-hours"}, lose_at=3)
    texts = [line.text for line in (await why(config, "2.1", "", "en")).lines]
    assert sum("came back on a new connection" in text for text in texts) == 1
    assert not any("told by its events alone" in text for text in texts)
    assert texts[-1] == "the call is over: caller"


def test_no_such_call(state: Path) -> None:
    result = run(state, "9.9")
    assert result.exit_code == 2
    assert "there is no call 9.9; `ivr calls` lists" in result.stderr
    assert NoSuchCall.__doc__


async def test_a_canary_is_named(tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(pins, "MEMORY_KIB", 64)
        before = MONDAY - timedelta(minutes=1)
        trial = StartCanary(FLOWS.version, share=0.5, since=before)
        config = await keep(tmp_path, {"2.1": "branch-hours"}, act=trial)
    note = (await why(config, "2.1", "", "en")).lines[0].text
    assert note.endswith("is release 1, on trial as a canary")
