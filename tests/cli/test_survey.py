"""`ivr survey`: what is proven, and every way of changing the ledger that it finds."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from ivr.adapters.clock import SystemClock
from ivr.adapters.store.database import DatabaseStore
from ivr.app.surveys.rules import asking_of
from ivr.cli.main import app
from ivr.model.events import CallEnded, SurveyAnswered, SurveyEnded, SurveyOffered
from ivr.ports.releases import FIRST, Kept, Sealed
from tests.app.surveys.kit import FLOWS
from tests.surveys import started, talked

BEGUN = started(version=FLOWS.version)


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """Return a folder whose ledger has three rows."""
    asyncio.run(_calls(tmp_path))
    (tmp_path / "onecall.yaml").write_text(f"state: {tmp_path}\n", "utf-8")
    return tmp_path


class Ticking:
    """A clock that goes on by ten seconds whenever it is read: calls of now, and not too short."""

    def __init__(self) -> None:
        self._now = SystemClock("Asia/Shanghai").now() - timedelta(minutes=10)

    def now(self) -> datetime:
        self._now += timedelta(seconds=10)
        return self._now


async def _calls(folder: Path) -> None:
    clock = Ticking()
    store = await DatabaseStore.open(folder / "onecall.sqlite", clock, asking_of=asking_of)
    try:
        kept = Kept(FLOWS.version, FLOWS.files)
        await store.releases.append(Sealed(1, "1" * 64, b"{}"), FIRST, kept)
        offered = SurveyOffered("after-agent")
        answered = SurveyAnswered("after-agent", "satisfied", "4")
        ended = SurveyEnded("after-agent", "completed")
        for event in (BEGUN, talked(), offered, answered, ended, CallEnded("completed")):
            store.events.emit("1.1", event)
        for event in (started(ani="139", dnis="*11"), CallEnded("completed")):
            store.events.emit("1.2", event)
        for event in (BEGUN, talked("caller"), CallEnded("caller", "C1001")):
            store.events.emit("1.3", event)
        await store.flush()
    finally:
        await store.close()


def ivr(state: Path, *words: str) -> Result:
    return CliRunner().invoke(app, ["survey", *words, "-c", str(state / "onecall.yaml")])


def tamper(state: Path, *statements: str) -> None:
    """Change the file as somebody could who may write it: the triggers are taken away first."""
    with closing(sqlite3.connect(state / "onecall.sqlite")) as database, database:
        for name in ("coverage_is_not_changed", "coverage_is_not_deleted"):
            database.execute(f"DROP TRIGGER {name}")
        for sql in statements:
            database.execute(sql)


def test_a_ledger_that_was_left_alone_is_proven(state: Path) -> None:
    done = ivr(state, "verify")
    assert done.exit_code == 0, done.output
    assert "3 rows, 3 compared" in done.output
    told = json.loads(ivr(state, "verify", "--json").output)
    assert told["fault"] is None
    assert told["last"] in done.output
    assert "3 rows, 0 compared" in ivr(state, "verify", "--until", "2026-01-01").output


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        (
            "UPDATE coverage SET body = replace(CAST(body AS TEXT), 'after-agent', 'x') WHERE number = 1",
            "row 1, call 1.1: it was changed",
        ),
        ("UPDATE coverage SET body = 'x' WHERE number = 2", "row 2: it cannot be read"),
        ("DELETE FROM coverage WHERE number = 2", "row 3, call 1.3: row 2 is missing"),
        (
            "DELETE FROM coverage WHERE number = 3",
            "no row, call 1.3: the call has ended and has no",
        ),
        ("UPDATE coverage SET hash = 'x' WHERE number = 1", "row 1, call 1.1: it was changed"),
        ("DELETE FROM events WHERE call_id = '1.2'", "row 2, call 1.2: its call has not ended"),
        (
            "DELETE FROM events WHERE kind = 'ConversationEnded' AND call_id = '1.3'",
            "row 3, call 1.3: its call tells otherwise: survey, kind, ended, legs",
        ),
        (
            "UPDATE events SET body = replace(CAST(body AS TEXT), 'C1001', '') WHERE call_id = '1.3'",
            "row 3, call 1.3: its call tells otherwise: how, customer",
        ),
        (
            "INSERT INTO opt_outs VALUES (1, 'ani:13800000001', 1, 0, 'eve', 2)",
            "row 3, call 1.3: its call tells otherwise: how, reason, survey",
        ),
    ],
)
def test_whatever_is_changed_is_found(state: Path, sql: str, told: str) -> None:
    sql = sql.replace("body = replace(", "body = CAST(replace(").replace(
        "') WHERE", "') AS BLOB) WHERE"
    )
    sql = sql.replace("body = 'x'", "body = CAST('x' AS BLOB)")
    tamper(state, sql)
    done = ivr(state, "verify")
    assert done.exit_code == 1
    assert told in done.output


def test_rows_are_shown_with_what_came_of_them(state: Path) -> None:
    done = ivr(state, "show")
    assert done.exit_code == 0
    for text in ("in_call", "satisfied=4", "staff", "message", "1.3"):
        assert text in done.output
    (shown,) = json.loads(ivr(state, "show", "1.2", "--json").output)
    assert shown["row"]["reason"] == "staff"
    missing = ivr(state, "show", "9.9")
    assert (missing.exit_code, "no such call has ended" in missing.output) == (1, True)


def test_who_opts_out_is_not_waited_for_any_more(state: Path) -> None:
    assert "C1001" in ivr(state, "pending").output
    assert ivr(state, "opt-out", "C1001", "--customer").exit_code == 0
    assert "nobody is waited for" in ivr(state, "pending").output
    assert ivr(state, "opt-in", "C1001", "--customer").exit_code == 0
    assert ivr(state, "verify").exit_code == 0
    assert ivr(state, "opt-out", " ").exit_code == 2


@pytest.mark.parametrize(
    ("words", "hint"),
    [(("C1001",), "--customer"), (("12",), "13800001111"), (("C 1\n", "--customer"), "C1001")],
)
def test_nobody_is_opted_out_by_what_is_no_number(
    state: Path, words: tuple[str, ...], hint: str
) -> None:
    refused = ivr(state, "opt-out", *words)
    assert refused.exit_code == 2
    assert hint in refused.output


def test_without_a_ledger_it_is_said_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "onecall.yaml").write_text(f"state: {tmp_path}\n", "utf-8")
    done = ivr(tmp_path, "verify")
    assert done.exit_code == 2
    assert "nothing is published yet" in done.output
