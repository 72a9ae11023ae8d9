"""`ivr queue-sim`: what people type, what they are told, and how it ends."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ivr.app import gates
from ivr.app.floor.diary import DATABASE, Diary
from ivr.cli.main import app
from tests.centre.kpi.test_day import EVENTS

ROOT = Path(__file__).parents[2]
QUEUES = "queues: {q: {agents: [anyone], empty: wait}, other: {agents: [anyone]}}\n"
AGENTS = 'agents: {"1001": {name: Li}, "1002": {name: Wang}}\n'
FLOW = "flow: main\nlanguages: [en]\nstart: bye\nsteps: {bye: {hangup: completed}}\n"
FEW = ("--calls", "30", "--queue", "q", "--from", "09:00", "--to", "11:00", "--ring", "0s")

Ivr = Callable[..., str]


@pytest.fixture
def ivr(tmp_path: Path) -> Ivr:
    """Run the command in a folder with two agents; return what it says."""
    flows = tmp_path / "flows"
    flows.mkdir()
    for name, text in {"main": FLOW, "queues": QUEUES, "agents": AGENTS}.items():
        (flows / f"{name}.yaml").write_text(text, "utf-8")
    config = tmp_path / "onecall.yaml"
    config.write_text("flows: flows\nstate: var\n", "utf-8")

    def run(*words: str, status: int = 0, also: str = "") -> str:
        if also:
            config.write_text(f"flows: flows\nstate: var\n{also}", "utf-8")
        done = CliRunner().invoke(app, ["queue-sim", *words, "-c", str(config)])
        assert done.exit_code == status, done.output
        assert "Traceback" not in done.output
        return " ".join(done.output.split())

    return run


def test_a_table(ivr: Ivr) -> None:
    said = ivr(*FEW, "--days", "3")
    assert "SL20" in said
    assert "3 days, seed 1" in said
    assert "of 4.0 agent hours a day" in said


def test_for_programs_and_the_same_each_time(ivr: Ivr) -> None:
    first, second, other = (ivr(*FEW, "--days", "2", "--seed", one, "--json") for one in "112")
    assert first == second != other
    data = json.loads(first)
    assert data["days"] == 2
    counts = data["queues"]["q"]
    assert counts["offered"] == counts["handled"] + counts["abandoned"] == data["all"]["offered"]
    assert {one["begins"][11:16] for one in data["intervals"]} <= {
        f"{hour}:{minute}" for hour in ("09", "10") for minute in ("00", "15", "30", "45")
    }


@pytest.mark.parametrize(
    ("target", "status", "said"),
    [
        ("abandonment<=0.9", 0, "met after 10 days"),
        ("sl20>=0.99", 1, "missed after 10 days"),
        ("q.asa<=1000", 0, "met"),
        ("other.sl20>=0.5", 3, "nobody was offered undecided after 10 days, 0.95 sure; more days"),
    ],
)
def test_what_is_asserted(ivr: Ivr, target: str, status: int, said: str) -> None:
    assert said in ivr(*FEW, "--agents", "1", "--assert", target, "--days", "10", status=status)


def test_more_agents_than_there_are(ivr: Ivr) -> None:
    data = json.loads(ivr(*FEW, "--agents", "30", "--days", "2", "--json"))
    assert data["all"]["service_level"] > 0.99


def test_a_forecast_and_a_picture(ivr: Ivr, tmp_path: Path) -> None:
    forecast, picture = tmp_path / "monday.csv", tmp_path / "monday.svg"
    forecast.write_text("from,to,queue,calls,talk,agents\n09:00,10:00,q,20,60,1\n", "utf-8")
    ivr("--forecast", str(forecast), "--days", "2", "--picture", str(picture))
    assert picture.read_text("utf-8").startswith("<?xml")


def test_the_configuration_says_what_is_wanted(ivr: Ivr, tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_text("from,to,queue,calls,aht\n09:00,10:00,q,20,60\n", "utf-8")
    also = "queue_sim: {forecast: f.csv, target: abandonment<=0.99, confidence: 0.9}\n"
    assert "met after 10 days, 0.9 sure" in ivr(also=also)


async def test_recorded_days(ivr: Ivr, tmp_path: Path) -> None:
    """The day computed by hand: ten callers of `service`, one of `loans`."""
    queues = (
        "queues: {service: {agents: [anyone], empty: wait}, loans: {agents: [anyone], empty: wait}}"
    )
    (tmp_path / "flows" / "queues.yaml").write_text(queues, "utf-8")
    (tmp_path / "var").mkdir()
    diary = Diary(tmp_path / "var" / DATABASE)
    for stamped in EVENTS:
        diary.append(stamped)
    await diary.close()
    data = json.loads(ivr("--since", "2026-11-20", "--days", "3", "--json"))
    assert [one["offered"] for one in data["queues"].values()] == [30, 3]
    # Callers as a forecast has them, as patient as recorded.
    asked = ("--calls", "40", "--queue", "loans", "--patience", "recorded", "--agents", "0")
    data = json.loads(ivr("--since", "2026-11-20", "--days", "3", "--json", *asked))
    impatient = data["queues"]["loans"]
    assert impatient["offered"] > 500
    assert impatient["time_to_abandon_s"] < 60


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "the floor's diary has no conversation in that time; simulate a forecast"),
        (("--calls", "9", "--queue", "x"), "`x` is no queue of queues.yaml; there are q, other"),
        ((*FEW, "--assert", "x.sl20>=0.8"), "`x` is no queue of queues.yaml; there are q, other"),
        (("--calls", "9"), "`` is no queue"),
        (("--calls", "9", "--from", "9"), "--from: "),
        (("--calls", "9", "--patience", "soon"), "--patience soon: not a duration"),
        (("--calls", "9", "--assert", "luck>=1"), "`luck` is no figure"),
        (("--calls", "9", "--forecast", "f.csv"), "leave one out"),
        (("--calls", "9", "--picture", "day.pdf"), "*.png or *.svg"),
        (("--since", "soon"), "`soon` is no time"),
        (("nowhere", "--calls", "9"), "nowhere"),
    ],
)
def test_what_cannot_be_simulated(ivr: Ivr, words: tuple[str, ...], said: str) -> None:
    assert said in ivr(*words, status=2)


def test_flows_without_queues(ivr: Ivr, tmp_path: Path) -> None:
    (tmp_path / "flows" / "queues.yaml").unlink()
    assert "docs/queues.md" in ivr(*FEW, status=2)


def test_what_misses_the_target_is_not_published(
    ivr: Ivr, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One agent for an hour of calls every minute; three more of them are enough."""
    monkeypatch.setattr(gates, "GATES", {"check": gates.check})
    (tmp_path / "f.csv").write_text("from,to,queue,calls,aht\n09:00,10:00,q,60,60\n", "utf-8")
    config = tmp_path / "onecall.yaml"
    wish = "queue_sim: {forecast: f.csv, target: sl20>=0.8, days: 10}"
    config.write_text(f"flows: flows\nprompts: {ROOT / 'prompts'}\nstate: var\n{wish}\n", "utf-8")

    def publish() -> tuple[int, str]:
        done = CliRunner().invoke(app, ["publish", "-m", "more calls", "-c", str(config)])
        return done.exit_code, done.output

    agents = tmp_path / "flows" / "agents.yaml"
    agents.write_text('agents: {"1001": {name: Li}}\n', "utf-8")
    status, said = publish()
    assert (status, "refused by queues" in said) == (1, True), said
    assert "sl20>=0.8: missed, between" in said
    agents.write_text(AGENTS.replace("}}", '}, "1003": {name: Sun}, "1004": {name: Wu}}'), "utf-8")
    status, said = publish()
    assert (status, "is in force" in said) == (0, True), said


@pytest.mark.proof
@pytest.mark.timeout(60)
def test_the_demo_meets_its_target_on_its_monday(tmp_path: Path) -> None:
    """What docs/queue-sim.md shows, on the flows as they are shipped."""
    config = tmp_path / "onecall.yaml"
    config.write_text(f"flows: {ROOT / 'flows'}\nstate: {tmp_path}\n", "utf-8")
    wish = "each abandonment<=0.05 and sl20>=0.8"
    monday = str(ROOT / "docs" / "monday.csv")
    words = ["queue-sim", "--forecast", monday, "--assert", wish, "-c", str(config)]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.output
