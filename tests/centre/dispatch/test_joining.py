"""Who may join, and who has to leave."""

from __future__ import annotations

import pytest

from ivr.centre.dispatch import Dismiss
from ivr.ports.agents import AgentState
from ivr.ports.waiting import Leaving
from tests.centre.dispatch.kit import Hand


def test_a_closed_queue_takes_nobody() -> None:
    hand = Hand()
    hand.ready(1001)
    assert hand.join("a", is_open=False) is Leaving.CLOSED
    assert hand.join("a") is None


@pytest.mark.parametrize(("empty", "refused"), [("leave", Leaving.EMPTY), ("wait", None)])
def test_a_queue_that_nobody_could_serve(empty: str, refused: Leaving | None) -> None:
    hand = Hand(f'service: {{agents: ["{{{{ loans >= 1 }}}}"], empty: {empty}}}')
    hand.ready(1001)
    assert hand.join("a") is refused


def test_pauses_make_no_queue_empty_and_the_last_log_out_does() -> None:
    hand = Hand(agents="{1001: {}, 1002: {}}")
    hand.join("a")
    hand.join("called-back")
    hand.as_callback("called-back")
    hand.all(AgentState.OFFLINE, 1001)
    assert hand.at(1) == []
    hand.all(AgentState.OFFLINE, 1002)
    assert hand.at(2) == [Dismiss("a", "service", Leaving.EMPTY)]
    assert hand.it.callers("service") == ("called-back",)
    assert hand.join("b", admitted=True) is None


def test_a_full_queue() -> None:
    hand = Hand("service: {agents: [anyone], full: 2}")
    assert [hand.join(call) for call in "abc"] == [None, None, Leaving.FULL]
    assert hand.join("c", admitted=True) is None


def test_a_ratio_of_callers_to_agents_and_somebody_is_always_admitted_where_nobody_waits() -> None:
    hand = Hand("service: {agents: [anyone], overflow: {ratio: 1}}", "{1001: {}, 1002: {}}")
    assert [hand.join(call) for call in "abc"] == [None, None, Leaving.OVERFLOW]
    hand.all(AgentState.OFFLINE, 1001)
    hand.it.leave("a", 0)
    assert hand.join("d") is Leaving.OVERFLOW
    hand.it.leave("b", 0)
    assert hand.join("d") is None


def test_an_estimate_that_is_too_long() -> None:
    hand = Hand("service: {agents: [anyone], overflow: {estimate: 6m}}")
    hand.all(AgentState.TALKING, 1001)
    assert [hand.join(call) for call in "abc"] == [None, None, Leaving.OVERFLOW]  # 180 s a call
    hand.it.finished("service", 0)
    assert hand.join("c") is Leaving.OVERFLOW  # 513 s
    for _ in range(20):
        hand.it.finished("service", 0)
    assert hand.join("c") is None


def test_where_nobody_waits_nothing_overflows() -> None:
    hand = Hand("service: {agents: [anyone], overflow: {estimate: 1s, ratio: 1}}")
    hand.all(AgentState.TALKING, 1001)
    assert [hand.join(call) for call in "ab"] == [None, Leaving.OVERFLOW]


def test_the_longest_wait() -> None:
    hand = Hand("service: {agents: [anyone], max_wait: 60s}")
    hand.join("a")
    hand.now = 5
    hand.join("later")
    hand.join("back", entered=-500, admitted=True)
    assert hand.it.callers("service") == ("back", "a", "later")
    assert hand.at(59) == []
    assert hand.it.next_look() == 60
    assert hand.at(60) == [Dismiss("a", "service", Leaving.TIMEOUT)]
    assert hand.at(65) == [
        Dismiss("later", "service", Leaving.TIMEOUT),
        Dismiss("back", "service", Leaving.TIMEOUT),
    ]


def test_a_wait_that_is_over_while_a_telephone_rings() -> None:
    hand = Hand("service: {agents: [anyone], max_wait: 60s}")
    hand.ready(1001)
    hand.join("a")
    assert hand.matches(50) == {"a": 1001}
    assert hand.at(60) == []
    hand.it.missed("a", "1001", 65)
    assert hand.at(65) == [Dismiss("a", "service", Leaving.TIMEOUT)]
