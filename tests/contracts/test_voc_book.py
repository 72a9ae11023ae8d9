"""What the book of what people did must do on either sort of database."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from zoneinfo import ZoneInfo

import pytest

from ivr.adapters.voc.book import KIND, DatabaseVocBook
from ivr.database import Place, writing
from ivr.model.errors import PortError
from ivr.ports.voc import Closed, KeptReport, Replied, Sent
from tests.contracts.conftest import MONDAY, StillClock

SENT = Sent("2026-10/102/cards.fees", "2026-10", "102", "cards.fees", 2, 1, MONDAY)


@pytest.fixture
def book(place: Place) -> DatabaseVocBook:
    return DatabaseVocBook(place, StillClock(), ZoneInfo("Asia/Shanghai"))


def test_acts_are_numbered_and_read_again(book: DatabaseVocBook) -> None:
    acts = (SENT, Replied(SENT.feedback, "done"), Closed(SENT.feedback, "settled"))
    book.append("li", *acts[:2])
    (closed,) = book.append("wang", acts[2])
    assert (closed.number, closed.by, closed.at) == (3, "wang", MONDAY)
    assert [one.act for one in book.entries()] == list(acts)
    assert [one.number for one in book.entries(2)] == [1, 2]


def test_who_writes_at_once_writes_one_after_the_other(book: DatabaseVocBook, place: Place) -> None:
    with ThreadPoolExecutor(4) as threads:
        list(
            threads.map(lambda n: book.append("li", SENT, Replied(SENT.feedback, str(n))), range(8))
        )
    entries = book.entries()
    assert [one.number for one in entries] == list(range(1, 17))
    assert all(isinstance(one.act, Sent) for one in entries[::2]), "each pair stands together"


def test_nothing_in_it_is_changed(book: DatabaseVocBook, place: Place) -> None:
    book.append("li", SENT)
    for sql in ("UPDATE acts SET by = 'me'", "DELETE FROM acts"):
        with pytest.raises(PortError, match="only appended"), writing(place, KIND) as database:
            database.execute(sql)


def test_a_report_is_kept_once_with_its_taxonomy(book: DatabaseVocBook) -> None:
    report = KeptReport("2026-10", "ab", b"{}", "cd", "taxonomy: {}\n")
    book.keep(report)
    book.keep(report)
    assert book.kept() == book.kept("2026-10") == [report]
    assert book.kept("2026-09") == []
    assert book.taxonomy("cd") == report.taxonomy
    assert book.taxonomy("ef") is None
