"""`ivr callbacks`: asked of an engine over its own door."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from ivr.adapters.clock import SystemClock
from ivr.app.callbacks.outgoing import NoCalls
from ivr.app.config import load_config
from ivr.app.floor.serving import serving_floor
from ivr.cli.callbacks import app
from ivr.http.server import Served
from ivr.ports.callbackbook import CallbackBook
from ivr.ports.callbacks import Wanted
from tests.app.callbacks.kit import House, World

TOMORROW = (SystemClock("Asia/Shanghai").now() + timedelta(days=1)).strftime("%Y-%m-%d")
WINDOW = ("--from", f"{TOMORROW}T14:00", "--until", f"{TOMORROW}T15:00")


@pytest.fixture
def port(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as free:
        number = free.getsockname()[1]
    (tmp_path / "onecall.yaml").write_text(f"floor: {{port: {number}}}\n")


@pytest.fixture
async def house(tmp_path: Path, port: None) -> AsyncIterator[House]:
    """Callbacks of an engine, served as it serves them: by the time that the commands go by."""
    world = World(tmp_path)
    world.clock.at = world.rules.opens_at = SystemClock("Asia/Shanghai").now()
    async with (
        world.engine() as house,
        serving_floor(load_config(None), {"callbacks": Served(CallbackBook, house.calls)}),
    ):
        yield house


async def run(*words: str) -> Result:
    return await asyncio.to_thread(CliRunner().invoke, app, words)


async def test_who_is_to_be_called_and_is_not_any_more(house: House) -> None:
    assert (await run("list")).stdout == "nobody is to be called back\n"
    await house.calls.keep(Wanted("17.1", "service", "13800001111", "zh"))
    (one,) = json.loads((await run("list", "--json")).stdout)
    assert (one["id"], one["number"], one["state"]) == ("17.1", "13800001111", "kept")
    assert "13800001111" in (await run("list")).stdout
    cancelled = await run("cancel", "17.1", "-m", "solved", "--as", "Li Na")
    assert cancelled.stdout == "17.1 is cancelled\n"
    again = await run("cancel", "17.1", "-m", "solved")
    assert (again.exit_code, "it is over" in again.output) == (1, True)
    (past,) = json.loads((await run("list", "--all", "--json")).stdout)
    assert past["state"] == "cancelled"
    assert past["note"].startswith("Li Na")
    assert past["note"].endswith("solved")


async def test_a_call_within_a_window(house: House) -> None:
    done = await run("schedule", "service", "13800001111", *WINDOW)
    assert done.stdout == f"13800001111 is called between {TOMORROW} 14:00 and 15:00\n"
    (kept,) = await house.calls.find()
    assert (kept.queue, kept.due - kept.not_before) == ("service", timedelta(hours=1))


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (("schedule", "service", "0012125550100", *WINDOW), 1, "may not be dialled"),
        (("schedule", "nothing", "13800001111", *WINDOW), 1, "no `callbacks`"),
        (("schedule", "service", "1", "--from", "noon", "--until", "1"), 2, "`noon` is no time"),
        (("schedule", "service", "1", *WINDOW[:3], f"{TOMORROW}T14:00"), 2, "before it begins"),
        (("cancel", "17.1", "-m", " "), 2, "the message says nothing"),
    ],
)
async def test_what_is_refused(
    house: House, words: tuple[str, ...], status: int, said: str
) -> None:
    refused = await run(*words)
    assert (refused.exit_code, said in refused.output) == (status, True)


async def test_an_engine_that_calls_nobody(port: None) -> None:
    async with serving_floor(load_config(None), {"callbacks": Served(CallbackBook, NoCalls())}):
        refused = await run("schedule", "service", "13800001111", *WINDOW)
        assert (refused.exit_code, "dialler" in refused.output) == (1, True)
        assert (await run("list")).stdout == "nobody is to be called back\n"
        assert (await run("cancel", "17.1", "-m", "solved")).exit_code == 1


def test_without_an_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    shown = CliRunner().invoke(app, ["list"])
    assert (shown.exit_code, "ivr serve" in shown.output) == (2, True)
