"""Finding calls reads indexes, however many events there are."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from ivr.adapters.store import finding
from ivr.adapters.store.kind import KIND
from ivr.database.sqlite import prepare


@pytest.mark.parametrize(
    ("sql", "values", "index"),
    [
        (finding._BETWEEN, 5, "events_of_time"),
        (finding._STARTED, 6, "events_of_starts"),
        (finding._TELLING.format(calls="?, ?", kinds=finding._KINDS), 2, "events_that_tell"),
        (finding._ENTERED.format(calls="?, ?"), 3, "events_of_call"),
    ],
)
def test_a_query_uses_its_index(sql: str, values: int, index: str, tmp_path: Path) -> None:
    prepare(tmp_path / "store.sqlite", KIND)
    with closing(sqlite3.connect(tmp_path / "store.sqlite")) as database:
        plan = database.execute(f"EXPLAIN QUERY PLAN {sql}", (0,) * values).fetchall()
    said = " ".join(row[3] for row in plan)
    assert f"USING INDEX {index}" in said
    assert "SCAN events" not in said
