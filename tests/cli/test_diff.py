"""`ivr diff`, run as people run it."""

from __future__ import annotations

import asyncio
import json
import re
from datetime import timedelta
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from ivr.adapters.clock import SystemClock
from ivr.adapters.flowfile import load
from ivr.app.config import load_config
from ivr.app.ledger import open_ledger
from ivr.centre.releases.kinds.publishing import Publish
from ivr.cli.diff import diff
from tests.app.calls_kit import keep_calls
from tests.app.test_traffic import FLOW, HOURS

app = typer.Typer()
app.command()(diff)

MOVED = FLOW.replace("1: hours, 2: end", "1: end, 2: hours")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with flows, others in which two keys have changed places, and prompts."""
    for folder, flow in (("flows", FLOW), ("moved", MOVED)):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "shop.yaml").write_text(flow)
        (tmp_path / folder / "hours.yaml").write_text(HOURS)
    (tmp_path / "prompts").mkdir()
    (tmp_path / "prompts" / "en.yaml").write_text("main-menu: Welcome to the shop.\nhours: Open.\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner(env={"COLUMNS": "120"}).invoke(app, arguments)
    return result.exit_code, result.stdout, result.stderr


def publish(folder: Path) -> None:
    """Write a release to the ledger."""

    async def write() -> None:
        async with open_ledger(load_config(None), begin=True) as ledger:
            flows = load(folder)
            act = Publish(version=flows.version, gates=())
            state = await ledger.state()
            await ledger.append(act, why="test", who="test", after=state, flows=flows)

    asyncio.run(write())


def test_no_difference(here: Path) -> None:
    assert run("flows", "flows") == (0, "flows → flows: no difference\n", "")


def test_what_changes_and_what_it_costs_without_traffic(here: Path) -> None:
    code, shown, _ = run("flows", "moved")
    assert code == 1
    lines = [" ".join(line.split()) for line in shown.splitlines()]
    assert lines[:3] == [
        "flows → moved: 2 changes",
        "~ shop.menu end was 2, is 1",
        "~ shop.menu hours was 1, is 2",
    ]
    assert "what callers of 1,000 costs" in lines
    assert any(line.startswith("shop.end hangup") for line in lines)
    assert "every outcome is taken to be equally likely" in shown
    assert not (here / "var").exists()


def test_edges_in_words(here: Path) -> None:
    other = FLOW.replace("no_input: end", "no_input: hours").replace(", 2: end", ", 3: end")
    (here / "moved" / "shop.yaml").write_text(
        other.replace("on: {done: menu}", "on: {done: menu, error: end}")
    )
    (here / "moved" / "hours.yaml").write_text(
        HOURS.replace("{say: hours,", "{say: [hours, hours],")
    )
    shown = " ".join(run("flows", "moved")[1].split())
    for words in (
        "shop.menu no_input: leads to hours, not to end",
        "shop.menu end was 2, is 3",
        "shop.hours error: new, leads to end",
        "hours.tell prompt: says hours + hours, not hours",
    ):
        assert words in shown
    assert "shop.hours error: gone, led to end" in run("moved", "flows")[1].replace("  ", " ")


def test_weighed_by_the_calls_of_a_month(here: Path) -> None:
    (here / "var").mkdir()
    start = SystemClock("UTC").now() - timedelta(days=2)
    asyncio.run(keep_calls(here / "var", here / "flows", ["2"] * 20 + ["12"], start))
    code, shown, _ = run("flows", "moved", "--since", "3d")
    assert code == 1
    assert "ring for keys seconds a month them" in " ".join(shown.split())
    assert re.search(r"shop\.end +hangup .* 315 ", shown)  # 21 in two days
    assert "this change saves callers" in shown
    assert "Weighed by 21 calls on flows since" in shown
    assert "21 calls on any version" in run("moved", "flows")[1]
    asyncio.run(keep_calls(here / "var", here / "moved", ["1"] * 3, start + timedelta(hours=1)))
    assert "Weighed by 21 calls on flows since" in run("flows", "moved", "--since", "3d")[1]
    assert "Weighed by 3 calls on moved since" in run("moved", "flows", "--since", "3d")[1]


def test_as_json(here: Path) -> None:
    code, shown, _ = run("flows", "moved", "--json")
    found = json.loads(shown)
    assert code == 1
    assert found["changes"][0] == {
        "kind": "key", "flow": "shop", "step": "menu", "what": "end", "before": "2", "after": "1"
    }  # fmt: skip
    assert found["before"] == {"name": "flows", "version": load(here / "flows").version}
    assert found["cost"]["measured"] is False
    assert {leaf["step"] for leaf in found["cost"]["leaves"]} == {"end"}
    assert json.loads(run("flows", "flows", "--json")[1])["cost"] is None


def test_releases_and_the_folder(here: Path) -> None:
    code, _, told = run()
    assert (code, "nothing is published yet" in told) == (2, True)
    publish(here / "flows")
    publish(here / "moved")
    assert run("--release", "1", "2")[1].startswith("release 1 → release 2: 2 changes")
    assert run("--release", "1") == (0, "release 1 → flows: no difference\n", "")
    assert run()[1].startswith("release 2 → flows: 2 changes")
    assert run("--release", "1", "flows")[0] == 0


def test_what_has_no_price(here: Path) -> None:
    endless = FLOW.replace("2: end}}", "2: menu}}").replace(
        "{no_input: end, invalid: end}", "{no_input: menu, invalid: menu, hangup: end}"
    )
    (here / "moved" / "shop.yaml").write_text(endless)
    code, shown, _ = run("flows", "moved")
    assert code == 1
    assert "What it costs callers cannot be told: callers never get out of shop." in shown


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["flows", "nowhere"], "nowhere: there is no such folder"),
        (["1", "2"], "1: there is no such folder; write --release to compare releases"),
        (["--release", "1", "2"], "nothing is published yet"),
        (["flows", "flows", "flows"], "only two sets of flows"),
        (["flows", "flows", "--since", "lately"], "`lately` is no time"),
    ],
)
def test_what_cannot_be_compared(here: Path, arguments: list[str], problem: str) -> None:
    code, shown, told = run(*arguments)
    assert (code, shown) == (2, "")
    assert told.startswith("ivr diff: ")
    assert problem in told
