"""`ivr status`, `ivr drain`, `ivr resume`: on an engine that runs, and without one."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from ivr import pins
from ivr.app.config import load_config
from ivr.app.service import running
from ivr.cli.main import app
from tests.app.floor.test_client import free_port
from tests.app.test_service_orders import site


@asynccontextmanager
async def engine(folder: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[Path, str]]:
    """Run an engine; yield its configuration, and where it is asked."""
    monkeypatch.setattr(pins, "MEMORY_KIB", 64)
    file, port = site(folder), free_port()
    file.write_text(f"agi: {{port: 0, max_calls: 7}}\nfloor: {{port: {port}}}\n", "utf-8")
    async with running(load_config(file)):
        yield file, f"http://127.0.0.1:{port}"


async def invoke(command: str, file: Path, *words: str) -> tuple[int, str]:
    found = await asyncio.to_thread(CliRunner().invoke, app, [command, "-c", str(file), *words])
    return found.exit_code, found.output


@pytest.mark.proof
async def test_an_engine_is_taken_out_of_service_and_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with engine(tmp_path, monkeypatch) as (file, url), httpx.AsyncClient() as client:
        status, said = await invoke("status", file)
        assert status == 0
        assert "0 of at most 7" in said
        assert "not configured" in said
        assert (await client.get(f"{url}/ready")).status_code == 200
        assert (await invoke("drain", file))[0] == 0
        status, said = await invoke("status", file, "--json")
        assert status == 1
        assert json.loads(said)["problems"] == [
            "draining: it takes no new calls; `ivr resume` has it take some again"
        ]
        assert (await client.get(f"{url}/ready")).status_code == 503
        assert (await client.get(f"{url}/health")).status_code == 200
        figures = (await client.get(f"{url}/metrics")).text
        assert "onecall_draining 1.0" in figures
        assert 'onecall_survey_coverage_calls{is="eligible"} 0.0' in figures
        status, said = await invoke("resume", file)
        assert status == 0
        assert said.splitlines()[-1].strip() == "ready"


@pytest.mark.proof
async def test_nobody_drains_it_without_the_token(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with engine(tmp_path, monkeypatch) as (_, url), httpx.AsyncClient() as client:
        assert (await client.post(f"{url}/v1/operations/drain", json={})).status_code == 401
        assert (await client.get(f"{url}/ready")).status_code == 200


@pytest.mark.parametrize("command", ["status", "drain", "resume"])
async def test_without_an_engine_it_says_what_to_do(tmp_path: Path, command: str) -> None:
    file = tmp_path / "onecall.yaml"
    file.write_text(f"floor: {{port: {free_port()}}}\n", "utf-8")
    status, said = await invoke(command, file)
    assert status == 2
    assert "ivr serve" in said
