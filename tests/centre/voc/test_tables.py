"""The figures of a month: counted by hand, nothing lost, the same bytes twice, one change found."""

from __future__ import annotations

from collections import Counter
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.centre.voc.figures import (
    Figure,
    Unverifiable,
    VocReport,
    difference,
    encoded,
    read_report,
    report_json,
)
from ivr.centre.voc.listening import Traffic
from ivr.centre.voc.material import Half, Material, half
from ivr.centre.voc.tables import FIGURES, figures
from ivr.centre.voc.values import Source, Voice
from ivr.ports.voc import Proof
from tests.centre.voc.kit import BEGIN, DAY_MS, OCTOBER, TAXONOMY, ZONE


def said(number: int, day: int = 0, **fields: object) -> Voice:
    at = BEGIN + DAY_MS * day + 3_600_000
    given_: dict[str, Any] = {"source": Source.CASE, "call": f"c{number}", **fields}
    return Voice(f"case:{number:08d}", at_ms=at, **given_)


NOW = [
    said(1, text="年费", case="complaint", menu="main.menu", branch="102"),
    said(2, 1, text="年费", case="complaint", menu="main.menu"),
    said(3, 2, disposition="complaint", source=Source.DISPOSITION, menu="cards.menu"),
    said(4, 2, text="rude", queue="cards", case="suggestion", branch="900"),
    said(5, 2, text="nothing of that sort"),
]
BEFORE = [said(9, 3, text="年费", case="complaint")]
CALLS = {(0, ""): 100, (1, ""): 100, (2, "102"): 50, (2, "900"): 50}
VISITS = {("", "main.menu"): 180, ("102", "main.menu"): 20, ("", "cards.menu"): 10}


def a_half(voices: list[Voice], calls: dict[tuple[int, str], int]) -> Half:
    traffic = Traffic(Counter(calls), Counter(VISITS), {"v1"})
    return half(31, voices, traffic, TAXONOMY, {}, None)


def material(branch: str = "", now: list[Voice] = NOW) -> Material:
    return Material(
        OCTOBER,
        branch,
        ZONE,
        TAXONOMY,
        a_half(now, CALLS),
        a_half(BEFORE, {(0, ""): 200}),
        [],
        OCTOBER.ends(ZONE),
        0,
        None,
    )


def rows(name: str, branch: str = "") -> list[dict[str, Any]]:
    return [dict(row) for row in report(branch).rows(name)]


def report(branch: str = "", now: list[Voice] = NOW) -> VocReport:
    made = figures(material(branch, now))
    sources = {"calls": Proof(3, "ab", 7)}
    return VocReport("2026-10", branch, "Asia/Shanghai", "t", "", sources, made)


def test_the_totals_are_those_of_the_month() -> None:
    (total,) = rows("totals")
    wanted = {
        "calls": 300,
        "calls_before": 200,
        "collected": 5,
        "classified": 3,
        "unclassified": 2,
        "matters": 5,
        "complaints": 3,
        "complaints_before": 1,
        "per_thousand": 10.0,
    }
    assert {name: total[name] for name in wanted} == wanted
    assert total["low"] < 10 < total["high"]


def test_a_branch_is_compared_with_its_own_calls_or_with_all_where_it_has_none() -> None:
    (own,) = rows("totals", "102")
    assert (own["calls"], own["complaints"], own["per_thousand"]) == (50, 1, 20.0)
    none = material("901", [said(1, case="complaint", branch="901")])
    assert figures(none)[0].rows[0]["per_thousand"] == pytest.approx(1000 / 300)
    assert figures(none)[0].query["calls of"] == "the whole bank"


def test_themes_have_their_groups_and_what_has_none_is_last() -> None:
    found = [(row["theme"], row["level"], row["matters"], row["before"]) for row in rows("themes")]
    assert found == [
        ("cards", 1, 2, 1),
        ("cards.fees", 2, 2, 1),
        ("cards.lost", 2, 0, 0),
        ("people", 1, 1, 0),
        ("people.manner", 2, 1, 0),
        ("", 1, 2, 0),
    ]


def test_steps_are_ranked_by_what_is_sure_not_by_chance() -> None:
    found = rows("steps")
    assert [(row["step"], row["visits"], row["complaints"]) for row in found] == [
        ("cards.menu", 10, 1),
        ("main.menu", 200, 2),
    ]
    assert found[0]["low"] > found[1]["low"]
    assert [row["visits"] for row in rows("steps", "102")] == [20]


def test_a_call_that_complains_twice_counts_once_at_its_step() -> None:
    twice = [*NOW, msgspec.structs.replace(NOW[0], id="survey:x", text="rude", queue="cards")]
    found = {row["step"]: row["complaints"] for row in report(now=twice).rows("steps")}
    assert found["main.menu"] == 2


def test_days_have_their_complaints_and_calls() -> None:
    found = [(row["day"], row["complaints"], row["calls"]) for row in rows("trend")][:4]
    assert found == [
        ("2026-10-01", 1, 100),
        ("2026-10-02", 1, 100),
        ("2026-10-03", 1, 100),
        ("2026-10-04", 0, 0),
    ]


def test_every_figure_says_what_it_is_computed_of() -> None:
    made = report().figures
    assert [one.name for one in made] == list(FIGURES)
    for one in made:
        assert one.query["what"]
        assert one.query["since"].startswith("2026-10-01")
        assert len(one.data) == 64
        assert one.flows == ("v1",)


@given(st.permutations(NOW))
def test_order_does_not_matter(shuffled: list[Voice]) -> None:
    assert report_json(report(now=shuffled)) == report_json(report())


@given(
    st.lists(
        st.builds(
            said,
            st.integers(1, 99),
            st.integers(0, 30),
            text=st.sampled_from(["", "年费", "rude", "other words"]),
            case=st.sampled_from(["complaint", "suggestion"]),
            queue=st.sampled_from(["", "cards"]),
            who=st.sampled_from(["", "C1", "C2"]),
            branch=st.sampled_from(["", "102", "900"]),
        ),
        max_size=12,
        unique_by=lambda one: one.id,
    )
)
def test_counts_conserve(voices: list[Voice]) -> None:
    made = material(now=voices)
    found = {one.name: one.rows for one in figures(made)}
    (total,) = found["totals"]
    assert total["collected"] == len(voices)
    assert total["collected"] == int(str(total["classified"])) + int(str(total["unclassified"]))
    for name, field in (("sources", "voices"), ("found_by", "voices")):
        assert sum(int(str(row[field])) for row in found[name]) == len(voices)
    groups = [row for row in found["themes"] if row["level"] == 1]
    assert sum(int(str(row["matters"])) for row in groups) == total["matters"]
    assert sum(int(str(row["matters"])) for row in found["branches"]) == total["matters"]
    assert sum(int(str(row["complaints"])) for row in found["trend"]) == total["complaints"]


def _changed(made: VocReport, name: str, change: dict[str, Any]) -> VocReport:
    def other(one: Figure) -> Figure:
        if one.name != name:
            return one
        rows_ = ({**one.rows[0], **change}, *one.rows[1:])
        return msgspec.structs.replace(one, rows=rows_)

    return msgspec.structs.replace(made, figures=tuple(map(other, made.figures)))


def test_the_first_figure_that_differs_is_told() -> None:
    made = report()
    assert difference(made, report()) == ""
    wrong = _changed(_changed(made, "steps", {"visits": 11}), "themes", {"matters": 3})
    assert difference(wrong, made).startswith("figure `themes`: row 1 is")
    data = msgspec.structs.replace(made.figures[3], data="0" * 64)
    forged = msgspec.structs.replace(made, figures=(*made.figures[:3], data, *made.figures[4:]))
    assert difference(forged, made).startswith("figure `themes`: `data` is 000")
    read = msgspec.structs.replace(made, sources={"calls": Proof(4, "ab", 7)})
    assert difference(read, made).startswith("`sources` is")
    cut = msgspec.structs.replace(made, figures=made.figures[1:])
    assert "not those of a report" in difference(cut, made)


def test_what_is_stored_is_read_again_and_what_is_none_is_refused() -> None:
    made = report()
    assert encoded(read_report(report_json(made))) == encoded(made)
    with pytest.raises(Unverifiable, match="no report"):
        read_report(b'{"month": 1}')
