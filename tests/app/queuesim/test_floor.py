"""The floor in virtual time: what becomes of each caller, by hand."""

from __future__ import annotations

from typing import Any

import pytest

from ivr.app.queuesim.day import Behaviour, Outcome, Shift
from ivr.centre.kpi import Doing, Fate, Stay
from tests.app.queuesim.kit import call, happen, plan

W, H, A, C, O = Fate.WAITING, Fate.HANDLED, Fate.ABANDONED, Fate.CALLBACK, Fate.OVERFLOWED  # noqa: E741


def fates(outcome: Outcome) -> list[tuple[Fate, float]]:
    return [(stay.fate, stay.wait_ms / 1000) for stay in outcome.stays]


def test_one_agent_serves_one_caller_after_the_other() -> None:
    outcome = happen(plan(), call(0, talk=60, acw=30), call(10), call(20))
    assert fates(outcome) == [(H, 0), (H, 80), (H, 130)]
    assert outcome.work.times == {
        Doing.TALK: 180_000,
        Doing.ACW: 30_000,
        Doing.AVAILABLE: 86_400_000 - 210_000,
    }
    assert outcome.work.handled == 3


def test_who_loses_patience_is_gone_and_the_next_is_served() -> None:
    assert fates(happen(plan(), call(0), call(10, patience=20), call(20))) == [
        (H, 0),
        (A, 20),
        (H, 40),
    ]


def test_an_agent_rings_before_the_call_and_whoever_hangs_up_meanwhile_frees_them() -> None:
    ringing = Behaviour(ring_s=5)
    outcome = happen(plan(), call(0), call(61, patience=9), call(62), behaviour=ringing)
    assert fates(outcome) == [(H, 5), (A, 9), (H, 13)]


def test_who_is_not_answered_keeps_the_place() -> None:
    """Nobody ever answers: the telephone rings 15 s, the agent rests 10 s, and so on."""
    outcome = happen(plan(), call(0, patience=60), behaviour=Behaviour(missed=1))
    assert fates(outcome) == [(A, 60)]
    assert outcome.stays[0].missed == 2


@pytest.mark.parametrize(
    ("queue", "fate"),
    [({"full": 1}, (O, 0)), ({"max_wait": "15s"}, (O, 15)), ({}, (H, 110))],
)
def test_what_the_plan_says_is_done(queue: dict[str, Any], fate: tuple[Fate, float]) -> None:
    assert fates(happen(plan(**queue), call(0), call(5), call(10)))[-1] == fate


def test_a_closed_queue() -> None:
    outcome = happen(plan(), call(10), call(100), spans={"q": [(0, 50)]})
    assert fates(outcome) == [(H, 0), (O, 0)]
    assert outcome.stays[1].how == "closed"


def test_agents_come_and_go() -> None:
    """The second caller waits for the second shift; a conversation goes on over the end of one."""
    shifts = [Shift("1001", 0, 30), Shift("1001", 100, 200)]
    outcome = happen(plan(), call(0, talk=60), call(10), shifts=shifts)
    assert fates(outcome) == [(H, 0), (H, 90)]
    # Nothing is left of the first shift, 40 s of the second.
    assert outcome.work.times[Doing.AVAILABLE] == 40_000


def test_shifts_of_an_agent_that_overlap_are_one() -> None:
    shifts = [Shift("1001", 0, 100), Shift("1001", 50, 200)]
    outcome = happen(plan(), call(150, patience=20), shifts=shifts)
    assert fates(outcome) == [(H, 0)]
    assert outcome.work.times[Doing.AVAILABLE] == 150_000


def test_nobody_ever_comes_to_work() -> None:
    assert fates(happen(plan(), call(0, patience=30), shifts=[])) == [(A, 30)]
    assert fates(happen(plan(empty="leave"), call(0), shifts=[])) == [(O, 0)]


OFFERED: dict[str, Any] = {"estimate": "20s", "attempts": 2, "retry": "60s"}
CALLBACKS: dict[str, Any] = {"callbacks": OFFERED, "announce": {"every": "5s"}}
CUSTOMER_FIRST = {**CALLBACKS, "callbacks": {**OFFERED, "mode": "customer_first"}}


def called_back(outcome: Outcome) -> list[Stay]:
    return [stay for stay in outcome.stays if stay.callback]


@pytest.mark.parametrize("queue", [CALLBACKS, CUSTOMER_FIRST])
def test_who_is_offered_to_be_called_back_is(queue: dict[str, Any]) -> None:
    outcome = happen(plan(**queue), call(0, talk=300), call(10), call(20, patience=100))
    assert [stay.fate for stay in outcome.stays if not stay.callback] == [H, H, C]
    assert outcome.stays[2].wait_ms == 5000
    (later,) = called_back(outcome)
    assert (later.callback, later.fate) == (outcome.stays[2].call_id, H)


@pytest.mark.parametrize("queue", [CALLBACKS, CUSTOMER_FIRST])
def test_who_is_never_reached_is_given_up(queue: dict[str, Any]) -> None:
    nobody = Behaviour(ring_s=5, accept=1, reached=0)
    outcome = happen(
        plan(**queue), call(0, talk=300), call(10), call(20), call(1000), behaviour=nobody
    )
    assert [stay.fate for stay in outcome.stays] == [H, H, C, H]
    # An agent who is there first loses 5 s on each of two attempts, and on each caller.
    attempts = 0 if queue is CUSTOMER_FIRST else 2
    busy = 300 + 60 + 60 + 5 * (3 + attempts)
    assert outcome.work.times[Doing.AVAILABLE] == 1000 * (86_400 - busy)


def test_a_customer_who_was_called_back_and_not_served_took_a_callback_all_the_same() -> None:
    queue: dict[str, Any] = {
        "callbacks": {**CUSTOMER_FIRST["callbacks"], "lead": "10m"},
        "max_wait": "60s",
    }
    outcome = happen(
        plan(**queue, announce={"every": "5s"}), call(0, talk=1000), call(10), call(20)
    )
    assert [stay.fate for stay in outcome.stays] == [H, O, C]


def test_what_calls_take_is_learnt() -> None:
    """With calls of 20 s the third in line has no long wait before them; the dispatcher knows."""
    queue: dict[str, Any] = {
        "callbacks": {**OFFERED, "estimate": "2m"},
        "announce": {"every": "1s"},
    }
    quick = [call(25 * number, talk=20) for number in range(200)]
    together = [call(5000 + number / 10, talk=20) for number in range(4)]
    outcome = happen(plan(**queue), *quick, *together)
    assert {stay.fate for stay in outcome.stays} == {H}


def test_who_does_not_want_that_waits_on() -> None:
    nobody = Behaviour(ring_s=0, accept=0)
    outcome = happen(plan(**CALLBACKS), call(0), call(10), call(20), behaviour=nobody)
    assert [stay.fate for stay in outcome.stays] == [H, H, H]


@pytest.mark.parametrize(("surge", "handled"), [(True, 3), (False, 1)])
def test_a_surge_brings_the_second_line(surge: bool, handled: int) -> None:
    """Without help the one agent takes the first caller only."""
    rules = {"above": "5%", "below": "2%", "patience": "60s", "lasts": "0s"}
    queue: dict[str, Any] = {"surge": rules} if surge else {}
    many = plan(3, second_line=2, **queue)
    arrivals = [call(number * 10, patience=150, talk=400) for number in range(6)]
    outcome = happen(many, *arrivals)
    assert outcome.surges == surge
    assert sum(stay.fate is H for stay in outcome.stays) == handled


@pytest.mark.parametrize("wrong", [{"ring_s": -1}, {"missed": 1.1}, {"accept": -0.1}])
def test_no_such_behaviour(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="shares are from 0 to 1"):
        Behaviour(**wrong)
