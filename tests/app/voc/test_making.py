"""A month's report from files on disk: the same bytes twice, also after more has happened, and verified."""

from __future__ import annotations

import asyncio
import hashlib
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from ivr.adapters.voc.page import page
from ivr.app.cases.opening import FILE as CASES
from ivr.app.config import Config
from ivr.app.ledger import DATABASE
from ivr.app.voc.book import voc_book
from ivr.app.voc.making import Made, Wanted, make_report
from ivr.app.voc.taxonomies import NoTaxonomy, Taxonomy, in_force, read_taxonomy
from ivr.app.voc.verifying import Verdict, verify
from ivr.centre.voc.feedback import to_send, tracked
from ivr.centre.voc.figures import Unverifiable, report_json
from ivr.ports.voc import Corrected, KeptReport, Replied
from tests.app.voc.kit import OCTOBER, TAXONOMY, ZONE, bank

pytestmark = [pytest.mark.proof, pytest.mark.timeout(60)]
BEGINS_MS = int(OCTOBER.begins(ZONE).timestamp() * 1000)


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Config:
    return bank(tmp_path_factory.mktemp("bank"))


@pytest.fixture(scope="module")
def taxonomy() -> Taxonomy:
    return read_taxonomy(TAXONOMY)


def quiet(name: str, at_ms: int) -> None:
    """Tell nobody how far it is."""


def made(config: Config, taxonomy: Taxonomy, branch: str = "", month: str = "2026-10") -> Made:
    wanted = Wanted(OCTOBER.of(month), branch)
    return asyncio.run(make_report(config, taxonomy, voc_book(config), wanted, quiet))


def judged(config: Config, body: bytes) -> Verdict:
    return asyncio.run(verify(config, voc_book(config), body, quiet))


def kept(config: Config, taxonomy: Taxonomy, body: bytes) -> None:
    voc_book(config).keep(KeptReport("2026-10", "s", body, taxonomy.sha256, taxonomy.text))


def sql(config: Config, file: str, statement: str, *values: object) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(config.state / file)) as database, database:
        return list(database.execute(statement, values))


def test_what_is_counted_is_what_is_stored(config: Config, taxonomy: Taxonomy) -> None:
    report = made(config, taxonomy).report
    (total,) = report.rows("totals")
    sources = {row["source"]: row["voices"] for row in report.rows("sources")}
    ((calls,),) = sql(config, DATABASE, "SELECT count(*) FROM events WHERE kind = 'CallStarted'")
    assert calls == 800
    assert total["calls"] == total["calls_before"] == 400
    ((cases,),) = sql(config, CASES, "SELECT count(*) FROM cases WHERE opened_at >= ?", BEGINS_MS)
    assert sources["case"] == cases
    assert int(str(total["complaints"])) <= sum(
        int(str(row["complaints"])) for row in report.rows("sources")
    )
    visits = sql(
        config,
        DATABASE,
        "SELECT count(*) FROM events WHERE kind = 'StepEntered' AND instr(body, ?) AND at >= ?",
        b'"step":"menu","verb":"menu"',
        BEGINS_MS,
    )
    steps = {row["step"]: row["visits"] for row in report.rows("steps")}
    assert steps["main.menu"] == visits[0][0]
    assert {row["branch"] for row in report.rows("branches")} >= {"102", "900", ""}


def test_the_same_bytes_twice_in_every_form(config: Config, taxonomy: Taxonomy) -> None:
    one, other = made(config, taxonomy).report, made(config, taxonomy).report
    assert report_json(one) == report_json(other)
    for language in ("zh", "en"):
        assert page(one, taxonomy.document, language) == page(other, taxonomy.document, language)


@pytest.mark.parametrize("branch", ["", "102"])
def test_a_report_is_verified_and_one_changed_byte_is_not(
    config: Config, taxonomy: Taxonomy, branch: str
) -> None:
    report = made(config, taxonomy, branch).report
    body = report_json(report)
    kept(config, taxonomy, body)
    assert judged(config, body).wrong == ""
    text = page(report, taxonomy.document, "en")
    assert judged(config, text.encode()).wrong == ""
    assert "`totals`" in judged(config, body.replace(b'"collected": ', b'"collected": 1')).wrong
    shown = text.replace("<h1>", "<h1> ", 1)
    assert "the text around them is not" in judged(config, shown.encode()).wrong


def test_a_year_is_made_of_the_reports_that_were_kept(tmp_path: Path) -> None:
    config, taxonomy = bank(tmp_path, 60), read_taxonomy(TAXONOMY)
    before = made(config, taxonomy, month="2026-09").report
    _keep(config, taxonomy, report_json(before), "2026-09")
    report = made(config, taxonomy).report
    assert [row["month"] for row in report.rows("year")] == ["2026-09", "2026-10"]
    of_before, of_now = report.rows("year")
    assert of_before["complaints"] == before.rows("totals")[0]["complaints"]
    assert of_now["per_thousand"] == report.rows("totals")[0]["per_thousand"]
    body = page(report, taxonomy.document, "en").encode()
    _keep(config, taxonomy, report_json(report), "2026-10")
    assert judged(config, body).wrong == ""
    voc_book(config).append("li", Corrected("case:00000001", "cards.fees", "x"))
    _keep(config, taxonomy, report_json(made(config, taxonomy, month="2026-09").report), "2026-09")
    assert judged(config, body).wrong == "", (
        "another report of September changes nothing of this one"
    )


def _keep(config: Config, taxonomy: Taxonomy, body: bytes, month: str) -> None:
    sha256 = hashlib.sha256(body).hexdigest()
    voc_book(config).keep(KeptReport(month, sha256, body, taxonomy.sha256, taxonomy.text))


def test_it_is_verified_as_it_was_whatever_has_happened_since(tmp_path: Path) -> None:
    config, taxonomy = bank(tmp_path, 60), read_taxonomy(TAXONOMY)
    body = report_json(made(config, taxonomy).report)
    kept(config, taxonomy, body)
    row = sql(config, DATABASE, "SELECT call_id, at, kind, body FROM events LIMIT 1")[0]
    insert = "INSERT INTO events (call_id, at, kind, body) VALUES (?, ?, ?, ?)"
    sql(config, DATABASE, insert, "late", BEGINS_MS + 10**8, *row[2:])
    (config.flows / "taxonomy.yaml").write_text("taxonomy: {}\n", "utf-8")
    voc_book(config).append("li", Corrected("case:00000001", "cards.fees", "x"))
    assert judged(config, body).wrong == ""
    assert report_json(made(config, taxonomy).report) != body
    sql(config, DATABASE, "UPDATE events SET at = at + 1 WHERE seq = ?", _one_of_october(config))
    assert judged(config, body).wrong != ""


def _one_of_october(config: Config) -> object:
    query = "SELECT seq FROM events WHERE kind = 'CallEnded' AND at > ? LIMIT 1"
    return sql(config, DATABASE, query, BEGINS_MS)[0][0]


def test_what_branches_answered_is_in_the_next_report(tmp_path: Path) -> None:
    config, taxonomy = bank(tmp_path, 200), read_taxonomy(TAXONOMY)
    september = made(config, taxonomy, month="2026-09").material
    now = OCTOBER.begins(september.zone)
    book = voc_book(config)
    sent = to_send(OCTOBER.before, september.now.matters, {}, now, 14)
    assert sent
    book.append("head office", *sent)
    book.append("li", Replied(sent[0].feedback, "done"))
    assert len(tracked(book.entries())) == len(sent)
    # It happened today, and so after October: October's report does not know of it.
    assert made(config, taxonomy).report.rows("feedback") == ()


def test_a_correction_holds_and_is_told_by_whom(tmp_path: Path) -> None:
    config, taxonomy = bank(tmp_path, 60), read_taxonomy(TAXONOMY)
    said = next(iter(made(config, taxonomy).material.now.said))
    voc_book(config).append("li", Corrected(said.voice.id, "praise.suggestion"))
    report = made(config, taxonomy).report
    counts = {row["how"]: row["voices"] for row in report.rows("found_by")}
    assert counts["corrected"] == 1
    assert report.sources["acts"].rows == 1


def test_without_its_taxonomy_nothing_is_claimed(tmp_path: Path) -> None:
    config = bank(tmp_path, 20)
    body = report_json(made(config, read_taxonomy(TAXONOMY + "\n# other\n")).report)
    with pytest.raises(Unverifiable, match="is not kept here"):
        judged(config, body)
    (config.flows / "taxonomy.yaml").unlink()
    with pytest.raises(NoTaxonomy, match="have no"):
        asyncio.run(in_force(config))
