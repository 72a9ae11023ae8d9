"""What an engine serves of its floor to other processes, over a real socket."""

from __future__ import annotations

import socket
import stat
from pathlib import Path

import pytest

from ivr.app.config import Config, ConfigError, FloorConfig
from ivr.app.floor.client import floor_client
from ivr.app.floor.serving import TOKEN, serving_floor
from ivr.centre.agents import Act
from ivr.http.server import Served
from ivr.model.errors import PortError
from ivr.ports.agents import Agents, AgentState, Refusal
from ivr.ports.dictation import Dictation
from ivr.ports.floor import Floor
from ivr.ports.waiting import Errand
from tests.desk.kit import NOW, Forms, Hall, Time, caller


async def test_what_an_engine_serves_is_asked_from_elsewhere(tmp_path: Path) -> None:
    config = Config(state=tmp_path, floor=FloorConfig(port=free_port()))
    hall = Hall(Time(), {"1001": "李娜"})
    ports = {
        "agents": Served(Agents, hall),
        "floor": Served(Floor, hall),
        "dictation": Served(Dictation, Forms()),
    }
    async with serving_floor(config, ports), floor_client(config) as far:
        assert (await far.agents.hold("1001")).refused is Refusal.STATE
        for act in (Act.LOGIN, Act.READY):
            hall.act("1001", act)
        hall.call(caller())
        board = await far.floor.changed(1, 5_000)
        assert board == await hall.board()
        assert board.callers[0].facts["name"] == "王芳"
        errand = Errand("e1", "order", "transfer", {"amount": "12.50"})
        done = await far.agents.hand_off("1001", errand)
        assert done.view is not None
        assert done.view.state is AgentState.RESERVED
        assert done.view.since == NOW
        assert hall.errands == [errand]
        form = await far.dictation.form("call-1", "transfer", "en", {"amount": "1"})
        assert form.fields[0].choices[0].text == "account ending 1001"


async def test_only_who_has_the_token_is_answered(tmp_path: Path) -> None:
    config = Config(state=tmp_path / "engine", floor=FloorConfig(port=free_port()))
    other = config.model_copy(update={"state": tmp_path / "other"})
    with pytest.raises(ConfigError, match="ivr serve"):
        async with floor_client(config):
            raise AssertionError
    async with serving_floor(config, {"floor": Served(Floor, Hall(Time(), {}))}):
        assert stat.S_IMODE((config.state / TOKEN).stat().st_mode) == 0o600
        other.state.mkdir()
        (other.state / TOKEN).write_text("guessed")
        (other.state / TOKEN).chmod(0o600)
        async with floor_client(other) as far:
            with pytest.raises(PortError, match="401"):
                await far.floor.board()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as one:
        port: int = one.getsockname()[1]
        return port
