"""The file of cases."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from msgspec.structs import replace

from ivr.adapters.cases.database import KIND, DatabaseCases
from ivr.app.cases.verifying import verify
from ivr.centre.cases.acts import Noted
from ivr.database import Kind, Place, Server, prepare, writing
from ivr.database.kind import scripts
from ivr.model.errors import PortError
from tests.centre.cases.kit import NEW, NUMBER, Hand


async def test_entries_are_added_and_never_touched(tmp_path: Path) -> None:
    file = tmp_path / "cases.sqlite"
    store = await DatabaseCases.opened(file)
    case = Hand()
    await store.add(case.entries[0], case.record, None)
    await store.close()
    assert file.stat().st_mode & 0o777 == 0o600
    with closing(sqlite3.connect(file)) as database:
        for sql in ("UPDATE entries SET body = x'00'", "DELETE FROM entries"):
            with pytest.raises(sqlite3.IntegrityError, match="never"):
                database.execute(sql)


async def test_two_processes_may_have_it_open(tmp_path: Path) -> None:
    file = tmp_path / "cases.sqlite"
    one, two = [await DatabaseCases.opened(file) for _ in range(2)]
    try:
        case = Hand()
        assert await one.add(case.entries[0], case.record, None)
        assert await two.get(NUMBER) == case.record
        assert await two.written() == 1
    finally:
        await one.close()
        await two.close()


async def test_another_file_is_refused_in_one_line(tmp_path: Path) -> None:
    file = tmp_path / "cases.sqlite"
    file.write_text("no database")
    with pytest.raises(PortError, match="is not a database"):
        await DatabaseCases.opened(file)


async def entered(store: DatabaseCases, *cases: Hand) -> None:
    for case in cases:
        assert await store.add(case.entries[-1], case.record, None)


async def faults(store: DatabaseCases) -> tuple[str, ...]:
    return (await verify(store, lambda done, of: None)).faults


def wipe_out(place: Place, number: str) -> None:
    """Take a case out as whoever may do anything on the database can."""
    trigger = (
        "entries_only_grow ON entries" if isinstance(place, Server) else "entries_are_not_removed"
    )
    with writing(place, KIND) as database:
        database.execute(f"DROP TRIGGER {trigger}")
        for table, column in (
            ("entries", "case_number"),
            ("links", "case_number"),
            ("cases", "number"),
        ):
            database.execute(f"DELETE FROM {table} WHERE {column} = ?", (number,))


@pytest.mark.parametrize("gone", ["10000006", "20000007", "30000003"])
async def test_a_case_wiped_out_is_told_whichever_it_was(place: Place, gone: str) -> None:
    store = await DatabaseCases.opened(place)
    try:
        numbers = ("10000006", "20000007", "30000003")
        cases = [Hand(replace(NEW, key=number), number=number) for number in numbers]
        await entered(store, *cases)
        cases[0].does(Noted("rang again"))
        await entered(store, cases[0])
        assert await faults(store) == ()
        wipe_out(place, gone)
        told = await faults(store)
        assert told
        assert all(one.endswith("missing") and "of the book" in one for one in told)
        await entered(store, Hand())
        assert set(await faults(store)) >= set(told), "nor does a new case take its place"
    finally:
        await store.close()


async def test_cases_of_a_version_without_seals_are_sealed_at_the_next_opening(
    place: Place, tmp_path: Path
) -> None:
    old = tmp_path / "before"
    old.mkdir()
    source = KIND.postgres if isinstance(place, Server) else KIND.scripts
    assert source is not None
    (old / "0001_cases.sql").write_text(scripts(source)[1])
    prepare(place, Kind(KIND.port, KIND.application_id, old, old))
    case = Hand()
    case.does(Noted("rang again"))
    written = [(n, NUMBER, n, one.hash, one.body) for n, one in enumerate(case.entries, 1)]
    insert = "INSERT INTO entries (n, case_number, number, hash, body) VALUES (?, ?, ?, ?, ?)"
    with writing(place, KIND) as database:
        database.executemany(insert, written[:1])
    store = await DatabaseCases.opened(place)
    try:
        assert (await store.head()).n == 1
        with writing(place, KIND) as database:
            database.executemany(insert, written[1:])
        await entered(store, Hand(replace(NEW, key="call:2"), number="20000007"))
        assert (await store.head()).n == 3, "nor is what it writes beside a newer one"
        assert await faults(store) == (f"case {NUMBER}: it has entries, and is not in the book",)
    finally:
        await store.close()
