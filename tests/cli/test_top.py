"""`ivr top`: the board of an engine that runs."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from rich.console import Console
from typer.testing import CliRunner

from ivr.app.config import Config, load_config
from ivr.app.figures import Figures
from ivr.app.floor.serving import serving_floor
from ivr.app.ledger import open_store
from ivr.centre.agents import Act
from ivr.cli.main import app
from ivr.cli.top import picture
from ivr.http.server import Served
from ivr.ports.cases import CaseBook, CaseCounts, NewCase
from ivr.ports.coverage import Tally
from ivr.ports.floor import Floor
from tests.app.floor.test_client import free_port
from tests.desk.cases_kit import book_of
from tests.desk.kit import Hall, Time, missed, queue


@asynccontextmanager
async def engine(folder: Path) -> AsyncIterator[Path]:
    """Serve a floor as an engine does; yield its configuration."""
    file = folder / "onecall.yaml"
    file.write_text(f"floor: {{port: {free_port()}}}\n", "utf-8")
    config: Config = load_config(file)
    hall = Hall(Time(), {"1001": "李娜", "1002": "王磊"})
    hall.queues = (
        queue(
            "service",
            7,
            longest_s=125,
            abandonment=0.061,
            surge="2 agents",
            estimate_s=90,
            error_s=20,
        ),
    )
    hall.alerts = (missed("1002"),)
    hall.act("1002", Act.LOGIN)
    book = book_of(Time())
    await book.open(NewCase("a", "complaint", "1001", "a fee"))
    ports = {"floor": Served(Floor, hall), "cases": Served(CaseBook, book)}
    async with open_store(config, begin=True), serving_floor(config, ports):
        yield file


def invoke(*words: str) -> tuple[int, str]:
    found = CliRunner().invoke(app, ["top", *words])
    return found.exit_code, found.output


async def test_the_board_is_shown_once_for_people_and_for_programs(tmp_path: Path) -> None:
    async with engine(tmp_path) as file:
        status, said = await asyncio.to_thread(invoke, "--once", "-c", str(file))
        assert status == 0
        for text in (
            "service",
            "2:05",
            "6.1 %",
            "2 agents",
            "1:30 ±0:20",
            "! 11-23 09:30 agent 1002 is paused: 3 calls in a row not answered",
            "asked today -  open cases 1  overdue 0",
        ):
            assert text in said
        assert said.index("王磊") < said.index("李娜")
        status, said = await asyncio.to_thread(invoke, "--json", "-c", str(file))
        board = json.loads(said)
        assert board["figures"]["cases"] == {"open": 1, "late": 0}
        assert (board["queues"][0]["waiting"], board["agents"][0]["agent"]) == (7, "1001")


def test_without_an_engine_it_says_what_to_do(tmp_path: Path) -> None:
    file = tmp_path / "onecall.yaml"
    file.write_text(f"floor: {{port: {free_port()}}}\n", "utf-8")
    status, said = invoke("--once", "-c", str(file))
    assert status == 2
    assert "ivr serve" in said


async def test_a_small_terminal_shows_who_is_at_work() -> None:
    hall = Hall(Time(), {str(number): "x" for number in range(1000, 1500)})
    hall.act("1499", Act.LOGIN)
    console = Console(width=80)
    with console.capture() as captured:
        console.print(picture(await hall.board(), Figures(Tally(4, 2, 1), CaseCounts(3, 1)), 20))
    said = captured.get()
    assert "service" in said
    assert said.count("\n") <= 20
    assert "1499" in said
    assert "asked today 66.7 % (1 still to be asked)  open cases 3  overdue 1" in said
