"""`ivr staff plan`: what people type, and what they are told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ivr.app.forecast import read_forecast
from ivr.cli.main import app

FORECAST = """\
from,to,queue,calls,aht,patience,segment
09:00,10:00,service,200,180,120,vip
10:00,11:00,service,0,180,120,
09:00,09:30,loans,20,300,120,
"""


@pytest.fixture
def forecast(tmp_path: Path) -> Path:
    file = tmp_path / "monday.csv"
    file.write_text(FORECAST, "utf-8")
    return file


def ivr(*words: object, status: int = 0) -> str:
    done = CliRunner().invoke(app, ["staff", "plan", *map(str, words)])
    assert done.exit_code == status, done.output
    return done.output


def test_a_table_with_the_hours(forecast: Path) -> None:
    said = ivr(forecast, "--shrinkage", "0.35", "--queue", "service").splitlines()
    assert said[1].split()[:8] == ["09:00", "10:00", "service", "200", "10.0", "13", "14", "20"]
    assert said[-1].split() == ["hours", "13", "14", "20"]


def test_for_programs(forecast: Path) -> None:
    first, second, third = json.loads(ivr(forecast, "--json"))
    assert (first["erlang_a"]["agents"], first["erlang_c"]["agents"]) == (13, 14)
    assert first["erlang_a"]["figures"]["abandonment"] == pytest.approx(0.0384, abs=1e-4)
    assert (second["erlang_a"]["agents"], third["queue"]) == (0, "loans")


def test_as_a_forecast_again(forecast: Path, tmp_path: Path) -> None:
    staffed = tmp_path / "staffed.csv"
    staffed.write_text(ivr(forecast, "--csv"), "utf-8")
    before, after = read_forecast(forecast), read_forecast(staffed)
    assert [row.agents for row in after] == [13, 0, 6]
    assert [row.model_copy(update={"agents": None}) for row in after] == list(before)


def test_a_picture(forecast: Path, tmp_path: Path) -> None:
    ivr(forecast, "--queue", "service", "--picture", tmp_path / "plan.svg")
    assert (tmp_path / "plan.svg").read_text("utf-8").startswith("<?xml")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--queue", "none"), "no line of the queue `none`"),
        (("--picture", "plan.pdf"), "*.png or *.svg"),
        (("--picture", "plan.png"), "different intervals"),
    ],
)
def test_what_cannot_be_done(forecast: Path, words: tuple[str, ...], said: str) -> None:
    assert said in ivr(forecast, *words, status=2)
