"""An upgrade on live data: the OneCall of one version before goes on with it, and can come back to it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from _pytest.mark import ParameterSet
from msgspec.structs import replace

from ivr.app.databases import KINDS
from ivr.database import Kind, Place, Server, prepare, reading, writing
from ivr.database.kind import scripts
from ivr.database.versions import found, known
from ivr.model.errors import PortError
from tests.database.shapes import shape, taken_away

GOODS = "CREATE TABLE goods (name TEXT NOT NULL, price INTEGER NOT NULL);"
NOTE = "ALTER TABLE goods ADD COLUMN note TEXT NOT NULL DEFAULT '';"

BEFORE_THE_RULE = {"bank": 5, "callbacks": 2}
"""The versions that kinds had when the rule began: only scripts after them are held to it."""


def test_one_version_before_goes_on(place: Place, shop: Callable[..., Kind]) -> None:
    before, after = shop(GOODS), shop(GOODS, NOTE)
    prepare(place, before)
    prepare(place, after)
    prepare(place, before)
    assert found(place, before) == 2, "it takes nothing back"
    with writing(place, before) as connection:
        connection.execute("INSERT INTO goods VALUES ('a', 1, 'x')")
        connection.execute("INSERT INTO goods (name, price) VALUES ('b', 2)")
    with reading(place, after) as connection:
        rows = connection.execute("SELECT name, note FROM goods ORDER BY name").fetchall()
    assert rows == [("a", "x"), ("b", "")]


def test_two_versions_before_is_refused(place: Place, shop: Callable[..., Kind]) -> None:
    prepare(place, shop(GOODS, NOTE, "CREATE TABLE more (x INTEGER);"))
    with pytest.raises(PortError, match=r"is of version 3, .* knows 1 at most"):
        prepare(place, shop(GOODS))


def test_looking_makes_nothing(place: Place, shop: Callable[..., Kind]) -> None:
    kind = shop(GOODS, NOTE)
    assert found(place, kind) == 0
    assert found(place, kind) == 0
    prepare(place, kind)
    assert found(place, kind) == 2
    assert sorted(known(place, kind)) == [1, 2]


@pytest.mark.parametrize(
    ("script", "says"),
    [
        (NOTE, []),
        ("CREATE TABLE more (x INTEGER NOT NULL);\nCREATE INDEX by_price ON goods (price);", []),
        ("ALTER TABLE goods DROP COLUMN price;", ["goods.price"]),
        ("ALTER TABLE goods RENAME COLUMN price TO cost;", ["goods.cost must", "goods.price"]),
        ("DROP TABLE goods;", ["goods.name", "goods.price"]),
        ("CREATE UNIQUE INDEX one ON goods (name);", ["goods: CREATE UNIQUE INDEX one"]),
    ],
)
def test_what_a_script_takes_away_is_seen(
    place: Place, shop: Callable[..., Kind], script: str, says: list[str]
) -> None:
    kind = shop(GOODS, script)
    prepare(place, shop(GOODS))
    before = shape(place, kind)
    prepare(place, kind)
    seen = taken_away(before, shape(place, kind))
    assert len(seen) == len(says)
    assert all(one.startswith(start) for one, start in zip(seen, says, strict=True)), seen


def held() -> list[ParameterSet]:
    """Return the kinds whose newest script is held to the rule, with the sort of place that it is for."""
    files = [
        pytest.param(kind, "sqlite", id=f"{kind.home}-sqlite")
        for kind in KINDS
        if max(scripts(kind.scripts)) > BEFORE_THE_RULE.get(kind.home, 1)
    ]
    servers = [
        pytest.param(kind, "postgres", id=f"{kind.home}-postgres", marks=pytest.mark.proof)
        for kind in KINDS
        if kind.postgres and max(scripts(kind.postgres)) > 1
    ]
    return files + servers


@pytest.mark.parametrize(("kind", "sort"), held())
def test_no_script_takes_away_what_one_version_before_needs(
    kind: Kind, sort: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    place = tmp_path / "one" if sort == "sqlite" else request.getfixturevalue("server")
    texts = known(place, kind)
    before = _of(kind, texts, max(texts) - 1, tmp_path)
    prepare(place, before)
    had = shape(place, kind)
    prepare(place, kind)
    assert taken_away(had, shape(place, kind)) == []
    prepare(place, before)


def _of(kind: Kind, texts: dict[int, str], version: int, folder: Path) -> Kind:
    """Return a kind as the OneCall before knew it."""
    kept = folder / "before"
    kept.mkdir()
    for number in range(1, version + 1):
        (kept / f"{number:04}_step.sql").write_text(texts[number], "utf-8")
    return replace(kind, scripts=kept, postgres=kept)


@pytest.mark.proof
@pytest.mark.parametrize("kind", [one for one in KINDS if one.postgres], ids=lambda one: one.home)
def test_both_sorts_of_database_hold_the_same(kind: Kind, server: Server, tmp_path: Path) -> None:
    held = []
    for place in (tmp_path / "one.sqlite", server):
        prepare(place, kind)
        columns = shape(place, kind).columns
        held.append({table: set(names) for table, names in columns.items()})
    assert held[0] == held[1]
