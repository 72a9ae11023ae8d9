"""`ivr db`: a backup is taken while it is written to, looked at, and put back."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from ivr import pins
from ivr.adapters.bank import demo
from ivr.adapters.clock import SystemClock
from ivr.adapters.store.database import DatabaseStore
from ivr.app.ledger import DATABASE
from ivr.cli.main import app
from ivr.model.events import LanguageChanged
from ivr.ports.store import StampedEvent


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A hotline's configuration, with a store and a bank elsewhere."""
    monkeypatch.setattr(pins, "MEMORY_KIB", 64)
    demo.seed(tmp_path / "bank" / "bank.sqlite")
    file = tmp_path / "onecall.yaml"
    file.write_text("bank: {file: bank/bank.sqlite}\n", "utf-8")
    (tmp_path / "var").mkdir()
    asyncio.run(happen(tmp_path, "1.1"))
    return file


async def happen(folder: Path, call: str) -> None:
    store = await DatabaseStore.open(folder / "var" / DATABASE, SystemClock("Asia/Shanghai"))
    store.events.emit(call, LanguageChanged("en"))
    await store.close()


async def happened(folder: Path) -> list[StampedEvent]:
    store = await DatabaseStore.open(folder / "var" / DATABASE, SystemClock("Asia/Shanghai"))
    try:
        return (
            await store.messages() + await store.read_events("1.1") + await store.read_events("1.2")
        )
    finally:
        await store.close()


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(app, ["db", *map(str, words)])


def test_it_is_taken_and_put_back(file: Path) -> None:
    folder, to = file.parent, file.parent / "backup"
    taken = run("backup", to, "-c", file)
    assert taken.exit_code == 0, taken.output
    assert f"keep it elsewhere: {folder / 'bank' / 'bank.pepper'}" in taken.output
    assert not list(to.glob("*.pepper"))
    assert {one.stat().st_mode & 0o777 for one in to.iterdir()} == {0o600}
    assert run("check", to).exit_code == 0
    asyncio.run(happen(folder, "1.2"))
    back = run("restore", to, "-c", file)
    assert back.exit_code == 0, back.output
    assert [one.call_id for one in asyncio.run(happened(folder))] == ["1.1"]
    (aside,) = (folder / "var").glob("before-restore-*")
    with closing(sqlite3.connect(aside / DATABASE)) as old:
        assert old.execute("SELECT count(*) FROM events").fetchone() == (2,)


def test_what_is_written_meanwhile_is_in_it_whole_or_not_at_all(file: Path) -> None:
    writing = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(file.parent / "var" / "busy.sqlite")],
        stdout=subprocess.PIPE,
    )
    assert writing.stdout is not None
    writing.stdout.readline()  # it has begun
    try:
        assert run("backup", file.parent / "backup", "-c", file).exit_code == 0
    finally:
        writing.kill()
        writing.wait()
        writing.stdout.close()
    with closing(sqlite3.connect(file.parent / "backup" / "busy.sqlite")) as copy:
        (rows,) = copy.execute("SELECT count(*) FROM pairs").fetchone()
    assert rows > 0
    assert rows % 2 == 0


WRITER = """
import sqlite3, sys
database = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=5)
database.execute("PRAGMA journal_mode=WAL")
database.execute("CREATE TABLE pairs (what BLOB)")
told = False
while True:
    database.execute("BEGIN")
    for _ in range(2):
        database.execute("INSERT INTO pairs VALUES (zeroblob(2000))")
    database.execute("COMMIT")
    if not told:
        told = True
        print("begun", flush=True)
"""


def test_a_damaged_one_is_told_and_changes_nothing(file: Path) -> None:
    to = file.parent / "backup"
    assert run("backup", to, "-c", file).exit_code == 0
    with (to / "bank.sqlite").open("r+b") as copy:
        copy.seek(5000)
        copy.write(b"\xff")
    looked = run("check", to, "--json")
    assert looked.exit_code == 1
    wrong = {one["name"]: one["problem"] for one in json.loads(looked.output)}
    assert wrong[DATABASE] == ""
    assert wrong["bank.sqlite"].startswith("not as it was copied")
    asyncio.run(happen(file.parent, "1.2"))
    assert run("restore", to, "-c", file).exit_code == 2
    assert len(asyncio.run(happened(file.parent))) == 2


@contextmanager
def engine(state: Path) -> Iterator[None]:
    """Have a process that looks like an engine of a state folder."""
    waits = "print(flush=True); input()"
    running = subprocess.Popen(
        [sys.executable, "-c", waits, "serve"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert running.stdout is not None
    running.stdout.readline()  # its command line is its own by now
    (state / "engine-4573.pid").write_text(f"{running.pid}\n", "utf-8")
    try:
        yield
    finally:
        running.communicate(b"\n")


def test_nothing_is_put_back_under_a_running_engine(file: Path) -> None:
    to = file.parent / "backup"
    assert run("backup", to, "-c", file).exit_code == 0
    with engine(file.parent / "var"):
        refused = run("restore", to, "-c", file)
    assert refused.exit_code == 1
    assert "stop it first" in refused.output


def test_what_cannot_be_says_what_to_do(file: Path, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    assert "not there yet" in run("backup", tmp_path / "full", "-c", file).output
    assert "no backup" in run("check", tmp_path / "full").output
    (tmp_path / "full" / "backup.json").write_text("{")
    assert "damaged" in run("restore", tmp_path / "full", "-c", file).output
    empty = tmp_path / "empty.yaml"
    empty.write_text("state: nothing\n", "utf-8")
    missing = run("backup", tmp_path / "other", "-c", empty)
    assert missing.exit_code == 2
    assert "no database to copy" in missing.output
