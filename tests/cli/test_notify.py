"""`ivr notify`, run as people run it."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from typer.testing import CliRunner

from ivr.adapters.clock import SystemClock
from ivr.adapters.notify.embedded import EmbeddedNotify, seed
from ivr.cli.main import app
from ivr.model.values import Money, Scalar
from ivr.ports.notify import Notice


def run(folder: Path, *arguments: str) -> tuple[int, str, str]:
    config = folder / "onecall.yaml"
    if not config.exists():
        config.write_text("state: .\n")
    result = CliRunner().invoke(app, ["notify", "show", "-c", str(config), *arguments])
    return result.exit_code, result.stdout, result.stderr


async def send(folder: Path, *customers: str) -> None:
    file = folder / "var" / "notify.sqlite"
    seed(file, [("C1002", "13800001002"), ("C1003", "13800001003")])
    notify = await EmbeddedNotify.open(file, SystemClock("Asia/Shanghai"))
    values: dict[str, Scalar] = {"reference": "10000008", "order": "transfer"}
    values |= {"amount": Money(500), "fee": Money(0)}
    for customer in customers:
        await notify.send(Notice(customer, customer, "order-posted", "en", values))
    await notify.close()


def test_what_was_received_is_listed(tmp_path: Path) -> None:
    asyncio.run(send(tmp_path, "C1002", "C1003"))
    code, shown, _ = run(tmp_path, "--json")
    assert code == 0
    assert [one["number"] for one in json.loads(shown)] == ["13800001002", "13800001003"]
    code, shown, _ = run(tmp_path, "--customer", "C1003")
    assert code == 0
    assert "13800001003" in shown
    assert "13800001002" not in shown


def test_nothing_was_received(tmp_path: Path) -> None:
    asyncio.run(send(tmp_path))
    assert run(tmp_path)[:2] == (0, "no messages\n")
    assert run(tmp_path, "--json")[:2] == (0, "[]\n")


def test_there_is_nothing_to_look_at(tmp_path: Path) -> None:
    code, _, said = run(tmp_path)
    assert (code, "run `ivr bank seed` first" in said) == (2, True)
    url = "http://127.0.0.1:1"
    (tmp_path / "onecall.yaml").write_text(f"notify: {{backend: http, url: '{url}'}}\n")
    code, _, said = run(tmp_path)
    assert (code, "messages go out by the http backend" in said) == (2, True)
