"""`ivr report queues`: the day computed by hand, from the floor's diary."""

from __future__ import annotations

import asyncio
import csv
import io
import json
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ivr.app.floor.diary import DATABASE, Diary
from ivr.cli.main import app
from ivr.model.floor import Answered, AnyFloorEvent, Joined, Left
from tests.centre.kpi.kit import agent, on, stamped
from tests.centre.kpi.test_day import EVENTS

Ivr = Callable[..., str]


async def _write(path: Path) -> None:
    diary = Diary(path)
    before, after = date(2026, 11, 22), date(2026, 11, 24)
    night: list[tuple[datetime, AnyFloorEvent]] = [
        (on("20:00", before), agent("2001", "ready")),
        (on("23:59:50", before), Joined("early", "night")),
        (on("00:00:05"), Left("early", "night", "abandoned")),
        (on("00:30"), agent("2001", "offline")),
    ]
    late: list[tuple[datetime, AnyFloorEvent]] = [
        (on("23:59:55"), Joined("late", "night")),
        (on("00:00:05", after), Answered("late", "night", "2002")),
        (on("00:01", after), Joined("next", "night")),
        (on("00:02", after), agent("2001", "ready")),
    ]
    for event in stamped([*night, *((one.at, one.event) for one in EVENTS), *late]):
        diary.append(event)
    await diary.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A configuration whose floor has kept that day."""
    folder = tmp_path_factory.mktemp("bank")
    (folder / "var").mkdir()
    (folder / "onecall.yaml").write_text("state: var\n", "utf-8")
    asyncio.run(_write(folder / "var" / DATABASE))
    return folder


@pytest.fixture
def ivr(folder: Path) -> Ivr:
    def run(*words: str, status: int = 0, day: str = "2026-11-23") -> str:
        where = ["-c", str(folder / "onecall.yaml")]
        done = CliRunner().invoke(app, ["report", "queues", "--day", day, *words, *where])
        assert done.exit_code == status, done.output
        return done.output

    return run


def test_the_queues(ivr: Ivr) -> None:
    said = ivr().splitlines()
    assert said[0].split()[:3] == ["queue", "O", "H"]
    assert said[1].split()[:4] == ["loans", "1", "0", "1"]
    service = said[3].split()
    assert service[:7] == ["service", "10", "4", "3", "1", "1", "1"]
    assert "30.0 %" in said[3]
    assert "17.5" in said[3]


def test_the_night_before_and_the_one_after(ivr: Ivr) -> None:
    """An agent has been there since the evening; a caller of the day is answered after midnight."""
    data = json.loads(ivr("--queue", "night", "--json"))
    (queue,) = data["queues"]
    assert (queue["offered"], queue["handled"], queue["asa_s"]) == (1, 1, 10)
    found = json.loads(ivr("--calls", "offered", "--queue", "night", "--json"))
    assert [one["call_id"] for one in found] == ["late"]
    owl = {one["agent"]: one for one in data["agents"]}["2001"]
    assert owl["available_ms"] == 30 * 60_000
    yesterday = json.loads(ivr("--json", day="2026-11-22"))
    assert yesterday["queues"][0]["abandoned"] == 1


def test_the_agents(ivr: Ivr) -> None:
    rows = {one["agent"]: one for one in csv.DictReader(io.StringIO(ivr("--by", "agent", "--csv")))}
    assert (rows["1001"]["handled"], rows["1001"]["paused_break_ms"]) == ("3", "300000")
    assert (rows["1002"]["missed"], rows["1002"]["paused_break_ms"]) == ("1", "")
    # Nobody has said that they went home: they are at work until the diary is no longer read.
    assert rows["1002"]["acw_ms"] == "10000"


def test_the_intervals(ivr: Ivr) -> None:
    rows = list(csv.DictReader(io.StringIO(ivr("--by", "interval", "--csv", "--queue", "service"))))
    assert [(row["begins"], row["offered"]) for row in rows] == [
        ("2026-11-23T09:00:00+08:00", "9"),
        ("2026-11-23T09:15:00+08:00", "1"),
    ]
    assert "09:15" in ivr("--by", "interval")


def test_for_programs(ivr: Ivr) -> None:
    data = json.loads(ivr("--json"))
    queues = {one["queue"]: one for one in data["queues"]}
    assert queues["service"]["service_level"] == 0.3
    assert queues["service"]["abandonment_net"] == pytest.approx(2 / 9)
    assert {one["agent"] for one in data["agents"]} == {"1001", "1002", "2001"}
    assert len(data["intervals"]) == 4


@pytest.mark.parametrize(
    ("figure", "calls"),
    [
        ("abandoned", "c2 c4 c5 c6"),
        ("abandoned_short", "c4"),
        ("handled_in_time", "c1 c2 c9 late"),
        ("transferred", "c2"),
        ("waiting", "c10"),
        ("missed", "c9"),
        ("called_back", "c7b"),
    ],
)
def test_the_calls_behind_a_figure(ivr: Ivr, figure: str, calls: str) -> None:
    found = json.loads(ivr("--calls", figure, "--json"))
    assert [one["call_id"] for one in found] == calls.split()
    assert calls.split()[0] in ivr("--calls", figure)


def test_of_one_queue(ivr: Ivr) -> None:
    found = json.loads(ivr("--calls", "abandoned", "--queue", "loans", "--json"))
    assert [one["call_id"] for one in found] == ["c2"]


def test_other_thresholds(ivr: Ivr) -> None:
    (queue,) = json.loads(ivr("--within", "10", "--short", "15", "--queue", "service", "--json"))[
        "queues"
    ]
    assert (queue["service_level"], queue["abandoned_short"]) == (0.2, 2)


def test_nothing_to_report(ivr: Ivr) -> None:
    assert ivr(day="2026-11-20") == "nothing on 2026-11-20\n"
    assert ivr("--calls", "misrouted", "--queue", "loans") == (
        "nothing on 2026-11-23: no call is behind `misrouted`\n"
    )


@pytest.mark.parametrize(
    ("words", "said"), [(("--calls", "luck"), "`luck` is no count; there are offered, handled")]
)
def test_what_is_refused(ivr: Ivr, words: tuple[str, ...], said: str) -> None:
    assert said in ivr(*words, status=2)
    assert "is no day" in ivr(day="someday", status=2)
