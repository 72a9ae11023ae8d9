"""What only a server can come into: it is restarted, it is gone, an answer is lost, a writer is frozen."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
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


class LostAnswer:
    """A way to a server on which the answer to the next COMMIT is lost: all, or the COMMIT itself, is cut."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self.lose: bytes = b""
        self.deliver = True
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                server = socket.create_connection(("127.0.0.1", self._target))
                threading.Thread(target=self._up, args=(client, server), daemon=True).start()
                threading.Thread(target=self._down, args=(server, client), daemon=True).start()

    def _up(self, client: socket.socket, server: socket.socket) -> None:
        with suppress(OSError), client, server:
            while sent := client.recv(65_536):
                if self.lose and self.lose in sent:
                    self.lose = b""
                    client.shutdown(socket.SHUT_RDWR)
                    if self.deliver:
                        server.sendall(sent)
                    server.shutdown(socket.SHUT_WR)
                    return
                server.sendall(sent)

    def _down(self, server: socket.socket, client: socket.socket) -> None:
        with suppress(OSError), client, server:
            while answered := server.recv(65_536):
                client.sendall(answered)


@pytest.fixture
def losing(own: Cluster) -> Iterator[tuple[LostAnswer, Server]]:
    url = own.database()
    way = LostAnswer(own.port)
    yield way, Server(Secret(url.replace(f":{own.port}/", f":{way.port}/")))
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
    """Who reads on from the greatest number seen misses nothing, however many write."""
    kind = goods_on(server, shop)
    over = threading.Event()
    seen: list[int] = []

    def follow() -> None:
        mark, last = 0, False
        while not last:
            last = over.is_set()
            with reading(server, kind) as connection:
                found = connection.execute("SELECT seq FROM goods WHERE seq > ?", (mark,))
                new = sorted(seq for (seq,) in found)
            seen.extend(new)
            mark = max([mark, *new])

    def write(number: int) -> None:
        connection = connect_now(server, kind)
        for count in range(25):
            connection.begin(write=True)
            connection.execute(ADD, (f"{number}.{count}",))
            connection.commit()
        connection.close()

    follower = threading.Thread(target=follow)
    writers = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in (follower, *writers):
        thread.start()
    for thread in writers:
        thread.join()
    over.set()
    follower.join()
    assert len(seen) == 100


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
