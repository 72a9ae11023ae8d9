"""`ivr events`: through the shell, and followed while an engine writes."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from ivr.adapters.clock import SystemClock
from ivr.adapters.store.database import DatabaseStore
from ivr.app.ledger import DATABASE
from ivr.cli.main import app
from ivr.model.events import CallEnded, CallStarted, LanguageChanged, StepEntered


async def write(folder: Path, calls: tuple[str, ...]) -> None:
    """Have an engine write what happens in some calls."""
    store = await DatabaseStore.open(folder / DATABASE, SystemClock("Asia/Shanghai"))
    for call in calls:
        store.events.emit(call, CallStarted("95500", "13800001001", "v1", "main", "zh"))
        store.events.emit(call, StepEntered("main", "menu", "menu"))
        store.events.emit(call, LanguageChanged("en"))
        store.events.emit(call, CallEnded("completed"))
    await store.close()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "var").mkdir()
    asyncio.run(write(tmp_path / "var", ("1.1", "1.2")))
    file = tmp_path / "onecall.yaml"
    file.write_text("zone: Asia/Shanghai\n", "utf-8")
    return file


def run(file: Path, *words: str) -> Result:
    return CliRunner().invoke(app, ["events", "-c", str(file), *words])


def test_what_happened_in_words(file: Path) -> None:
    lines = run(file).output.splitlines()
    assert len(lines) == 8
    assert lines[0].endswith("1.1  13800001001 called 95500: the flow main of version v1")
    assert "通话结束：completed" in run(file, "--language", "zh").output


def test_only_what_is_wanted_for_programs(file: Path) -> None:
    said = run(file, "--call", "1.2", "--kind", "CallEnded", "--kind", "StepEntered", "--json")
    told = [json.loads(line) for line in said.output.splitlines()]
    assert [(one["call"], one["event"]["type"]) for one in told] == [
        ("1.2", "StepEntered"),
        ("1.2", "CallEnded"),
    ]


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("--kind", "CallEnd"), "did you mean `CallEnded`?"),
        (("--language", "fr"), "write zh or en"),
        (("--since", "yesterdayish"), "is no time"),
    ],
)
def test_what_cannot_be_meant(file: Path, words: tuple[str, ...], problem: str) -> None:
    result = run(file, *words)
    assert result.exit_code == 2
    assert problem in result.output


def test_where_nothing_is(tmp_path: Path) -> None:
    file = tmp_path / "onecall.yaml"
    file.write_text("zone: Asia/Shanghai\n", "utf-8")
    assert run(file).exit_code == 2


async def test_what_happens_is_followed(tmp_path: Path) -> None:
    (tmp_path / "var").mkdir()
    await write(tmp_path / "var", ("1.1",))
    (tmp_path / "onecall.yaml").write_text("zone: Asia/Shanghai\n", "utf-8")
    watching = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "ivr", "events", "-f", "--kind", "CallEnded"),
        cwd=tmp_path,
        stdout=asyncio.subprocess.PIPE,
    )
    assert watching.stdout is not None
    async with asyncio.timeout(9):
        assert b"1.1" in await watching.stdout.readline()
        await write(tmp_path / "var", ("1.2",))
        assert b"1.2" in await watching.stdout.readline()
    watching.terminate()
    await watching.wait()
