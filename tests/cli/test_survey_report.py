"""`ivr report survey`: from calls that were written as engines write them, to figures and a page."""

from __future__ import annotations

import asyncio
import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bench.surveyed import Bank
from bench.surveystore import fill
from ivr.app.config import load_config
from ivr.cli.main import app

Ivr = Callable[..., str]
FLOWS: dict[str, str] = {
    "main.yaml": "flow: main\nlanguages: [zh, en]\nstart: end\nsteps:\n  end:\n    hangup:\n",
    "survey_rules.yaml": "survey_rules:\n  later: {by: [message, call]}\n",
    "surveys/after-agent.yaml": """survey: after-agent
kind: agent
languages: [zh, en]
intro: intro
questions:
  satisfied: {ask: satisfied, answer: scale, measures: csat, label: {zh: 满意度, en: satisfaction}}
  solved: {ask: solved, answer: yes_no, measures: fcr}
  recommend: {ask: recommend, answer: nps, measures: nps}
""",
    "surveys/self-service.yaml": """survey: self-service
kind: self_service
languages: [zh, en]
intro: intro
questions:
  easy: {ask: easy, answer: scale, measures: ces}
  solved: {ask: solved, answer: yes_no, measures: fcr}
""",
}


def bank(folder: Path, days: int = 1, agents: int = 2) -> Path:
    """Make a bank in a folder, and return its configuration."""
    flows = folder / "flows"
    for name, text in FLOWS.items():
        (flows / name).parent.mkdir(parents=True, exist_ok=True)
        (flows / name).write_text(text, "utf-8")
    config = folder / "onecall.yaml"
    config.write_text("state: var\n", "utf-8")
    asyncio.run(fill(load_config(config), Bank(4, days=days, agents=agents), flows))
    return config


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return bank(tmp_path_factory.mktemp("bank"))


@pytest.fixture
def ivr(config: Path) -> Ivr:
    def run(*options: str, status: int = 0) -> str:
        dates = ["--from", "2026-10-01", "--until", "2026-10-31"]
        done = CliRunner().invoke(app, ["report", "survey", *dates, *options, "-c", str(config)])
        assert done.exit_code == status, done.output
        return done.output

    return run


def test_json_csv_and_terminal_say_the_same(ivr: Ivr) -> None:
    whole = json.loads(ivr("--json"))["whole"]
    assert whole["calls"] == whole["eligible"] > 100
    assert 0 < whole["completed"] < whole["started"] < whole["offered"] < whole["eligible"]
    lines = list(csv.DictReader(io.StringIO(ivr("--csv", "-"))))
    (coverage,) = (one for one in lines if (one["part"], one["figure"]) == ("all", "coverage"))
    assert float(coverage["value"]) == whole["offered"] / whole["eligible"]
    assert float(coverage["low"]) < float(coverage["value"]) < float(coverage["high"])
    assert {one["name"] for one in lines if one["part"] == "scores"} >= {
        "csat",
        "nps",
        "fcr",
        "ces",
    }
    said = ivr()
    assert f"{100 * float(coverage['value']):.2f} %" in said
    assert "after-agent: satisfaction" in said
    assert "too few agents" in said


def test_in_chinese_and_of_one_queue(ivr: Ivr) -> None:
    said = ivr("-l", "zh", "--queue", "loans")
    assert "覆盖率" in said
    assert "队列 loans" in said
    assert "service" not in said.partition("坐席是否")[0].partition("满意度")[0]


def test_nothing_in_this_time(ivr: Ivr, config: Path, tmp_path: Path) -> None:
    assert "no call ended" in ivr("--from", "2025-01-01", "--until", "2025-01-31", status=1)
    empty = tmp_path / "onecall.yaml"
    empty.write_text("state: var\n", "utf-8")
    done = CliRunner().invoke(app, ["report", "survey", "-c", str(empty)])
    assert done.exit_code == 2
    assert "nothing is published yet" in done.output


@pytest.mark.parametrize(
    ("options", "hint"),
    [
        (("--from", "2026-13-01"), "write today, yesterday or 2026"),
        (("--from", "2026-11-01"), "turn them round"),
        (("--from", "2099-01-01", "--until", "2099-01-02"), "still to come"),
        (("--html", "/nowhere/report.html"), "make it first"),
        (("--csv", "/"), "cannot be written"),
    ],
)
def test_what_cannot_be_meant(ivr: Ivr, options: tuple[str, ...], hint: str) -> None:
    assert hint in ivr(*options, status=2)
