"""`ivr version` and `ivr queues`: what runs here, and who waits."""

from __future__ import annotations

import json
import platform
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ivr.adapters.bank.demo import seed
from ivr.cli.main import app


def test_versions_of_everything_that_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "var").mkdir()
    seed(tmp_path / "var/bank.sqlite")
    told = json.loads(CliRunner().invoke(app, ["version", "--json"]).stdout)
    assert told["python"] == platform.python_version()
    assert told["flows"] is None
    (bank,) = told["databases"]
    assert bank["name"] == "bank"
    assert bank["version"] == bank["newest"] > 0
    with closing(sqlite3.connect(tmp_path / "var/bank.sqlite")) as database:
        database.execute("PRAGMA user_version=1")
    shown = CliRunner().invoke(app, ["version"])
    assert shown.exit_code == 0
    assert f"version 1, the newest is {bank['newest']}" in shown.stdout
    (tmp_path / "var/bank.sqlite").write_bytes(b"no database at all" * 100)
    damaged = CliRunner().invoke(app, ["version"])
    assert damaged.exit_code == 2
    assert "bank.sqlite" in damaged.stderr
    assert "Traceback" not in damaged.stderr
