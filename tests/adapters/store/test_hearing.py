"""Reading months of calls: the rows that are wanted, from the first to the mark, and their proof."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ivr.adapters.store import hearing
from ivr.adapters.store.codec import encode, millis
from ivr.adapters.store.hearing import StoredCalls
from ivr.adapters.store.kind import KIND
from ivr.database import Place, prepare, writing
from ivr.model.errors import PortError
from ivr.model.events import CallEnded, CallStarted, Event, PromptPlayed, StepEntered

BEGIN = datetime(2026, 10, 1, tzinfo=UTC)
END = datetime(2026, 11, 1, tzinfo=UTC)
STARTED = CallStarted("95500", "1", "v", "main")
MENU = StepEntered("main", "menu", "menu")
SAY = StepEntered("main", "hello", "say")
OVER = CallEnded("completed")


@pytest.fixture
def store(place: Place) -> Place:
    """A store with a call before October, one over midnight at its end, and one after it."""
    prepare(place, KIND)
    for name, start in (("old", -2.0), ("a", 0.5), ("late", 30.9999), ("new", 31.5)):
        at = BEGIN + timedelta(days=start)
        add(place, name, at, STARTED, SAY, MENU, PromptPlayed(("x",), False), OVER)
    return place


def add(place: Place, call: str, at: datetime, *told: Event) -> None:
    with writing(place, KIND) as connection:
        for number, event in enumerate(told):
            row = (call, millis(at) + 10_000 * number, type(event).__name__, encode(event))
            connection.execute(
                "INSERT INTO events (call_id, at, kind, body) VALUES (?, ?, ?, ?)", row
            )


def test_what_is_wanted_is_read_in_order_with_its_proof(store: Place) -> None:
    reading = StoredCalls(store).between(BEGIN, END, ())
    told = [(call, event) for call, _, event in reading]
    assert told == [
        ("a", STARTED),
        ("a", MENU),
        ("a", OVER),
        ("late", STARTED),
    ]
    assert (reading.proof.rows, reading.proof.mark) == (4, 11)
    assert len(reading.proof.sha256) == 64


def test_named_steps_are_read_as_well_and_menus_need_not_be(store: Place) -> None:
    stored = StoredCalls(store)
    wanted = [event for _, _, event in stored.between(BEGIN, END, ["main.hello"], menus=False)]
    assert wanted == [STARTED, SAY, OVER, STARTED]
    with pytest.raises(PortError, match="is no step"):
        stored.between(BEGIN, END, ["hello"])


def test_up_to_a_mark_the_same_is_read_whatever_came_later(store: Place) -> None:
    first = StoredCalls(store).between(BEGIN, END, ())
    before = list(first)
    add(store, "b", BEGIN + timedelta(days=1), STARTED, OVER)
    later = StoredCalls(store).between(BEGIN, END, ())
    marked = StoredCalls(store).between(BEGIN, END, (), first.proof.mark)
    assert list(marked) == before
    assert marked.proof == first.proof
    assert len(list(later)) == len(before) + 2
    assert later.proof.sha256 != first.proof.sha256
    assert list(StoredCalls(store).between(BEGIN, END, (), 0)) == []


def test_a_changed_row_changes_the_proof(store: Place) -> None:
    one = StoredCalls(store).between(BEGIN, END, ())
    list(one)
    with writing(store, KIND) as connection:
        connection.execute("UPDATE events SET at = at + 1 WHERE seq = 6")
    other = StoredCalls(store).between(BEGIN, END, ())
    list(other)
    assert other.proof.rows == one.proof.rows
    assert other.proof.sha256 != one.proof.sha256


def test_calls_are_found_whenever_they_were(store: Place) -> None:
    told = list(StoredCalls(store).of_calls(["old", "new", "nobody"], 1 << 62))
    assert [(call, event) for call, _, event in told] == [
        (call, event) for call in ("old", "new") for event in (STARTED, MENU, OVER)
    ]
    assert list(StoredCalls(store).of_calls(["new"], 15)) == []


def test_of_no_store_nothing_is_read(tmp_path: Path) -> None:
    stored = StoredCalls(tmp_path / "none.sqlite")
    assert list(stored.between(BEGIN, END, ())) == []
    assert list(stored.of_calls(["a"], 9)) == []


def test_nothing_is_sought_without_an_index(tmp_path: Path) -> None:
    prepare(tmp_path / "store.sqlite", KIND)
    queries = {
        hearing._FIRST: (1, "events_of_starts"),
        hearing._OF_CALLS.format(calls="?, ?"): (4, "events_of_call"),
        hearing._BETWEEN.format(steps="0"): (4, "INTEGER PRIMARY KEY (rowid>? AND rowid<?)"),
    }
    with closing(sqlite3.connect(tmp_path / "store.sqlite")) as database:
        for sql, (values, index) in queries.items():
            plan = database.execute(f"EXPLAIN QUERY PLAN {sql}", (0,) * values).fetchall()
            assert index in " ".join(row[3] for row in plan)
