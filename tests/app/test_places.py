"""Where the configuration has OneCall keep its own data."""

from __future__ import annotations

from pathlib import Path

import pytest

from ivr.adapters.ledger.postgres import PostgresLedger
from ivr.app.config import Config, ConfigError
from ivr.app.config.database import DatabaseConfig
from ivr.app.ledger import ReleaseError, open_ledger, store_place
from ivr.app.orders import order_ledger
from ivr.app.places import made, place
from ivr.database import Server


def config(tmp_path: Path, url: str | None = None) -> Config:
    file = tmp_path / "database.url"
    if url is not None:
        file.write_text(url)
        file.chmod(0o600)
    section = DatabaseConfig(url_file=None if url is None else file)
    return Config(state=tmp_path / "var", database=section)


def test_files_of_the_state_folder_if_nothing_is_said(tmp_path: Path) -> None:
    assert place(config(tmp_path), "x.sqlite") == tmp_path / "var/x.sqlite"
    assert not (tmp_path / "var").exists()
    assert made(config(tmp_path), "x.sqlite") == tmp_path / "var/x.sqlite"
    assert (tmp_path / "var").is_dir()


def test_a_server_is_told_by_its_host_and_its_database(tmp_path: Path) -> None:
    url = "postgresql://onecall:hush@db1:5432,db2:5432/onecall?target_session_attrs=read-write"
    found = place(config(tmp_path, url + "\n"), "x.sqlite")
    assert isinstance(found, Server)
    assert repr(found) == "store on db1:5432,db2:5432/onecall"
    assert found.url.reveal() == url


@pytest.mark.parametrize(
    "url",
    [
        "hush",
        "mysql://onecall:hush@db1/onecall",
        "postgresql://onecall:hush@db1",
        "postgresql://onecall:hush/onecall",
        "postgresql://onecall:hu/sh@db1/onecall",
        "postgresql://onecall:hush@db[1/onecall",
    ],
)
def test_what_is_no_url_is_refused_and_not_quoted(tmp_path: Path, url: str) -> None:
    with pytest.raises(ConfigError, match=r"database\.url: no URL of a database: write") as caught:
        place(config(tmp_path, url), "x.sqlite")
    assert "hu" not in str(caught.value).replace("chmod", "")


def test_a_url_that_others_may_read_is_refused(tmp_path: Path) -> None:
    open_to_all = config(tmp_path, "postgresql://onecall:hush@db1/onecall")
    (tmp_path / "database.url").chmod(0o644)
    with pytest.raises(ConfigError, match="others may read this secret"):
        place(open_to_all, "x.sqlite")


@pytest.mark.proof
async def test_the_store_and_orders_are_where_the_database_is(
    tmp_path: Path, server: Server
) -> None:
    shared = config(tmp_path, server.url.reveal())
    assert store_place(shared) is None
    with pytest.raises(ReleaseError, match=f"there is no store on {server.name}"):
        async with open_ledger(shared):
            pass
    async with open_ledger(shared, begin=True) as ledger:
        assert await ledger.entries() == []
    assert store_place(shared) is not None
    async with order_ledger(shared) as orders:
        assert isinstance(orders, PostgresLedger)
    assert not (tmp_path / "var").exists()
