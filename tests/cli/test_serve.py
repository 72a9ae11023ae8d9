"""`ivr serve` that cannot start says what, where and what to do, in one message and no traceback."""

from __future__ import annotations

import asyncio
import shutil
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from ivr.cli.main import app

ROOT = Path(__file__).parent.parent.parent

pytestmark = [pytest.mark.proof, pytest.mark.timeout(30)]


def serve(folder: Path, settings: Mapping[str, Any]) -> tuple[int, str]:
    """Run `ivr serve` with these settings until it gives up; return status and message."""
    config = folder / "onecall.yaml"
    defaults = {
        "flows": str(ROOT / "flows"),
        "prompts": str(ROOT / "prompts"),
        "state": str(folder / "var"),
        "bank": {"file": str(folder / "var" / "bank.sqlite")},
        "agi": {"port": 0},
    }
    config.write_text(yaml.safe_dump({**defaults, **settings}), "utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "ivr", "serve", "-c", str(config)],
        capture_output=True,
        text=True,
        timeout=25,
        check=False,
    )
    return done.returncode, done.stderr + done.stdout


def refused(folder: Path, settings: Mapping[str, Any], *parts: str) -> str:
    """Have it refused; every part must be in the message."""
    status, message = serve(folder, settings)
    assert status == 1, message
    assert "Traceback" not in message
    for part in parts:
        assert part in message, message
    return message


def test_a_busy_port(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        refused(tmp_path, {"agi": {"port": port}}, f"127.0.0.1:{port}", "another program")


def test_an_events_file_that_cannot_be_written(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["serve", "--events", str(tmp_path)])
    assert done.exit_code == 1
    assert f"--events {tmp_path}: cannot be written" in done.output


def test_a_bad_flow_file(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "flows", tmp_path / "flows")
    main = tmp_path / "flows" / "main.yaml"
    main.write_text(main.read_text("utf-8").replace("next: menu}", "next: menuu}"), "utf-8")
    refused(tmp_path, {"flows": str(tmp_path / "flows")}, "main.yaml:", "menuu", "menu")


def test_a_prompt_name_that_no_language_has(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "flows", tmp_path / "flows")
    main = tmp_path / "flows" / "main.yaml"
    main.write_text(main.read_text("utf-8").replace("say: goodbye", "say: godbye"), "utf-8")
    refused(tmp_path, {"flows": str(tmp_path / "flows")}, "godbye", "goodbye", "main.yaml:")


def test_a_missing_recording(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "prompts", tmp_path / "prompts")
    (tmp_path / "prompts" / "en" / "main-menu.ulaw").unlink()
    refused(tmp_path, {"prompts": str(tmp_path / "prompts")}, "en/main-menu", "ivr prompts build")


def test_a_database_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "onecall.sqlite").write_bytes(b"this is no database, it is a letter" * 99)
    refused(tmp_path, {}, "onecall.sqlite", "not a database")


def test_a_bank_that_is_damaged(tmp_path: Path) -> None:
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "bank.sqlite").write_bytes(b"SQLite format 3\0" + b"\xff" * 4096)
    refused(tmp_path, {}, "bank.sqlite")


def test_a_state_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("a file")
    refused(tmp_path, {}, str(tmp_path / "var"))


def test_an_ami_secret_that_others_can_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("hush-hush")
    secret.chmod(0o644)
    message = refused(tmp_path, {"ami": {"secret_file": str(secret)}}, "chmod 600")
    assert "hush-hush" not in message


async def _refuse_login(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Be an Asterisk that knows no such user."""
    writer.write(b"Asterisk Call Manager/10.0.0\r\n")
    fields = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    number = next(line for line in fields if line.startswith("ActionID"))
    answer = f"Response: Error\r\n{number}\r\nMessage: Authentication failed\r\n\r\n"
    writer.write(answer.encode())
    await writer.drain()
    writer.close()


async def test_a_wrong_ami_secret(tmp_path: Path) -> None:
    server = await asyncio.start_server(_refuse_login, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    secret = tmp_path / "secret"
    secret.touch(mode=0o600)
    secret.write_text("hush-hush")
    settings = {"ami": {"port": port, "secret_file": str(secret), "user": "engine"}}
    async with server:
        status, message = await asyncio.to_thread(serve, tmp_path, settings)
    assert status == 1, message
    assert "'engine'" in message
    assert "manager.conf" in message
    assert "hush-hush" not in message
    assert "Traceback" not in message
