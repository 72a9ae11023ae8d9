"""`ivr db upgrade` and `ivr db prune`: what they show, what they do, and what they refuse."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from ivr.adapters.callbacks import KIND
from ivr.adapters.cases.database import KIND as CASES
from ivr.cli.main import app
from ivr.database import prepare
from tests.rights import closed_to_us, without_rights

NEWEST = 3
"""The version of promised calls."""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A configuration of a hotline with promised calls, which nobody has upgraded."""
    prepare(tmp_path / "var" / "callbacks.sqlite", KIND)
    with closing(sqlite3.connect(tmp_path / "var" / "callbacks.sqlite")) as database:
        for table in ("fence", "attempts", "callbacks"):
            database.execute(f"DROP TABLE {table}")
        database.executescript((KIND.scripts / "0001_callbacks.sql").read_text("utf-8"))
        database.executescript((KIND.scripts / "0002_one_call_a_number.sql").read_text("utf-8"))
        database.execute("PRAGMA user_version=2")
        database.execute(
            "INSERT INTO callbacks VALUES ('17.1', 'failed', '', 1, 0, 0, x'7b7d', NULL)"
        )
        database.commit()
    file = tmp_path / "onecall.yaml"
    file.write_text("retention: {callbacks: 90}\n", "utf-8")
    return file


def run(file: Path, *words: str) -> Result:
    return CliRunner().invoke(app, ["db", *words, "-c", str(file)])


def version(file: Path) -> int:
    with closing(sqlite3.connect(file.parent / "var" / "callbacks.sqlite")) as database:
        return int(database.execute("PRAGMA user_version").fetchone()[0])


def test_an_upgrade_is_shown_before_it_is_done(file: Path) -> None:
    shown = run(file, "upgrade", "--dry-run", "--json")
    assert shown.exit_code == 1, shown.output
    states = {one["name"]: one for one in json.loads(shown.output)}
    assert states["callbacks"]["version"] == 2
    assert states["callbacks"]["scripts"] == [NEWEST]
    assert (states["store"]["version"], states["store"]["scripts"]) == (0, [])
    assert version(file) == 2
    done = run(file, "upgrade")
    assert done.exit_code == 0, done.output
    assert f"is now {NEWEST}" in done.output
    assert version(file) == NEWEST
    again = run(file, "upgrade", "--dry-run")
    assert (again.exit_code, "up to date" in again.output) == (0, True)
    assert {one.name for one in (file.parent / "var").glob("*.sqlite")} == {"callbacks.sqlite"}


def test_a_newer_one_is_told_and_nothing_is_changed(file: Path) -> None:
    prepare(file.parent / "var" / "cases.sqlite", CASES)
    with closing(sqlite3.connect(file.parent / "var" / "cases.sqlite")) as database:
        database.execute("PRAGMA user_version=9")
    refused = run(file, "upgrade")
    assert refused.exit_code == 2
    assert "cases: it is of version 9" in refused.output
    assert version(file) == 2


def test_what_is_old_is_shown_before_it_goes(file: Path) -> None:
    run(file, "upgrade")
    shown = run(file, "prune", "--dry-run", "--json")
    due = {one["table"]: one["rows"] for one in json.loads(shown.output)}
    assert due == {"callbacks": 1, "attempts": 0}
    assert "would go" in run(file, "prune", "--dry-run").output
    assert run(file, "prune").exit_code == 0
    assert json.loads(run(file, "prune", "--json").output)[0]["rows"] == 0
    file.write_text("{}\n", "utf-8")
    assert "everything is kept for ever" in run(file, "prune").output
    file.write_text("retention: {calls: 90}\n", "utf-8")
    assert "there is nothing yet" in run(file, "prune").output


def begin(file: Path, *words: str) -> subprocess.Popen[str]:
    """Begin a command through the shell, of one who may not read what is somebody else's."""
    return subprocess.Popen(
        without_rights(sys.executable, "-B", "-m", "ivr", "db", *words, "-c", str(file)),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )


@pytest.mark.proof
@pytest.mark.timeout(60)
def test_through_the_shell(file: Path, tmp_path: Path) -> None:
    broken, closed = tmp_path / "broken.yaml", tmp_path / "closed.yaml"
    broken.write_text(f"state: {tmp_path}/broken\n", "utf-8")
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "onecall.sqlite").write_text("no database", "utf-8")
    closed.write_text(f"state: {tmp_path}/closed\nretention: {{callbacks: 90}}\n", "utf-8")
    prepare(tmp_path / "closed" / "callbacks.sqlite", KIND)
    closed_to_us(tmp_path / "closed" / "callbacks.sqlite")
    expected = [
        (begin(file, "upgrade"), 0, ""),
        (begin(file, "prune", "--days", "3"), 2, "No such option"),
        (begin(broken, "upgrade"), 2, "onecall.sqlite is not a database: move it away"),
        (begin(closed, "prune"), 2, "cannot be opened"),
    ]
    for command, status, says in expected:
        _, wrong = command.communicate(timeout=50)
        assert command.returncode == status, wrong
        assert says in wrong
        assert "Traceback" not in wrong
