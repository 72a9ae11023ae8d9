"""The trend of a year: of the reports that were kept, one of each month, and nobody else's."""

from __future__ import annotations

import hashlib

import pytest

from ivr.centre.voc.figures import VocReport, figure, report_json
from ivr.centre.voc.values import Month
from ivr.centre.voc.year import Past, past, rows
from ivr.model.errors import PortError
from ivr.ports.voc import KeptReport
from tests.centre.voc.kit import OCTOBER, ZONE


def kept(month: str, *days: tuple[int, int], branch: str = "") -> KeptReport:
    """Return a report of days with so many complaints of so many calls."""
    trend = [{"complaints": complaints, "calls": calls} for complaints, calls in days]
    report = VocReport(month, branch, ZONE.key, "", "", {}, (figure("trend", {}, [], [], trend),))
    body = report_json(report)
    return KeptReport(month, hashlib.sha256(body).hexdigest(), body, "", "")


def found(*reports: KeptReport, mark: int | None = None) -> list[tuple[str, int, int]]:
    months, proof = past(reports, OCTOBER, "", ZONE.key, mark)
    assert proof.rows == len(months)
    return [(one.month, one.complaints, one.calls) for one in months]


def test_the_latest_report_of_each_earlier_month_counts() -> None:
    reports = (
        kept("2026-09", (1, 100), (2, 200)),
        kept("2026-09", (4, 300), branch="102"),
        kept("2025-11", (7, 700)),
        kept("2025-10", (9, 900)),
        kept("2026-10", (9, 900)),
        kept("2026-09", (5, 310)),
    )
    assert found(*reports) == [("2025-11", 7, 700), ("2026-09", 5, 310)]
    _, proof = past(reports, OCTOBER, "", ZONE.key, None)
    assert proof.mark == 3
    later = (*reports, kept("2026-09", (6, 300)), kept("2026-08", (1, 1)))
    assert found(*later, mark=3) == found(*reports), "what is kept later changes nothing"
    assert past(later, OCTOBER, "", ZONE.key, 3)[1] == proof


def test_a_report_that_was_changed_is_none() -> None:
    one = kept("2026-09", (1, 100))
    changed = KeptReport(one.month, one.sha256, one.body.replace(b"100", b"900"), "", "")
    with pytest.raises(PortError, match="of 2026-09 was changed"):
        found(changed)


def test_a_month_beyond_the_limits_is_told_once_there_are_enough() -> None:
    month, months = OCTOBER, list[Past]()
    for number in range(11):
        month = Month.of(str(month)).before
        months.insert(0, Past(str(month), 100 + number % 2 * 4, 20_000, "x"))
    usual = rows([*months, Past("2026-10", 101, 20_000, "")])
    assert {row["signal"] for row in usual} == {""}
    assert None not in {row["low"] for row in usual}
    bad = rows([*months, Past("2026-10", 190, 20_000, "")])
    assert bad[-1]["signal"] == "above"
    assert {row["high"] for row in rows(months[-9:])} == {None}
