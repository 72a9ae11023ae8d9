"""What the report says: both languages say the same, and what cannot be said is said."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
import pytest

from ivr.adapters.plot.survey import coverage_by_day, funnel_of
from ivr.adapters.surveypage.page import page
from ivr.adapters.surveypage.sections import LANGUAGES, Section, chance, sections, value, words
from ivr.app.surveypage import survey_page
from ivr.centre.surveyreport.report import Report, Tally, Wanted
from ivr.centre.surveyreport.scores import Figure
from ivr.centre.surveyreport.skew import compare
from ivr.ports.coverage import How, Reason
from tests.centre.surveyreport.honest import like_beta, month
from tests.centre.surveyreport.kit import NOON, call, leg

WANTED = Wanted(NOON.date(), NOON.date())


def report() -> Report:
    tally = Tally(WANTED)
    for place in range(12):
        answers = {"satisfied": str(place % 5 + 1), "solved": "1"}
        tally.take(call(answers, again=place % 2 == 0, legs=(leg(agent=str(1001 + place)),)))
    tally.take(call(how=How.INELIGIBLE, reason=Reason.SHORT, legs=()))
    return tally.report({}, unknown=("v0",))


def said(found: list[Section]) -> str:
    parts = []
    for section in found:
        rows = [" ".join(row) for table in section.tables for row in (table.head, *table.rows)]
        parts.append("\n".join((section.title, section.text, *section.notes, *rows)))
    return "\n".join(parts)


def test_both_languages_have_the_same_words_with_the_same_gaps() -> None:
    zh, en = (words(language) for language in LANGUAGES)
    assert list(zh) == list(en)
    assert all(isinstance(text, str) for some in (zh, en) for text in some.values())
    assert {key: _gaps(text) for key, text in zh.items()} == {
        key: _gaps(text) for key, text in en.items()
    }


def _gaps(text: str) -> set[str]:
    return {part.partition("}")[0] for part in text.split("{")[1:]}


@pytest.mark.parametrize("language", LANGUAGES)
def test_whatever_may_be_in_a_report_has_words(language: str) -> None:
    t = words(language)
    assert all(reason.value in t for reason in Reason)
    text = said(sections(report(), language))
    assert t["few"] in text
    assert t["short"] in text
    assert "v0" in text
    assert t["reward-few"].format(points=0) in text
    assert t["skew-few"] in text
    assert t["no-cases"] in text


def test_why_nothing_is_explained() -> None:
    found = msgspec.structs.replace(report(), unfitted="regression needs statsmodels")
    assert "regression needs statsmodels" in said(sections(found, "zh"))


def test_figures_as_they_are_written() -> None:
    assert value("csat", Figure(0.776, 0.736, 0.811, 464)) == "77.6 % (73.6 … 81.1)"
    assert value("nps", Figure(0.271, 0.196, 0.342, 432)) == "+27.1 (+19.6 … +34.2)"
    assert value("ces", Figure(3.98, 3.83, 4.14, 256)) == "3.98 (3.83 … 4.14)"
    assert [chance(p) for p in (0.25, 0.00002, 0)] == ["0.250", "2e-05", "< 1e-12"]


def test_a_page_of_nothing_and_what_is_written_in_it_is_no_html() -> None:
    empty = sections(Tally(WANTED).report({}), "en")
    assert "Nobody has answered yet." in page(WANTED, empty, {}, "en")
    queue = Wanted(NOON.date(), NOON.date(), "<b>")
    assert "&lt;b&gt;" in page(queue, empty, {}, "zh")


def test_the_same_page_twice() -> None:
    one, two = (survey_page(report(), "zh") for _ in range(2))
    assert one == two
    assert "<text" in one


def test_pictures_name_who_is_marked_and_have_units() -> None:
    sign = next(one for one in compare(month(7, like_beta, 40, hiding=1)) if one.sign == "unhappy")
    drawn = funnel_of(sign, words("zh"), "zh")
    marked = [one.agent for one in sign.findings if one.found]
    assert marked == ["0000"]
    assert all(text in drawn for text in ("0000", "计数次数", "比率，%", "99.8 % 的诚实坐席"))
    days: Mapping[str, Figure] = {
        f"2026-11-0{day}": Figure(0.99, 0.98, 0.995, 900) for day in (1, 2)
    }
    assert "coverage, %" in coverage_by_day(days, words("en"), "en")
