"""Opening SQLite files of our own."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from ivr.adapters.bank.file import KIND as BANK
from ivr.adapters.store.kind import KIND as STORE
from ivr.database import Kind
from ivr.database.sqlite import connect, connect_now, prepare, transaction, writing
from ivr.model.errors import PortError


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "some" / "folder" / "x.sqlite"


@pytest.fixture
def scripts(tmp_path: Path) -> Callable[..., Kind]:
    def kind(*texts: str) -> Kind:
        folder = tmp_path / "scripts"
        folder.mkdir(exist_ok=True)
        for number, text in enumerate(texts, 1):
            (folder / f"{number:04}_step.sql").write_text(text)
        return Kind("shop", 0x51, folder)

    return kind


def ask(path: Path, sql: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as database:
        return database.execute(sql).fetchall()


@pytest.mark.parametrize("kind", [BANK, STORE], ids=lambda kind: kind.port)
def test_a_new_database_is_durable_and_private(path: Path, kind: Kind) -> None:
    prepare(path, kind)
    prepare(path, kind)
    assert ask(path, "PRAGMA journal_mode") == [("wal",)]
    newest = len([file for file in kind.scripts.iterdir() if file.name.endswith(".sql")])
    assert ask(path, "PRAGMA user_version") == [(newest,)]
    assert path.stat().st_mode & 0o777 == 0o600


def test_one_kind_is_not_the_other(path: Path) -> None:
    prepare(path, BANK)
    with pytest.raises(PortError, match="holds something else: point the configuration at a store"):
        prepare(path, STORE)


def test_only_what_is_missing_is_run(path: Path, scripts: Callable[..., Kind]) -> None:
    first = "CREATE TABLE a (x); -- one; two\nINSERT INTO a VALUES (';');"
    prepare(path, scripts(first))
    prepare(path, scripts(first, "ALTER TABLE a ADD COLUMN y DEFAULT 2;"))
    assert ask(path, "SELECT * FROM a") == [(";", 2)]


def test_a_script_that_fails_leaves_no_half(path: Path, scripts: Callable[..., Kind]) -> None:
    with pytest.raises(PortError, match=r"near .*WRONG"):
        prepare(path, scripts("CREATE TABLE a (x);\nWRONG;"))
    assert ask(path, "SELECT name FROM sqlite_schema") == []
    prepare(path, scripts("CREATE TABLE b (x);"))
    assert ask(path, "SELECT name FROM sqlite_schema") == [("b",)]


def test_several_at_once(path: Path, scripts: Callable[..., Kind]) -> None:
    kind = scripts(*(f"CREATE TABLE t{number} (x);" for number in range(20)))
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda _: prepare(path, kind), range(8)))
    assert ask(path, "SELECT count(*) FROM sqlite_schema") == [(20,)]


def test_who_prepares_again_keeps_its_locks(path: Path, scripts: Callable[..., Kind]) -> None:
    """An engine opens a database more than once; commands look at it meanwhile, and what it writes next is
    there for all, also after a kill."""
    kind = scripts("CREATE TABLE a (x);")
    prepare(path, kind)
    counts = "import sqlite3, sys; print(*sqlite3.connect(sys.argv[1]).execute('SELECT count(*) FROM a'))"
    other = [sys.executable, "-c", counts, str(path)]
    with closing(connect_now(path, "shop")) as database:
        database.execute("INSERT INTO a VALUES (1)")
        prepare(path, kind)
        assert subprocess.check_output(other) == b"(1,)\n"
        database.execute("INSERT INTO a VALUES (2)")
        assert subprocess.check_output(other) == b"(2,)\n"


def test_a_block_that_fails_writes_nothing(path: Path, scripts: Callable[..., Kind]) -> None:
    prepare(path, scripts("CREATE TABLE a (x);"))
    with pytest.raises(KeyError), writing(path, "shop") as database:  # noqa: PT012
        database.execute("INSERT INTO a VALUES (1)")
        raise KeyError
    assert ask(path, "SELECT * FROM a") == []


async def test_a_transaction_that_fails_writes_nothing(
    path: Path, scripts: Callable[..., Kind]
) -> None:
    prepare(path, scripts("CREATE TABLE a (x);"))
    database = await connect(path, "shop")
    with pytest.raises(KeyError):  # noqa: PT012
        async with transaction(database):
            await database.execute("INSERT INTO a VALUES (1)")
            raise KeyError
    async with transaction(database):
        await database.execute("INSERT INTO a VALUES (2)")
    await database.close()
    assert ask(path, "SELECT * FROM a") == [(2,)]
