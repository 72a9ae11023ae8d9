"""`ivr db copy` on a real PostgreSQL: every row of every kind is there as it was, or none of that kind."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
import pytest
from typer.testing import CliRunner, Result

from ivr.adapters.callbacks import KIND as CALLBACKS
from ivr.adapters.ledger.sqlite import KIND as ORDERS
from ivr.adapters.ledger.sqlite import SqliteLedger
from ivr.adapters.store.kind import KIND as STORE
from ivr.app.databases import FILES, KINDS
from ivr.cli.main import app
from ivr.database import Kind, Server, prepare, writing
from ivr.database.copying import begun, copy, held, held_there
from ivr.database.sqlite import connect_now
from tests.contracts.ledger_kit import StillClock, Writing

pytestmark = pytest.mark.proof

OURS = [kind for kind in KINDS if kind.home in FILES]
VALUES = {"TEXT": "t\u00e9\0 {}", "INTEGER": "{}", "REAL": "{}.5", "BLOB": "\0\u00ff{}"}
"""What a column holds in a row of this number, by its type."""
COLUMNS = "SELECT name, type FROM pragma_table_info(?)"
TABLES = "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY rowid"


class Hotline:
    """A configuration that names an empty server, beside the files of the one before."""

    def __init__(self, folder: Path, server: Server) -> None:
        self.state = folder / "var"
        self.server = server
        self.file = folder / "onecall.yaml"
        self.file.write_text("database: {url_file: url}\n", "utf-8")
        (folder / "url").write_text(server.url.reveal(), "utf-8")
        (folder / "url").chmod(0o600)

    def ivr(self, *words: str) -> Result:
        return CliRunner().invoke(app, [*words, "-c", str(self.file)])

    def source(self, kind: Kind) -> Path:
        return self.state / FILES[kind.home]

    def fill(self, kind: Kind) -> None:
        """Put two rows into each table of a kind, or one where there is always one."""
        prepare(self.source(kind), kind)
        always = begun(kind)
        with closing(connect_now(self.source(kind), kind.port)) as database:
            for (table,) in database.execute(TABLES).fetchall():
                columns = database.execute(COLUMNS, (table,)).fetchall()
                database.execute(f"DELETE FROM {table}")
                alone = always[table].rows or columns[0][0] == "one"
                for number in (1,) if alone else (1, 2):
                    row = [value(name, type_, number) for name, type_ in columns]
                    marks = ", ".join("?" for _ in row)
                    database.execute(f"INSERT INTO {table} VALUES ({marks})", row)

    def query(self, sql: str) -> list[tuple[object, ...]]:
        with psycopg.connect(self.server.url.reveal()) as connection:
            return connection.execute(sql.encode()).fetchall()


def value(column: str, type_: str, number: int) -> object:
    if column in ("role", "one"):
        return {"role": "agent", "one": 1}[column]
    if column in ("wish", "asked", "over", "given", "active"):
        return number % 2
    text = VALUES[type_].format(number)
    return text.encode() if type_ == "BLOB" else text


def as_there(kind: Kind) -> Kind:
    return (
        Kind(kind.port, kind.application_id, kind.scripts, kind.postgres, "public")
        if kind is ORDERS
        else kind
    )


@pytest.fixture
def hotline(tmp_path: Path, server: Server) -> Hotline:
    return Hotline(tmp_path, server)


def test_every_row_of_every_table_is_there_as_it_was(hotline: Hotline) -> None:
    for kind in OURS:
        hotline.fill(kind)
    before = {kind: hotline.source(kind).read_bytes() for kind in OURS}
    looked = hotline.ivr("db", "copy", "--dry-run", "--json")
    assert looked.exit_code == 0, looked.output
    assert hotline.query("SELECT to_regclass('onecall.versions')") == [(None,)], "only looked"
    copied = hotline.ivr("db", "copy", "--json")
    assert copied.exit_code == 0, copied.output
    told = {one["name"]: one for one in json.loads(copied.stdout)}
    assert set(told) == set(FILES)
    assert not any(one["there"] for one in told.values())
    for kind in OURS:
        here = held(hotline.source(kind), kind)
        assert {name: one.rows for name, one in here.items()} == told[kind.home]["tables"]
        assert held_there(hotline.server, as_there(kind)) == here
        assert all(one.rows for one in here.values())
        assert hotline.source(kind).read_bytes() == before[kind]
    assert "t\u00e9\ufffd 1" in hotline.query("SELECT call_id FROM store.events ORDER BY seq")[0]
    again = hotline.ivr("db", "copy")
    assert (again.exit_code, again.output.count("there already")) == (0, len(FILES))


def test_new_rows_are_numbered_from_where_the_old_ones_end(hotline: Hotline) -> None:
    hotline.fill(STORE)
    assert hotline.ivr("db", "copy").exit_code == 0
    with writing(hotline.server, STORE) as connection:
        row = (
            "INSERT INTO events (call_id, at, kind, body) VALUES ('17.1', 1, 'a', '') RETURNING seq"
        )
        assert connection.execute(row).fetchone()[0] == 3


def test_a_chain_that_was_sound_is_sound_there(hotline: Hotline) -> None:
    async def authorise() -> None:
        ledger = await SqliteLedger.open(hotline.source(ORDERS))
        try:
            for number in (1, 2, 3):
                await Writing(ledger, StillClock()).authorise(number)
        finally:
            await ledger.close()

    hotline.state.mkdir()
    asyncio.run(authorise())
    copied = hotline.ivr("db", "copy")
    assert copied.exit_code == 0, copied.output
    verified = hotline.ivr("orders", "verify")
    assert verified.exit_code == 0, verified.output
    assert "3 orders" in verified.output


def test_what_holds_something_else_is_refused_and_nothing_is_changed(hotline: Hotline) -> None:
    hotline.fill(CALLBACKS)
    hotline.fill(STORE)
    prepare(hotline.server, CALLBACKS)
    with writing(hotline.server, CALLBACKS) as connection:
        connection.execute("UPDATE fence SET token = 3")
    refused = hotline.ivr("db", "copy")
    assert refused.exit_code == 2
    assert "callbacks holds something else already: name an empty database" in refused.output
    assert hotline.query("SELECT to_regclass('store.events')") == [(None,)]


def test_a_row_that_does_not_arrive_as_it_was_leaves_none_of_its_kind(hotline: Hotline) -> None:
    hotline.fill(CALLBACKS)
    prepare(hotline.server, CALLBACKS)
    spoils = "$$ BEGIN NEW.body := ''; RETURN NEW; END $$"
    with psycopg.connect(hotline.server.url.reveal()) as connection:
        connection.execute(
            f"CREATE FUNCTION spoil() RETURNS trigger LANGUAGE plpgsql AS {spoils}".encode()
        )
        connection.execute(
            "CREATE TRIGGER spoil BEFORE INSERT ON callbacks.callbacks"
            " FOR EACH ROW EXECUTE FUNCTION spoil()"
        )
    refused = hotline.ivr("db", "copy")
    assert refused.exit_code == 2
    assert "callbacks of callbacks is not there as it is in" in refused.output
    assert held_there(hotline.server, CALLBACKS) == begun(CALLBACKS)


def test_a_copy_that_was_broken_off_is_begun_again(hotline: Hotline) -> None:
    hotline.fill(CALLBACKS)
    hotline.fill(STORE)
    prepare(hotline.server, STORE)
    assert sum(copy(hotline.source(STORE), hotline.server, STORE)) == sum(
        one.rows for one in held(hotline.source(STORE), STORE).values()
    )
    done = hotline.ivr("db", "copy", "--json")
    assert done.exit_code == 0, done.output
    assert {one["name"]: one["there"] for one in json.loads(done.stdout)} == {
        "store": True,
        "callbacks": False,
    }


def test_a_file_that_was_not_upgraded_is_refused(hotline: Hotline) -> None:
    hotline.fill(CALLBACKS)
    with closing(sqlite3.connect(hotline.source(CALLBACKS))) as database:
        database.execute("PRAGMA user_version = 2")
    refused = hotline.ivr("db", "copy")
    assert refused.exit_code == 2
    assert "of version 2, the newest is 3: run `ivr db upgrade`" in refused.output


def test_nothing_is_copied_from_no_files_or_to_no_server(hotline: Hotline) -> None:
    assert "has no SQLite file" in hotline.ivr("db", "copy").output
    hotline.fill(CALLBACKS)
    hotline.file.write_text("{}\n", "utf-8")
    refused = hotline.ivr("db", "copy")
    assert (refused.exit_code, "see `database`" in refused.output) == (2, True)


def test_nothing_is_copied_under_an_engine(hotline: Hotline) -> None:
    hotline.fill(CALLBACKS)
    with psycopg.connect(hotline.server.url.reveal(), application_name="onecall"):
        refused = hotline.ivr("db", "copy")
    assert (refused.exit_code, "at 127.0.0.1 use the database" in refused.output) == (1, True)
    with engine(hotline.state):
        refused = hotline.ivr("db", "copy")
    assert (refused.exit_code, "stop it first" in refused.output) == (1, True)


@contextmanager
def engine(state: Path) -> Iterator[None]:
    """Have a process run that is known by its file to be an engine."""
    command = [sys.executable, "-uc", "print('up'); input()", "serve"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"up\n", "until then it has no command line yet"
        (state / "engine-1.pid").write_text(str(process.pid), "utf-8")
        yield
        process.kill()
