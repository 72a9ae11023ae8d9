"""Figures of a few calls, counted by hand."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pytest

from ivr.centre.rates import Rate
from ivr.centre.surveyreport.again import CalledAgain
from ivr.centre.surveyreport.answers import Told
from ivr.centre.surveyreport.call import Call
from ivr.centre.surveyreport.missing import two_proportions
from ivr.centre.surveyreport.report import Tally, Wanted
from ivr.centre.surveyreport.scores import Score, Scores, figure
from ivr.centre.surveyreport.strata import Cell, Key, post_stratified
from ivr.centre.surveyreport.totals import Grouped, Totals
from ivr.ports.coverage import Asked, How, Progress, Reason
from tests.centre.surveyreport.kit import NOON, QUESTIONS, call, leg, row

LATER: dict[str, Any] = {"how": How.MESSAGE}


def totals(*calls: Call) -> Totals:
    found = Grouped()
    for one in calls:
        found.take(one)
    return found.whole()


def scores(*calls: Call) -> dict[str, Score]:
    found = Scores()
    for one in calls:
        found.take(one)
    return {one.measure: one for one in found.scores()}


def test_what_a_campaign_asks_is_in_no_figure_of_the_calls() -> None:
    asked = call({"satisfied": "5"}, kind="campaign", legs=())
    found = totals(asked, call({"satisfied": "1"}))
    assert (found.calls, found.ineligible, found.eligible) == (2, {Reason.OWN: 1}, 1)
    assert asked.scores == ()
    told, again = Told(), CalledAgain()
    told.take(asked)
    (answers,) = told.answers()
    assert answers.counts["5"] == 1
    again.take(asked.row)
    assert again.after(row(NOON - timedelta(days=1)), NOON + timedelta(days=9)) is False


def test_coverage_response_and_completion() -> None:
    found = totals(
        call({"satisfied": "5"}),
        call({"satisfied": "", "solved": "1"}, asked={"how": "broken_off"}),
        call({"satisfied": ""}, asked={"how": "refused"}),
        call(asked={"progress": Progress.SENT, "how": ""}, **LATER),
        call({"solved": "2"}, asked={"progress": Progress.ANSWERED}, **LATER),
        call(asked={"progress": Progress.EXPIRED, "how": ""}, **LATER),
        call(asked={"progress": Progress.DUE, "how": ""}, **LATER),
        call(asked={"progress": Progress.CANCELLED, "how": ""}, **LATER),
        call(how=How.INELIGIBLE, reason=Reason.SHORT),
    )
    assert (found.calls, found.waiting) == (9, 1)
    assert found.ineligible == {Reason.SHORT: 1, "opted_out_later": 1}
    assert found.coverage == Rate(5, 6)
    assert found.response == Rate(3, 5)
    assert found.completion == Rate(2, 3)


def test_csat_is_the_top_two_boxes_nps_and_fcr() -> None:
    found = scores(
        call({"satisfied": "5", "recommend": "10", "solved": "1", "easy": "7"}),
        call({"satisfied": "4", "recommend": "8", "solved": "2", "easy": "4"}),
        call({"satisfied": "3", "recommend": "6", "solved": "1", "comment": "recorded"}),
        call({"satisfied": "1", "recommend": "0", "solved": ""}),
        call({"satisfied": "9"}),
    )
    raw = {name: (one.raw.value, one.raw.count) for name, one in found.items()}
    assert raw == {
        "csat": (0.5, 4),
        "nps": (-0.25, 4),
        "fcr": (pytest.approx(2 / 3), 3),
        "ces": (5.5, 2),
    }
    assert found["csat"].few


def test_weights_make_answers_stand_for_all_calls() -> None:
    """Two hours of 100 calls: 50 answers of content callers, 10 of others. Raw 5/6, weighted 1/2."""
    cells: list[tuple[Key, Cell]] = [
        (("service", 9, "completed"), Cell(100, 50, 50, 50)),
        (("service", 10, "completed"), Cell(100, 10, 0, 0)),
    ]
    found = post_stratified(cells)
    assert found is not None
    assert (found.mean, found.strata, found.pooled, found.unheard) == (0.5, 2, 0, 0)
    weights = [2.0] * 50 + [10.0] * 10
    assert found.effective == pytest.approx(sum(weights) ** 2 / sum(one**2 for one in weights))


def test_strata_of_few_answers_are_pooled_and_silent_ones_are_said() -> None:
    cells: list[tuple[Key, Cell]] = [
        (("service", 9, "a"), Cell(30, 3, 3, 3)),
        (("service", 10, "a"), Cell(10, 3, 0, 0)),
        (("loans", 9, "a"), Cell(60, 0, 0, 0)),
    ]
    found = post_stratified(cells)
    assert found is not None
    assert (found.mean, found.strata, found.pooled, found.unheard) == (0.5, 1, 1, 60)
    assert post_stratified([(("service", 9, "a"), Cell(30))]) is None


def test_who_is_not_asked_a_measure_is_not_stood_for() -> None:
    """Callers of the machine alone are asked how easy it was: CSAT is not theirs."""
    asked = [call({"satisfied": "5"}) for _ in range(6)]
    other = call()
    found = scores(*asked, Call(other.row, other.asked, NOON, {"easy": QUESTIONS["easy"]}))
    assert found["csat"].strata is not None
    assert found["csat"].strata.unheard == 0
    assert found["csat"].weighted == found["csat"].raw


def test_the_interval_of_nps_holds_what_it_promises() -> None:
    """Of 2,000 samples of 40 with NPS +20, about 95 % have it in their interval."""
    drawn, held = random.Random(11), 0
    for _ in range(2000):
        values = drawn.choices((1.0, 0.0, -1.0), (0.5, 0.2, 0.3), k=40)
        one = figure("nps", Cell(0, 40, sum(values), sum(abs(value) for value in values)))
        held += one.low <= 0.2 <= one.high
    assert 0.94 <= held / 2000 <= 0.97


def test_called_again_within_seven_days() -> None:
    again = CalledAgain()
    first = row(NOON)
    second = row(NOON + timedelta(days=6), ani="", customer="C1001")
    third = row(NOON + timedelta(days=8), customer="C1001")
    bank = row(NOON + timedelta(days=1), reason=Reason.OWN)
    for one in (first, second, third, bank):
        again.take(one)
    now = NOON + timedelta(days=20)
    assert again.after(first, now) is False
    assert again.after(second, now) is True
    assert again.after(second, NOON + timedelta(days=9)) is None
    assert again.after(row(ani=""), now) is None


def test_unhappy_are_those_who_call_again_or_say_so() -> None:
    assert call(again=True).unhappy
    assert call({"satisfied": "2"}, again=False).unhappy
    assert call({"solved": "2"}, again=False).unhappy
    assert call({"satisfied": "3", "solved": "1"}, again=False).unhappy is False
    assert call({"satisfied": "1"}).unhappy is None


def test_answers_have_their_labels_and_refusals() -> None:
    told = Told()
    for answer in ("1", "1", "2", ""):
        told.take(call({"solved": answer}))
    (found,) = told.answers()
    assert (found.counts, found.refused, found.measures) == ({"1": 2, "2": 1}, 1, "fcr")
    assert found.labels["zh"] == {"1": "是", "2": "否"}
    assert told.trend("fcr")["2026-11-02"].count == 3


def test_only_the_queue_and_the_agent_wanted() -> None:
    wanted = Wanted(NOON.date(), NOON.date(), "loans", "1002")
    tally = Tally(wanted)
    tally.take(call())
    tally.take(call(legs=(leg(agent="1002"),)))
    tally.take(call(legs=(leg("transfer", "1002"), leg(queue="loans"))))
    tally.take_case(Asked("case:1:1", "case-closed", {"solved": "2"}), QUESTIONS)
    found = tally.report({})
    assert found.whole.calls == 1
    raw = found.cases.scores[0].raw
    assert (raw.value, raw.low, raw.count) == (0, 0, 1)
    assert raw.high == pytest.approx(0.793, abs=0.001)


def test_no_calls_at_all() -> None:
    found = Tally(Wanted(NOON.date(), NOON.date())).report({})
    assert found.scores == ()
    assert found.whole.coverage.interval() == (0.0, 1.0)
    assert found.missing.answered == two_proportions(Rate(), Rate())
    assert all(sign.findings == () for sign in found.skew)
