"""Estimated waits, how wrong they are, callbacks offered, and surges."""

from __future__ import annotations

import math

import pytest

from ivr.centre.dispatch import SurgeChange
from ivr.centre.dispatch.estimate import Estimator
from ivr.centre.dispatch.surge import SurgeWatch
from ivr.model.queues import Surge
from ivr.ports.agents import AgentState
from tests.centre.dispatch.kit import Hand, plan_of


def seconds(hand: Hand, call_id: str) -> float:
    estimate = hand.it.estimate(call_id, hand.now)
    assert estimate is not None
    return estimate.seconds


def test_the_estimate_is_position_times_aht_over_agents() -> None:
    hand = Hand(agents="{1001: {}, 1002: {}, 1003: {}}")
    hand.all(AgentState.TALKING, 1001, 1002)  # 1003 is paused
    for call in "ab":
        hand.join(call)
    assert [seconds(hand, call) for call in "ab"] == [90, 180]
    assert hand.it.estimate_for("service", 0).seconds == 270  # type: ignore[union-attr]
    hand.ready(1001)
    assert [seconds(hand, call) for call in "ab"] == [0, 90]


def test_there_is_no_estimate_where_nobody_serves() -> None:
    hand = Hand()
    hand.join("a")
    assert hand.it.estimate("a", 0) is None
    assert hand.it.estimate_for("service", 0) is None


@pytest.mark.parametrize("real", [90.0, 180.0, 400.0])
def test_estimates_learn_what_waits_are_and_tell_how_wrong_they_were(real: float) -> None:
    it = Estimator()
    told = []
    for _ in range(300):
        told.append(it.corrected(it.plain(1, 1)))
        it.answered(180, told[-1], real)
    assert told[-1] == pytest.approx(real, rel=0.1)
    assert it.count == 300
    assert it.error < 0.2 * real


@pytest.mark.parametrize(("plain", "real", "told"), [(0.0, 60.0, 400), (60.0, 0.0, 25)])
def test_no_estimate_is_corrected_by_more_than_a_factor(
    plain: float, real: float, told: float
) -> None:
    it = Estimator()
    for _ in range(300):
        it.answered(plain, plain, real)
    assert it.corrected(100) == told


def test_who_is_free_for_somebody_else_shortens_no_estimate() -> None:
    hand = Hand(
        'service: {agents: ["{{ loans >= 50 }}", {after: 60s, when: anyone}]}',
        "{1001: {skills: {loans: 60}}, 1002: {}}",
    )
    hand.all(AgentState.TALKING, 1001)
    hand.ready(1002)
    hand.join("a")
    assert seconds(hand, "a") == 90
    hand.all(AgentState.OFFLINE, 1001)
    assert seconds(hand, "a") == 0


def test_the_error_is_of_what_was_told() -> None:
    it = Estimator()
    it.answered(100, 130, 100)
    assert (it.error, it.bias) == (30, 30)
    it.answered(100, 80, 100)
    assert (it.error, it.bias) == (25, 5)


def test_the_wait_of_somebody_answered_counts_once() -> None:
    hand = Hand()
    hand.all(AgentState.TALKING, 1001)
    hand.join("a")
    hand.ready(1001)
    assert hand.matches(200) == {"a": 1001}
    hand.it.answered("a", "1001", 210)
    hand.it.answered("a", "1001", 250)
    estimate = hand.it.estimate_for("service", 210)
    assert estimate is not None
    assert (estimate.count, estimate.error, estimate.bias) == (1, 30, -30)  # 180 s were told


def test_the_time_that_calls_take_is_learnt() -> None:
    hand = Hand()
    hand.all(AgentState.TALKING, 1001)
    for _ in range(200):
        hand.it.finished("service", 60)
    hand.join("a")
    assert seconds(hand, "a") == pytest.approx(60, rel=0.01)


def test_a_callback_is_offered_to_whoever_would_wait_long_and_is_not_the_first() -> None:
    hand = Hand(
        "{service: {agents: [anyone], callbacks: {estimate: 6m}}, other: {agents: [anyone]}}"
    )
    hand.all(AgentState.TALKING, 1001)
    for call in "abc":
        hand.join(call)
    hand.join("d", "other")
    hand.join("e", "other")
    assert [hand.it.offers_callback(call, 0) for call in "abcde"] == [
        False,
        False,
        True,
        False,
        False,
    ]
    for call in "ab":
        hand.it.leave(call, 0)
    for _ in range(200):
        hand.it.finished("service", 4000)
    assert not hand.it.offers_callback("c", 0)  # nobody is before them
    hand.join("f")
    assert hand.it.offers_callback("f", 0)
    hand.as_callback("f")
    assert not hand.it.offers_callback("f", 0)


SURGE = Surge.model_validate(
    {"above": "30%", "below": "10%", "patience": "100s", "lasts": "10s", "calm": "60s"}
)


def wait(share: float) -> float:
    """Return the wait at which so many would give up."""
    return -100 * math.log(1 - share)


def test_a_surge_begins_and_ends_when_it_has_been_so_for_a_while() -> None:
    it = SurgeWatch(SURGE)
    assert not it.look(wait(0.31), 9, 0)
    assert not it.look(wait(0.29), 9, 5)  # calm again: counted anew
    assert not it.look(wait(0.31), 9, 6)
    assert not it.look(wait(0.31), 9, 15.9)
    assert it.look(wait(0.31), 9, 16)
    assert (it.on, it.threshold) == (True, 0.3)
    assert it.predicted == pytest.approx(0.31)
    assert it.reason == "predicted abandonment 31.0% above 30.0%: 9 waiting, estimated wait 37 s"
    assert not it.look(wait(0.11), 2, 20)  # below what began it, but not low enough
    assert not it.look(wait(0.09), 1, 100)
    assert not it.look(wait(0.31), 9, 130)
    assert not it.look(wait(0.09), 1, 131)
    assert not it.look(wait(0.09), 1, 190.9)
    assert it.look(wait(0.09), 1, 191)
    assert not it.on
    assert "below 10.0%" in it.reason


HELP = """\
service:
  agents: ["{{ loans >= 20 }}"]
  surge: {above: 30%, below: 10%, patience: 100s, lasts: 2s, calm: 3s, pull: "{{ loans >= 50 }}", callbacks: 10s}
  callbacks: {estimate: 20m}
other: {agents: ["{{ loans >= 20 }}"]}
"""
HELPERS = """\
1001: {skills: {loans: 60}}
1002: {skills: {loans: 60}, second_line: true}
1003: {skills: {loans: 30}, second_line: true}
1004: {skills: {loans: 60}, second_line: true}
"""


def test_the_second_line_helps_in_a_surge_and_only_then() -> None:
    hand = Hand(HELP, HELPERS)
    hand.all(AgentState.TALKING, 1001)
    hand.all(AgentState.OFFLINE, 1004)
    hand.ready(1002, 1003)
    hand.join("other", "other")
    for call in "abc":
        hand.join(call)
    assert not hand.it.offers_callback("c", 0)
    assert hand.at(0) == []
    assert hand.it.next_look() == 1
    assert hand.at(1) == []
    begun, match = hand.at(2)
    assert isinstance(begun, SurgeChange)
    assert (begun.on, begun.agents, begun.threshold) == (True, ("1002",), 0.3)
    assert begun.predicted == pytest.approx(1 - math.exp(-7.2))
    assert (match.call_id, match.agent) == ("a", "1002")  # and 1003 is not skilled enough to help
    assert hand.it.outlook("service", 2).surge == begun.reason
    assert hand.it.offers_callback("c", 2)
    for call in "abc":
        hand.it.leave(call, 3)
    hand.all(AgentState.TALKING, 1002)
    hand.ready(1001)
    hand.at(3)
    hand.it.leave("other", 3)
    hand.ready(1001)
    assert [type(one) for now in (4, 5) for one in hand.at(now)] == []
    (ended,) = hand.at(6)
    assert (ended.on, ended.threshold, ended.agents) == (False, 0.1, ("1002",))
    hand.ready(1002)
    assert hand.it.free_agents("service", 8) == ("1001",)
    assert hand.it.outlook("service", 8).surge == ""


def test_a_plan_without_the_surge_ends_it() -> None:
    hand = Hand(HELP, HELPERS)
    hand.all(AgentState.TALKING, 1001)
    for call in "abc":
        hand.join(call)
    for now in (0, 1, 2):
        hand.at(now)
    hand.it.adopt(plan_of("service: {agents: [anyone]}", HELPERS), 3)
    (ended,) = hand.at(3)
    assert (ended.on, ended.queue, ended.reason) == (False, "service", "the plan has changed")
    hand.ready(1002)
    assert hand.it.free_agents("service", 4) == ()
    assert hand.at(4) == []


def test_a_rule_may_let_the_second_line_in_without_a_surge() -> None:
    hand = Hand(
        "service: {agents: [anyone, {after: 20s, when: anyone, second_line: true}]}",
        "{1001: {}, 1002: {second_line: true}}",
    )
    hand.ready(1002)
    hand.join("a")
    assert hand.matches(19) == {}
    assert hand.matches(20) == {"a": 1002}


def test_how_a_queue_stands() -> None:
    hand = Hand(agents="{1001: {}, 1002: {}}")
    hand.all(AgentState.TALKING, 1001)
    hand.join("a")
    hand.now = 10
    hand.join("b")
    hand.as_callback("a")
    now = hand.it.outlook("service", 30)
    assert (now.waiting, now.callbacks, now.longest) == (1, 1, 20)
    assert (now.ready, now.logged_in, now.predicted, now.surge) == (0, 2, None, "")
    assert hand.it.waiting("service") == 2
