"""What holds wherever a database is: in an SQLite file, or on a PostgreSQL server."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from ivr.database import Kind, Place, prepare, reading, there, writing
from ivr.database.beside import Database
from ivr.model.errors import PortError

GOODS = "CREATE TABLE goods (name TEXT PRIMARY KEY, price BIGINT NOT NULL);"


@pytest.fixture
def goods(place: Place, shop: Callable[..., Kind]) -> Kind:
    """A database that is ready."""
    kind = shop(GOODS)
    prepare(place, kind)
    return kind


def prices(place: Place, kind: Kind) -> dict[str, int]:
    with reading(place, kind) as connection:
        return dict(connection.execute("SELECT name, price FROM goods ORDER BY name"))


def test_values_go_by_place_and_by_name(place: Place, goods: Kind) -> None:
    with writing(place, goods) as connection:
        connection.execute("INSERT INTO goods VALUES (?, ?)", ("what?", 1 << 40))
        row = {"price": 2, "name": ":name"}
        connection.execute("INSERT INTO goods VALUES (:name, :price)", row)
        connection.executemany("INSERT INTO goods VALUES (?, ?)", [("a", 3), ("b", 4)])
        changed = connection.execute("UPDATE goods SET price = price + 1 WHERE name <> '?'")
        assert changed.rowcount == 4
    assert prices(place, goods) == {":name": 3, "a": 4, "b": 5, "what?": (1 << 40) + 1}


def test_the_functions_that_statements_use(place: Place, goods: Kind) -> None:
    with reading(place, goods) as connection:
        listed = json.dumps(["王", "it's"])
        found = connection.execute("SELECT value FROM json_each(?)", (listed,)).fetchall()
        assert [value for (value,) in found] == ["王", "it's"]
        assert connection.execute("SELECT instr(?, ?)", (b"abc", b"c")).fetchone() == (3,)


def test_a_hostile_text_is_kept(place: Place, goods: Kind) -> None:
    with writing(place, goods) as connection:
        connection.execute("INSERT INTO goods VALUES (?, ?)", ("a\0b", 1))
        found = connection.execute("SELECT price FROM goods WHERE name = ?", ("a\0b",)).fetchone()
    assert found == (1,)


def test_many_rows_are_streamed(place: Place, goods: Kind) -> None:
    with writing(place, goods) as connection:
        rows = [(f"{number:05}", number) for number in range(5_000)]
        connection.executemany("INSERT INTO goods VALUES (?, ?)", rows)
    with reading(place, goods) as connection:
        sql = "SELECT name, price FROM goods WHERE price >= ? ORDER BY price"
        assert list(connection.stream(sql, (10,))) == rows[10:]


def test_only_what_is_missing_is_run(place: Place, shop: Callable[..., Kind]) -> None:
    assert not there(place, shop(GOODS))
    prepare(place, shop(GOODS))
    later = shop(GOODS, "INSERT INTO goods VALUES ('a;', 1);")
    prepare(place, later)
    prepare(place, later)
    assert there(place, later)
    assert prices(place, later) == {"a;": 1}


def test_a_script_that_fails_leaves_no_half(place: Place, shop: Callable[..., Kind]) -> None:
    with pytest.raises(PortError, match="WRONG"):
        prepare(place, shop(GOODS, "WRONG;"))
    prepare(place, shop(GOODS))


def test_several_may_begin_at_once(place: Place, shop: Callable[..., Kind]) -> None:
    kind = shop(*(f"CREATE TABLE t{number} (x INTEGER);" for number in range(9)), GOODS)
    with ThreadPoolExecutor(6) as threads:
        list(threads.map(lambda _: prepare(place, kind), range(6)))
    assert prices(place, kind) == {}


def test_a_block_that_fails_writes_nothing(place: Place, goods: Kind) -> None:
    with pytest.raises(KeyError), writing(place, goods) as connection:  # noqa: PT012
        connection.execute("INSERT INTO goods VALUES ('a', 1)")
        raise KeyError
    assert prices(place, goods) == {}


def test_who_reads_sees_one_moment(place: Place, goods: Kind) -> None:
    with reading(place, goods) as connection:
        assert connection.execute("SELECT count(*) FROM goods").fetchone() == (0,)
        with writing(place, goods) as other:
            other.execute("INSERT INTO goods VALUES ('a', 1)")
        assert connection.execute("SELECT count(*) FROM goods").fetchone() == (0,)
    assert prices(place, goods) == {"a": 1}


def test_writers_follow_one_another(place: Place, goods: Kind) -> None:
    with writing(place, goods) as connection:
        connection.execute("INSERT INTO goods VALUES ('a', 0)")

    def one_more(_: int) -> None:
        with writing(place, goods) as connection:
            (price,) = connection.execute("SELECT price FROM goods").fetchone()
            connection.execute("UPDATE goods SET price = ?", (price + 1,))

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(one_more, range(40)))
    assert prices(place, goods) == {"a": 40}


async def test_an_event_loop_writes_all_or_nothing(place: Place, goods: Kind) -> None:
    database = await Database.open(place, goods)
    with pytest.raises(KeyError):  # noqa: PT012
        async with database.writing():
            await database.execute("INSERT INTO goods VALUES (?, ?)", ("a", 1))
            raise KeyError
    async with database.writing():
        done = await database.execute("INSERT INTO goods VALUES (?, ?) RETURNING name", ("b", 2))
        assert await database.rows("SELECT name FROM goods") == done.rows == [("b",)]
    assert await database.do("UPDATE goods SET price = ?", 3) == 1
    await database.close()
    assert prices(place, goods) == {"b": 3}


async def test_who_reads_beside_a_writer_waits_for_the_end(place: Place, goods: Kind) -> None:
    database = await Database.open(place, goods)
    async with database.writing():
        await database.execute("INSERT INTO goods VALUES (?, ?)", ("a", 1))
        beside = asyncio.create_task(database.rows("SELECT name FROM goods"))
        await database.execute("INSERT INTO goods VALUES (?, ?)", ("b", 2))
        assert not beside.done()
    assert len(await beside) == 2
    await database.close()


async def test_who_is_cancelled_leaves_no_transaction(place: Place, goods: Kind) -> None:
    database = await Database.open(place, goods)
    begun = asyncio.Event()

    async def halfway() -> None:
        async with database.writing():
            await database.execute("INSERT INTO goods VALUES (?, ?)", ("a", 1))
            begun.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(halfway())
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await database.do("INSERT INTO goods VALUES (?, ?)", "b", 1) == 1
    await database.close()
    assert prices(place, goods) == {"b": 1}


def test_a_fault_is_one_line(place: Place, goods: Kind) -> None:
    with (
        pytest.raises(PortError, match=r"shop: the database .* answered: .*goods"),
        writing(place, goods) as connection,
    ):
        connection.execute("INSERT INTO goods VALUES ('a', NULL)")
