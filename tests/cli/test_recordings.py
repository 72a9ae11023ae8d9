"""`ivr recordings`: supervisors only, each access written down, and nothing kept longer than said."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from ivr import pins
from ivr.adapters.clock import SystemClock
from ivr.adapters.staff.demo import seed
from ivr.app.config import load_config
from ivr.app.floor.diary import DATABASE, Diary
from ivr.app.staff import staff_of
from ivr.cli.recordings import app
from ivr.model.floor import Recorded, Stamped
from ivr.ports.staff import Noted

CLOCK = SystemClock("Asia/Shanghai")
OLD, NEW, LOST, JUST = "1.1-1001.wav", "2.1-1001.wav", "9.9-1002.wav", "9.8-1002.wav"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state folder with two recordings, one of them too old, and two that the diary does not know."""
    folder = tmp_path_factory.mktemp("state")
    now = CLOCK.now()

    async def making() -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(pins, "MEMORY_KIB", 64)
            patch.chdir(folder)
            async with staff_of(load_config(None), CLOCK) as staff:
                await seed(staff)
        diary = Diary(folder / "var" / DATABASE)
        for number, (file, age) in enumerate(((OLD, 91), (NEW, 89)), 1):
            event = Recorded(file[:3], "service", "1001", file, 90)
            diary.append(Stamped(number, now - timedelta(days=age), event))
        await diary.close()

    asyncio.run(making())
    kept = folder / "var" / "conversations"
    kept.mkdir()
    for file in (OLD, NEW, LOST, JUST):
        (kept / file).write_bytes(bytes(2048))
    aged(kept / LOST, now - timedelta(days=2))
    return folder


@pytest.fixture(autouse=True)
def state(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(made / "var", tmp_path / "var")
    monkeypatch.chdir(tmp_path)
    return tmp_path / "var"


def aged(file: Path, at: datetime) -> None:
    os.utime(file, (at.timestamp(), at.timestamp()))


def run(*words: str, by: str = "grace.liu") -> Result:
    return CliRunner().invoke(app, [*words, "--as", by, "-m", "complaint 4"])


def trail() -> list[Noted]:
    async def reading() -> list[Noted]:
        async with staff_of(load_config(None), CLOCK) as staff:
            return [line for line in await staff.trail(0) if line.what.startswith("recordings")]

    return asyncio.run(reading())


def test_a_supervisor_lists_and_plays_and_it_is_written_down(state: Path) -> None:
    listed = json.loads(run("list", "--json").stdout)
    assert [(one["file"], one["bytes"]) for one in listed] == [(OLD, 2048), (NEW, 2048)]
    assert NEW in run("list").stdout
    assert run("path", NEW).stdout.strip() == str(state / "conversations" / NEW)
    last = trail()[-1]
    assert (last.who, last.what, last.about) == ("grace.liu", "recordings.path", NEW)
    assert last.source.endswith(": complaint 4")


@pytest.mark.parametrize("by", ["li.na", "nobody"])
def test_others_may_not_and_that_is_written_down_too(by: str) -> None:
    refused = run("path", NEW, by=by)
    assert (refused.exit_code, "is no supervisor" in refused.output) == (2, True)
    assert [(line.who, line.what) for line in trail()] == [(by, "recordings.path.refused")]


@pytest.mark.parametrize("file", ["7.7-1001.wav", "../floor.sqlite", LOST])
def test_only_what_was_recorded_is_told(file: str) -> None:
    refused = run("path", file)
    assert (refused.exit_code, "there is no recording" in refused.output) == (2, True)


def test_what_is_over_goes_and_what_nobody_knows(state: Path) -> None:
    assert run("prune", "--dry-run").stdout.splitlines() == [OLD, LOST, "2 would go"]
    assert run("prune").stdout.splitlines() == [OLD, LOST, "2 deleted"]
    assert sorted(one.name for one in (state / "conversations").iterdir()) == [NEW, JUST]
    listed = json.loads(run("list", "--json").stdout)
    assert [one["bytes"] for one in listed] == [None, 2048]
    assert run("prune").stdout == "0 deleted\n"
