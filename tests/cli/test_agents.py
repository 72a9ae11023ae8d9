"""`ivr agents`: asked of an engine's floor over its own door."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from ivr.app.config import load_config
from ivr.app.floor.serving import serving_floor
from ivr.cli.agents import app
from ivr.http.server import Served
from ivr.ports.agents import Agents, AgentState
from tests.app.floor.hands import PIN, Centre, empty


@pytest.fixture
async def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Centre]:
    """A floor where nobody is logged in, served as an engine serves it."""
    monkeypatch.chdir(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    (tmp_path / "onecall.yaml").write_text(f"floor: {{port: {port}}}\n")
    made = empty()
    async with serving_floor(load_config(None), {"agents": Served(Agents, made.control)}):
        yield made


async def run(*words: str, typed: str = "") -> Result:
    return await asyncio.to_thread(CliRunner().invoke, app, words, input=typed)


async def test_an_agent_comes_and_goes(desk: Centre) -> None:
    login = await run("login", "1001", typed=f"{PIN}\n")
    assert (login.exit_code, login.stdout) == (0, "1001 agent 1001: paused\n")
    assert (await run("ready", "1001")).stdout == "1001 agent 1001: ready\n"
    pause = await run("pause", "1001", "--reason", "lunch")
    assert pause.stdout == "1001 agent 1001: paused (lunch)\n"
    (view,) = json.loads((await run("show", "--json")).stdout)
    assert (view["agent"], view["state"], view["reason"]) == ("1001", "paused", "lunch")
    shown = (await run("show")).stdout
    assert "1001" in shown
    assert "1002" not in shown
    assert "1002" in (await run("show", "--all")).stdout
    assert (await run("logout", "1001")).exit_code == 0
    assert desk.floor.stood["1001"].state is AgentState.OFFLINE


async def test_a_refusal_says_what_to_do(desk: Centre) -> None:
    wrong = await run("login", "1001", typed="000000\n")
    assert (wrong.exit_code, "PIN is wrong" in wrong.output) == (1, True)
    early = await run("ready", "1001")
    assert (early.exit_code, "ivr agents show" in early.output) == (1, True)


def test_without_an_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    shown = CliRunner().invoke(app, ["show"])
    assert (shown.exit_code, "ivr serve" in shown.output) == (2, True)


def test_the_documented_diagram_is_the_table_s() -> None:
    drawn = CliRunner().invoke(app, ["diagram"]).stdout
    page = Path(__file__).parents[2] / "docs" / "agents.md"
    assert f"```mermaid\n{drawn}```" in page.read_text("utf-8")
