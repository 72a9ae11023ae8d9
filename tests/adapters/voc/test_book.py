"""The book of acts: numbered without gaps, on the disk, never changed."""

from __future__ import annotations

import sqlite3
import stat
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ivr.adapters.sim.clock import VirtualClock
from ivr.adapters.voc.book import DatabaseVocBook
from ivr.model.errors import PortError
from ivr.ports.voc import Closed, Corrected, KeptReport, Replied, Sent

AT = datetime(2026, 11, 2, 9, tzinfo=UTC)
SENT = Sent("2026-10/102/cards.fees", "2026-10", "102", "cards.fees", 2, 1, AT)
ZONE = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def book(tmp_path: Path) -> DatabaseVocBook:
    return DatabaseVocBook(tmp_path / "voc.sqlite", VirtualClock(AT), ZONE)


def test_acts_are_numbered_and_read_again_by_another(book: DatabaseVocBook, tmp_path: Path) -> None:
    acts = (SENT, Replied(SENT.feedback, "done"), Closed(SENT.feedback, "settled"))
    book.append("li", *acts[:2])
    (closed,) = book.append("wang", acts[2])
    assert (closed.number, closed.by, closed.at) == (3, "wang", AT)
    again = DatabaseVocBook(tmp_path / "voc.sqlite", VirtualClock(AT), ZONE).entries()
    assert [one.act for one in again] == list(acts)
    assert again[0].at.tzinfo == ZONE
    assert [one.number for one in book.entries(2)] == [1, 2]
    assert book.entries(0) == []
    assert stat.S_IMODE((tmp_path / "voc.sqlite").stat().st_mode) == 0o600


@pytest.mark.parametrize("sql", ["UPDATE acts SET by = 'me'", "DELETE FROM acts"])
def test_nothing_in_it_is_changed(book: DatabaseVocBook, tmp_path: Path, sql: str) -> None:
    book.append("li", Corrected("case:00000001", "cards.fees", "x"))
    with (
        closing(sqlite3.connect(tmp_path / "voc.sqlite")) as database,
        pytest.raises(sqlite3.IntegrityError, match="only appended"),
    ):
        database.execute(sql)


def test_a_report_is_kept_once_with_its_taxonomy(book: DatabaseVocBook) -> None:
    report = KeptReport("2026-10", "ab", b"{}", "cd", "taxonomy: {}\n")
    book.keep(report)
    book.keep(report)
    assert book.kept() == book.kept("2026-10") == [report]
    assert book.kept("2026-09") == []
    assert book.taxonomy("cd") == report.taxonomy
    assert book.taxonomy("ef") is None


def test_a_damaged_act_says_which(book: DatabaseVocBook, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "voc.sqlite")) as database, database:
        database.execute("INSERT INTO acts VALUES (1, ?, 'li', ?)", (AT.isoformat(), b"{}"))
    with pytest.raises(PortError, match="act 1 of the book cannot be read"):
        book.entries()
