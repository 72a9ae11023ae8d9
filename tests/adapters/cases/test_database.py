"""The file of cases."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from ivr.adapters.cases.database import DatabaseCases
from ivr.model.errors import PortError
from tests.centre.cases.kit import NUMBER, Hand


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
