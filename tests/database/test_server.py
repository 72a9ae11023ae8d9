"""What only a server can come into: it is restarted, it is gone, an answer is lost, a writer is frozen."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ivr.database import (
    InDoubt,
    Kind,
    Server,
    connect_now,
    postgres,
    prepare,
    reading,
    writing,
)
from ivr.database.beside import Database
from ivr.model.errors import PortError
from ivr.model.secret import Secret
from lab.postgres import Cluster, cluster
from tests.database.lost import LostAnswer
from tests.places import postgres_folders

pytestmark = [pytest.mark.proof, pytest.mark.timeout(60)]

GOODS = "CREATE TABLE goods (seq BIGINT GENERATED ALWAYS AS IDENTITY, name TEXT NOT NULL);"
ADD = "INSERT INTO goods (name) VALUES (?)"


@pytest.fixture(scope="module")
def own() -> Iterator[Cluster]:
    """A PostgreSQL that may be stopped."""
    with postgres_folders() as folder, cluster(folder) as running:
        yield running


def goods_on(server: Server, shop: Callable[..., Kind]) -> Kind:
    kind = shop(GOODS)
    prepare(server, kind)
    return kind


def names(server: Server, kind: Kind) -> list[str]:
    with reading(server, kind) as connection:
        return [name for (name,) in connection.execute("SELECT name FROM goods ORDER BY seq")]


async def test_a_server_that_is_restarted_is_met_again(
    own: Cluster, shop: Callable[..., Kind]
) -> None:
    server = Server(Secret(own.database()))
    kind = goods_on(server, shop)
    database = await Database.open(server, kind)
    await database.do(ADD, "before")
    await asyncio.to_thread(own.restart)
    await database.do(ADD, "after")
    await asyncio.to_thread(own.stop, "immediate")
    with pytest.raises(PortError, match="cannot be reached") as caught:
        await database.do(ADD, "meanwhile")
    assert caught.value.retryable
    assert "hush" not in str(caught.value)
    await asyncio.to_thread(own.start)
    assert await database.rows("SELECT name FROM goods ORDER BY seq") == [("before",), ("after",)]
    await database.close()


@pytest.fixture
def losing(own: Cluster) -> Iterator[tuple[LostAnswer, Server]]:
    way = LostAnswer(own.port)
    yield way, way.to(own.database())
    way.close()


@pytest.mark.parametrize("delivered", [True, False])
async def test_what_came_of_a_commit_is_asked_for(
    losing: tuple[LostAnswer, Server], shop: Callable[..., Kind], delivered: bool
) -> None:
    way, server = losing
    kind = goods_on(server, shop)
    database = await Database.open(server, kind)
    await database.do(ADD, "one")
    way.lose, way.deliver = b"COMMIT", delivered
    if delivered:
        await database.do(ADD, "two")
    else:
        with pytest.raises(PortError, match="cannot be reached"):
            await database.do(ADD, "two")
    await database.do(ADD, "three")
    await database.close()
    assert names(server, kind) == ["one", *(["two"] if delivered else []), "three"]


def test_while_nobody_answers_it_is_in_doubt(
    own: Cluster, shop: Callable[..., Kind], monkeypatch: pytest.MonkeyPatch
) -> None:
    server = Server(Secret(own.database()))
    kind = goods_on(server, shop)
    monkeypatch.setattr("ivr.database.postgres.WAIT_S", 0.2)
    connection = connect_now(server, kind)
    connection.begin(write=True)
    connection.execute(ADD, ("one",))
    own.stop("immediate")
    with pytest.raises(PortError) as caught:  # noqa: PT012
        try:
            connection.commit()
        finally:
            connection.rollback()
    assert isinstance(caught.value, InDoubt)
    own.start()
    assert not caught.value.settled()
    connection.begin(write=True)
    connection.execute(ADD, ("two",))
    connection.commit()
    connection.close()
    assert names(server, kind) == ["two"]


def test_a_frozen_writer_keeps_the_others_for_seconds_only(
    server: Server, shop: Callable[..., Kind], monkeypatch: pytest.MonkeyPatch
) -> None:
    kind = goods_on(server, shop)
    monkeypatch.setattr(postgres, "_WRITE", postgres._WRITE.replace("'5s'", "'200ms'", 1))
    frozen = connect_now(server, kind)
    frozen.begin(write=True)
    frozen.execute(ADD, ("frozen",))
    with writing(server, kind) as connection:
        connection.execute(ADD, ("other",))
    with pytest.raises(Exception, match=r"terminat|closed|idle-in-transaction"):
        frozen.commit()
    frozen.rollback()
    frozen.close()
    assert names(server, kind) == ["other"]


def test_rows_are_seen_in_the_order_of_their_numbers(
    server: Server, shop: Callable[..., Kind]
) -> None:
    """Who reads on from the greatest number seen misses nothing: no later one is there before it."""
    kind = goods_on(server, shop)

    def second() -> None:
        with writing(server, kind) as connection:
            connection.execute(ADD, ("second",))

    other = threading.Thread(target=second)
    with writing(server, kind) as first:
        first.execute(ADD, ("first",))
        other.start()
        while other.is_alive() and not waiting(server, kind):
            pass
        assert names(server, kind) == []
    other.join()
    assert names(server, kind) == ["first", "second"]


def waiting(server: Server, kind: Kind) -> bool:
    """Whether a writer waits for another."""
    with reading(server, kind) as connection:
        return bool(connection.execute("SELECT 1 FROM pg_locks WHERE NOT granted").fetchone())


def test_two_kinds_do_not_wait_for_each_other(server: Server, shop: Callable[..., Kind]) -> None:
    kind = goods_on(server, shop)
    other = Kind("stall", 0x52, kind.scripts, kind.postgres)
    prepare(server, other)
    with writing(server, kind) as one, writing(server, other) as two:
        one.execute(ADD, ("a",))
        two.execute(ADD, ("b",))
    assert (names(server, kind), names(server, other)) == (["a"], ["b"])


def test_what_is_left_of_a_connection_is_nothing(server: Server, shop: Callable[..., Kind]) -> None:
    kind = goods_on(server, shop)
    with writing(server, kind) as connection:
        connection.execute(ADD, ("a",))
    probe = postgres.Postgres(server, kind)
    assert probe.execute("SELECT count(*) FROM commits").fetchone() == (0,)
    probe.close()


def test_no_server_is_said_in_one_line_without_the_password() -> None:
    server = Server(Secret("postgresql://onecall:hush@127.0.0.1:1/onecall"))
    kind = Kind("shop", 0x51, Path(), Path())
    with pytest.raises(PortError) as caught:
        prepare(server, kind)
    said = "shop: the database 127.0.0.1:1/onecall cannot be reached: see that the server runs"
    assert str(caught.value).startswith(said)
    assert "hush" not in str(caught.value)


def test_a_database_that_is_not_there_is_told(server: Server) -> None:
    url = server.url.reveal().rpartition("/")[0] + "/nothing"
    with pytest.raises(PortError, match="is not there: make it with `createdb`"):
        prepare(Server(Secret(url)), Kind("shop", 0x51, Path(), Path()))
