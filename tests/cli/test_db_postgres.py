"""`ivr db` through the shell, on a real PostgreSQL: backed up in use, put back whole, upgraded, pruned."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol, TypeVar

import psycopg
import pytest
from typer.testing import CliRunner, Result

from ivr.adapters.callbacks.promised import DatabaseCallbacks
from ivr.adapters.ledger.postgres import PostgresLedger
from ivr.adapters.voc.book import KIND as VOC
from ivr.app.dumps import unsound
from ivr.cli.main import app
from ivr.database import Server, prepare
from ivr.model.secret import Secret
from ivr.ports.callbacks import Callback, Purpose
from lab.postgres import Cluster
from tests.contracts.ledger_kit import StillClock, Writing, order_id

pytestmark = [pytest.mark.proof, pytest.mark.timeout(60)]

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
HOUR = timedelta(hours=1)
PASSWORD = "hush-hush-7"


class Closes(Protocol):
    async def close(self) -> None: ...


C = TypeVar("C", bound=Closes)


@asynccontextmanager
async def closed(opened: C) -> AsyncIterator[C]:
    try:
        yield opened
    finally:
        await opened.close()


class Hotline:
    """A configuration whose data is on a server, and what is in it."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder = folder
        self.url = url.replace("onecall@", f"onecall:{PASSWORD}@")
        self.place = Server(Secret(self.url))
        self.file = folder / "onecall.yaml"
        self.file.write_text("database: {url_file: url}\n", "utf-8")
        (folder / "url").write_text(self.url, "utf-8")
        (folder / "url").chmod(0o600)

    def ivr(self, *words: str | Path) -> Result:
        """Run a command in this process."""
        return CliRunner().invoke(app, ["db", *map(str, words), "-c", str(self.file)])

    def begin(self, *words: str | Path) -> subprocess.Popen[str]:
        """Begin a command through the shell, with nothing that says where a server is."""
        return subprocess.Popen(
            [sys.executable, "-m", "ivr", "db", *map(str, words), "-c", str(self.file)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={name: value for name, value in os.environ.items() if not name.startswith("PG")},
        )

    async def promise(self, number: int) -> None:
        """Promise a call, and have an order authorised."""
        async with self.opened() as (store, writing):
            ends = NOW + number * HOUR
            await store.put(
                Callback(f"17.{number}", Purpose.QUEUE, "1380", "zh", NOW, ends, NOW, ends + HOUR)
            )
            await writing.authorise(number)

    async def there(self) -> tuple[list[str], list[int]]:
        """Return which calls are promised, and which orders there are."""
        async with self.opened() as (store, writing):
            calls = [one.id for one in await store.open_ones()]
            return calls, [n for n in (1, 2) if await writing.book.record(order_id(n))]

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[tuple[DatabaseCallbacks, Writing]]:
        """Open the promised calls and the ledger of orders."""
        async with (
            closed(await DatabaseCallbacks.open(self.place)) as store,
            closed(await PostgresLedger.open(self.url)) as ledger,
        ):
            yield store, Writing(ledger, StillClock())


@pytest.fixture
def hotline(postgres: Cluster, tmp_path: Path) -> Hotline:
    hotline = Hotline(tmp_path, postgres.database())
    asyncio.run(hotline.promise(1))
    return hotline


def test_it_is_put_back_as_it_was_and_what_was_there_is_kept(hotline: Hotline) -> None:
    to = hotline.folder / "backup"
    taken = hotline.ivr("backup", to)
    assert taken.exit_code == 0, taken.output
    assert {one.name for one in to.iterdir()} == {"backup.json", "postgres.dump"}
    assert {one.stat().st_mode & 0o777 for one in to.iterdir()} == {0o600}
    assert PASSWORD not in taken.output + (to / "backup.json").read_text()
    asyncio.run(hotline.promise(2))
    prepare(hotline.place, VOC)  # what a backup does not know goes as well
    back = hotline.ivr("restore", to)
    assert back.exit_code == 0, back.output
    assert asyncio.run(hotline.there()) == (["17.1"], [1])
    states = json.loads(hotline.ivr("upgrade", "--dry-run", "--json").stdout)
    assert {one["name"]: one["version"] for one in states}["voc"] == 0
    (aside,) = (hotline.folder / "var").glob("before-restore-*")
    assert [one.name for one in aside.iterdir()] == ["postgres.dump"]
    assert unsound(aside / "postgres.dump") == ""


def test_a_damaged_one_changes_nothing(hotline: Hotline) -> None:
    to = hotline.folder / "backup"
    assert hotline.ivr("backup", to).exit_code == 0
    content = bytearray((to / "postgres.dump").read_bytes())
    content[len(content) // 2] ^= 0xFF
    (to / "postgres.dump").write_bytes(content)
    asyncio.run(hotline.promise(2))
    back = hotline.ivr("restore", to)
    assert back.exit_code == 2
    assert "nothing was changed" in back.output
    assert asyncio.run(hotline.there()) == (["17.1", "17.2"], [1, 2])


def test_nothing_is_put_back_under_an_engine_on_any_machine(hotline: Hotline) -> None:
    to = hotline.folder / "backup"
    assert hotline.ivr("backup", to).exit_code == 0
    with psycopg.connect(hotline.url, application_name="onecall"):
        refused = hotline.ivr("restore", to)
    assert refused.exit_code == 1
    assert "at 127.0.0.1 use the database: stop them" in refused.output


def test_a_dump_of_a_server_needs_one(hotline: Hotline) -> None:
    to = hotline.folder / "backup"
    assert hotline.ivr("backup", to).exit_code == 0
    hotline.file.write_text("{}\n", "utf-8")
    back = hotline.ivr("restore", to)
    assert (back.exit_code, "name one" in back.output) == (2, True)


@contextmanager
def locked(hotline: Hotline) -> Iterator[psycopg.Connection[tuple[int]]]:
    """Keep a table locked, so that a dump waits."""
    with psycopg.connect(hotline.url) as connection:
        connection.execute("LOCK TABLE callbacks.callbacks IN ACCESS EXCLUSIVE MODE")
        yield connection


_DUMPING = """
    SELECT count(*) FROM pg_stat_activity
    WHERE application_name = 'pg_dump' AND wait_event_type = 'Lock'
      AND datname = current_database()"""


def test_no_process_shows_the_password(hotline: Hotline) -> None:
    to = hotline.folder / "backup"
    with locked(hotline) as connection:
        taking = hotline.begin("backup", to)
        while connection.execute(_DUMPING).fetchone() != (1,):
            assert taking.poll() is None
            connection.execute("SELECT pg_stat_clear_snapshot(), pg_sleep(0.02)")
        shown = [
            (process / what).read_bytes()
            for process in descendants(taking.pid)
            for what in ("cmdline", "environ")
        ]
    said, wrong = taking.communicate(timeout=50)
    assert (taking.returncode, wrong) == (0, ""), said
    assert any(b"pg_dump" in one for one in shown)
    assert not any(PASSWORD.encode() in one for one in shown)


def descendants(pid: int) -> list[Path]:
    """Return a process and those that it has begun."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [Path(f"/proc/{pid}"), *(one for child in children for one in descendants(int(child)))]


def test_an_upgrade_is_shown_and_done_while_it_is_used(hotline: Hotline) -> None:
    shown = hotline.ivr("upgrade", "--dry-run")
    assert shown.exit_code == 0, shown.output
    assert "up to date" in shown.output
    with psycopg.connect(hotline.url) as connection:
        connection.execute("UPDATE onecall.versions SET version = 9 WHERE schema = 'callbacks'")
    refused = hotline.ivr("upgrade")
    assert refused.exit_code == 2
    assert "callbacks: it is of version 9" in refused.output
    assert "newer OneCall" in refused.output


def test_a_server_that_is_down_is_said_in_one_line(hotline: Hotline) -> None:
    host = hotline.url.partition("@")[2].partition("/")[0]
    (hotline.folder / "url").write_text(hotline.url.replace(host, "127.0.0.1:1"), "utf-8")
    hotline.file.write_text("database: {url_file: url}\nretention: {calls: 30}\n", "utf-8")
    begun = [
        hotline.begin(*words)
        for words in (("backup", hotline.folder / "backup"), ("upgrade",), ("prune",))
    ]
    for command in begun:
        said, wrong = command.communicate(timeout=50)
        assert (command.returncode, said) == (2, ""), wrong
        assert len(wrong.splitlines()) == 1, wrong
        assert "127.0.0.1" in wrong
        assert PASSWORD not in wrong
