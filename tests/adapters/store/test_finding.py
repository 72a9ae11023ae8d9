"""Finding calls reads indexes, however many events there are."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from ivr.adapters.store import coverage, finding
from ivr.adapters.store.kind import KIND
from ivr.database import Server, prepare, reading, writing


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


_FILL = """INSERT INTO events (call_id, at, kind, body)
SELECT 'c' || i / 20, i, CASE i % 20 WHEN 0 THEN 'CallStarted' WHEN 19 THEN 'CallEnded' ELSE 'StepEntered' END,
  'x' FROM generate_series(1, 40000) AS i"""
_COVER = """INSERT INTO coverage
SELECT i, 'c' || i, i, true, '138', 'C1', '', 'x' FROM generate_series(1, 40000) AS i"""


@pytest.mark.proof
def test_a_server_uses_its_indexes_too(server: Server) -> None:
    """What is asked at each write and at each look, once the server has counted its rows."""
    prepare(server, KIND)
    with writing(server, KIND) as connection:
        for sql in (_FILL, _COVER, "ANALYZE events", "ANALYZE coverage"):
            connection.execute(sql)
    calls = '["c1", "c2"]'
    asked: list[tuple[str, tuple[object, ...]]] = [
        (finding._BETWEEN, (39_000, 39_100, 39_000, -1, 500)),
        (finding._STARTED, (0, 50_000, 50_000, 0, b"x", 50)),
        (finding._TELLING.format(calls="?, ?", kinds=finding._KINDS), ("c1", "c2")),
        (finding._ENTERED.format(calls="?, ?"), ("c1", "c2", b"x")),
        (finding._WRITTEN, (39_900, 500)),
        (finding._ENDED, (39_900, 40_000)),
        (finding.BEFORE, (0, 39_900)),
        (coverage.EVENTS, (calls,)),
        (coverage._SAID, (calls,)),
        (coverage._THERE, (calls,)),
        (coverage._HEAD, ()),
    ]
    with reading(server, KIND) as connection:
        for sql, values in asked:
            plan = [line for (line,) in connection.execute(f"EXPLAIN ANALYZE {sql}", values)]
            said = "\n".join([sql, *plan])
            assert "Seq Scan" not in said, said
            removed = re.findall(r"Rows Removed by Filter: (\d+)", said)
            assert sum(map(int, removed)) < 1_000, said
