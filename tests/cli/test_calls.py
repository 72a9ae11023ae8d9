"""`ivr calls`."""

from __future__ import annotations

import asyncio
import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from ivr import pins
from ivr.adapters.clock import SystemClock
from ivr.adapters.store.database import DatabaseStore
from ivr.cli.main import app
from ivr.model.events import CallStarted
from tests.app.recorded_kit import keep


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state folder with three calls."""
    folder = tmp_path_factory.mktemp("calls")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(pins, "MEMORY_KIB", 64)
        callers = {"1.1": "balance-zh", "1.2": "wrong-keys", "1.3": "branch-hours"}
        asyncio.run(keep(folder, callers))
    return folder


def run(state: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["calls", *arguments, "-c", str(state / "onecall.yaml")])


def listed(state: Path, *arguments: str) -> list[str]:
    """The ids of the calls found."""
    result = run(state, *arguments, "--json")
    assert result.exit_code in (0, 1), result.output
    return [call["call_id"] for call in json.loads(result.stdout)]


def test_calls_are_listed_newest_first(state: Path) -> None:
    result = run(state)
    assert result.exit_code == 0
    lines = result.output.splitlines()[1:]
    assert [line.split()[2] for line in lines] == ["1.3", "1.2", "1.1"]
    assert "completed  zero-out" in lines[1]
    assert "13800001111  95500" in lines[2]


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        (["--outcome", "zero-out"], ["1.2"]),
        (["--number", "13800001111"], ["1.1"]),
        (["--step", "main.branch-hours"], ["1.3"]),
        (["--reason", "completed", "--last", "1"], ["1.2"]),
        (["--language", "en"], ["1.3"]),
        (["--since", "2026-11-23T10:00:01"], ["1.3", "1.2"]),
        (["--to", "2026-11-23T10:00:01"], ["1.1"]),
        (["--outcome", "failed"], []),
    ],
)
def test_filters(state: Path, arguments: list[str], found: list[str]) -> None:
    assert listed(state, *arguments) == found


def test_none_found_and_nothing_to_read(state: Path, tmp_path: Path) -> None:
    none = run(state, "--number", "999")
    assert (none.exit_code, none.stderr) == (1, "no such calls\n")
    assert run(state, "--since", "soon").exit_code == 2
    (tmp_path / "onecall.yaml").write_text("state: .\n")
    empty = run(tmp_path)
    assert empty.exit_code == 2
    assert "nothing is published yet" in empty.stderr


def test_a_call_without_an_end_goes_on_or_was_lost(tmp_path: Path) -> None:
    (tmp_path / "onecall.yaml").write_text("state: .\n")
    asyncio.run(begin(tmp_path / "onecall.sqlite", {"1.1": 61, "1.2": 1}))
    lines = run(tmp_path).output.splitlines()[1:]
    assert "goes on" in lines[0]
    assert "lost" in lines[1]


async def begin(file: Path, minutes_ago: dict[str, int]) -> None:
    """Have calls begin that never end."""
    for call_id, minutes in minutes_ago.items():
        store = await DatabaseStore.open(file, Earlier(timedelta(minutes=minutes)))
        store.events.emit(call_id, CallStarted("95500", "13800001111", "v", "main", "zh"))
        await store.flush()
        await store.close()


class Earlier:
    """The clock, as it stood some time ago."""

    def __init__(self, by: timedelta) -> None:
        self._by = by

    def now(self) -> datetime:
        return SystemClock("Asia/Shanghai").now() - self._by
